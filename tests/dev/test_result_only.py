"""`./dev real DIR > file`: the file is JSON and nothing else, whatever the build and the suite have to say."""
import json
import pathlib
import subprocess
import sys
import unittest

DEV = pathlib.Path(__file__).resolve().parents[2] / 'infra/dev'
SPOKEN = '''
import subprocess, sys
sys.path.insert(0, sys.argv[1])
import base
result = base.result_only()
base.say('building')
print('a line')
subprocess.run(['echo', 'ninja says'], check=True)
print('{"figures": 1}', file=result, flush=True)
base.say('over')
'''


class ResultOnly(unittest.TestCase):
    def test_standard_output_has_the_result_alone(self):
        done = subprocess.run([sys.executable, '-B', '-c', SPOKEN, str(DEV)], capture_output=True, text=True, check=True, timeout=30)
        self.assertEqual(json.loads(done.stdout), {'figures': 1})
        self.assertEqual(done.stderr.split('\n'), ['dev: building', 'a line', 'ninja says', 'dev: over', ''])


if __name__ == '__main__':
    unittest.main()
