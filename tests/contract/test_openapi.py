"""The committed OpenAPI document satisfies the linters that others would hold it to: Redocly and Spectral, every rule, no warning.

They are fetched by npm once (24 s) and kept below .deps. RENXIN_NODES names the node programs to run them on (by colon; `node` when
it is not set).
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = pathlib.Path(os.environ.get('RENXIN_ROOT') or HERE.parents[1])
sys.path.insert(0, str(ROOT / 'infra/dev'))

import node

LINT = HERE / 'openapi'
DOCUMENT = ROOT / 'docs/generated/openapi.json'
LOCKS = (LINT, ROOT / 'services/gateway/explorer')
NODES = os.environ.get('RENXIN_NODES', 'node').split(':')


class Locks(unittest.TestCase):
    def test_pins_are_exact_bear_a_digest_and_name_no_registry(self):
        for folder in LOCKS:
            wanted = json.loads((folder / 'package.json').read_text(encoding='utf-8'))['dependencies']
            locked = json.loads((folder / 'package-lock.json').read_text(encoding='utf-8'))['packages']
            for name, version in wanted.items():
                self.assertRegex(version, r'\A\d+\.\d+\.\d+\Z')
                self.assertEqual(locked[f'node_modules/{name}']['version'], version)
            for name, package in locked.items():
                if name:
                    self.assertRegex(package['integrity'], r'\Asha512-', (folder.name, name))
                    self.assertNotIn('resolved', package, (folder.name, name))


class Linters(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.modules = node.ensure(LINT) / 'node_modules'

    def run_on(self, program, script, *words):
        """Exit code and the JSON it printed. No word leaves the machine: telemetry and the look for a newer version are off."""
        quiet = {**os.environ, 'REDOCLY_TELEMETRY': 'off', 'REDOCLY_SUPPRESS_UPDATE_NOTICE': 'true', 'CI': 'true'}
        done = subprocess.run([program, str(self.modules / script), *map(str, words)], capture_output=True, timeout=120, check=False,
                              env=quiet, cwd=LINT)
        self.assertIn(done.returncode, (0, 1), done.stderr.decode())
        return done.returncode, json.loads(done.stdout)

    def redocly(self, program, document):
        code, said = self.run_on(program, '@redocly/cli/bin/cli.js', 'lint', '--format=json', '--max-problems=1000', '--config', LINT / 'redocly.yaml',
                                 document)
        return code, sorted((problem['severity'], problem['ruleId'], problem['location'][0]['pointer']) for problem in said['problems'])

    def spectral(self, program, document):
        code, said = self.run_on(program, '@stoplight/spectral-cli/dist/index.js', 'lint', '--quiet', '--format', 'json', '--fail-severity=hint',
                                 '--ruleset', LINT / 'spectral.yaml', document)
        return code, sorted((problem['severity'], problem['code'], '/'.join(map(str, problem['path']))) for problem in said)

    def test_redocly_has_nothing_to_say(self):
        for program in NODES:
            self.assertEqual(self.redocly(program, DOCUMENT), (0, []), program)

    def test_spectral_has_nothing_to_say(self):
        for program in NODES:
            self.assertEqual(self.spectral(program, DOCUMENT), (0, []), program)

    def test_both_speak_up_when_there_is_something(self):
        spoilt = json.loads(DOCUMENT.read_text(encoding='utf-8'))
        del spoilt['servers'], spoilt['info']['contact']
        operation = spoilt['paths']['/v1/staff/{id}']['get']
        operation['summary'] = ''
        operation['operationId'] = spoilt['paths']['/v1/staff']['get']['operationId']
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'openapi.json'
            path.write_text(json.dumps(spoilt), encoding='utf-8')
            code, problems = self.redocly(NODES[0], path)
            self.assertEqual(code, 1)
            self.assertLessEqual({'no-empty-servers', 'operation-summary', 'operation-operationId-unique'}, {rule for _, rule, _ in problems})
            code, problems = self.spectral(NODES[0], path)
            self.assertEqual(code, 1)
            self.assertLessEqual({'oas3-api-servers', 'info-contact', 'operation-operationId-unique'}, {rule for _, rule, _ in problems})


if __name__ == '__main__':
    unittest.main()
