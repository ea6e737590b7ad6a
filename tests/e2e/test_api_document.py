"""The commands of docs/api.md are run as they are written, and print what is written under them."""
import os
import pathlib
import re
import subprocess
import unittest

import harness
import people

ROOT = pathlib.Path(os.environ['RENXIN_ROOT'])
DOCUMENT = (ROOT / 'docs/api.md').read_text(encoding='utf-8')
EXAMPLE = re.compile(r'^```sh\n(.*?)^```\n\n^```json\n(.*?)^```$', re.DOTALL | re.MULTILINE)
SERVICES = ()     # identity and leads, through the gateway, whose conventions it documents
NEXT = '--- next example'


def shortened(text):
    text = re.sub(r'\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b', '0190…', text)
    return re.sub(r'\b[0-9a-f]{32}\b', '4bf9…', text)


class ApiDocument(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        suite = harness.suite()
        script = f'\necho "{NEXT}"\n'.join(commands for commands, _ in EXAMPLE.findall(DOCUMENT))
        script = re.sub(r'^export URL=.*$', '', script, flags=re.MULTILINE).replace('E-1001', people.code('e'))
        script = script.replace('var/administrator.password', suite['administrator']['password_file'])
        done = subprocess.run(['bash', '-euo', 'pipefail', '-c', script], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env={**os.environ, 'URL': suite['url'], 'CA': suite['ca']}, timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(f'ended with {done.returncode}:\n{done.stdout}{done.stderr}')
        cls.printed = done.stdout.split(NEXT + '\n')

    def test_every_example_prints_what_is_written_under_it(self):
        written = [output for _, output in EXAMPLE.findall(DOCUMENT)]
        self.assertEqual(len(written), DOCUMENT.count('```sh\n'), 'an example shows what it prints')
        self.assertEqual([shortened(text) for text in self.printed], written)

    def test_a_repetition_under_the_same_key_got_the_same_record(self):
        twice = next(text for text in self.printed if '周*' in text).splitlines()
        self.assertEqual(len(twice), 2)
        self.assertEqual(len(set(twice)), 1)


if __name__ == '__main__':
    unittest.main()
