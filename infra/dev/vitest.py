"""Tests of the console as tests of unittest: Vitest runs them, each becomes one of ours.

    def load_tests(loader, tests, pattern):
        return vitest.suite(__name__, 'vitest.config.ts')
"""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import console
import node

SECONDS = 900


class Reported(unittest.TestCase):
    """One test that Vitest has run."""

    def __init__(self, module, name, failure):
        super().__init__('test_holds')
        self.module, self.name, self.failure = module, name, failure

    def id(self):
        return f'{self.module}.{self.name}'

    def __str__(self):
        return self.id()

    def test_holds(self):
        if self.failure:
            self.fail(self.failure)


def run(config, environment=None, arguments=()):
    """(name, what it said or None) of every test; a file that could not be run counts as a test that failed."""
    packages = node.console()
    console.generate()
    with tempfile.TemporaryDirectory(prefix='renxin-vitest-') as folder:
        report = pathlib.Path(folder) / 'report.json'
        command = [str(node.toolchain() / 'node'), str(packages / 'vitest/vitest.mjs'), 'run', '-c', config, '--reporter=json', f'--outputFile={report}',
                   *arguments]
        done = subprocess.run(command, cwd=console.SOURCE, env={**console.environment(), **(environment or {})}, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=SECONDS)
        if not report.exists():
            raise AssertionError(f'vitest ended with {done.returncode} and no report:\n{done.stdout[-8000:]}')
        return read(json.loads(report.read_text(encoding='utf-8')))


def read(report):
    found = []
    for file in report['testResults']:
        stem = pathlib.PurePosixPath(file['name']).name.removesuffix('.test.ts')
        for test in file['assertionResults']:
            said = None if test['status'] == 'passed' else '\n'.join(test.get('failureMessages') or []) or test['status']
            found.append((f'{stem}: {test["fullName"]}', said))
        if file['status'] != 'passed' and not any(said for name, said in found if name.startswith(f'{stem}: ')):
            found.append((stem, file.get('message') or 'the file could not be run'))
    return found


def suite(module, config, environment=None, arguments=()):
    found = run(config, environment, arguments)
    if not found:
        raise AssertionError(f'{config}: no test was run')
    return unittest.TestSuite(Reported(module, name, failure) for name, failure in found)


def chromium():
    """For tests in a browser: the one that is named, else Debian's."""
    wanted = os.environ.get('RENXIN_CHROMIUM', 'chromium')
    found = shutil.which(wanted)
    if not found:
        raise AssertionError(f'there is no browser {wanted}: run ./dev deps')
    return found
