"""What `./dev gen` writes is what stands in the tree."""
import os
import pathlib
import subprocess
import unittest

SERVICES = ('gateway',)
ROOT = pathlib.Path(os.environ.get('RENXIN_ROOT', pathlib.Path(__file__).resolve().parents[2]))


class Generated(unittest.TestCase):
    def test_openapi_is_fresh(self):
        made = subprocess.run([ROOT / 'build/dev/bin/renxin-gateway', '--openapi'], capture_output=True, check=True, timeout=30).stdout
        self.assertEqual(made.decode(), (ROOT / 'docs/generated/openapi.json').read_text(encoding='utf-8'), 'run ./dev gen')


if __name__ == '__main__':
    unittest.main()
