"""The commands of k8s/README.md, run to the letter with a kubectl that only writes down what it is asked for: they make every Secret that the overlays
want, with keys that our programs read."""
import os
import pathlib
import re
import shlex
import stat
import subprocess
import tempfile
import unittest

from base import BIN, ROOT
import kubernetes       # puts k8s/policies on the path
from build import BUSINESS
from documents import Documents

README = (ROOT / 'k8s/README.md').read_text(encoding='utf-8')
KUBECTL = '#!/bin/sh\nprintf "%s\\n" "$*" >> "$ASKED"\n'
BY_OTHERS = {'Secret/postgres-ca', 'Secret/authority', 'Secret/nats-tls', 'Secret/gateway-tls', 'ConfigMap/gateway-ca'}    # the README says whose they are


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix='renxin-install-')
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        (cls.folder / 'bin').mkdir()
        kubectl = cls.folder / 'bin/kubectl'
        kubectl.write_text(KUBECTL, encoding='ascii')
        kubectl.chmod(kubectl.stat().st_mode | stat.S_IXUSR)
        block = next(block for block in re.findall(r'```sh\n(.*?)```', README, re.DOTALL) if 'create secret' in block)
        cls.done = subprocess.run(['bash', '-euc', block], cwd=cls.folder, capture_output=True, text=True, check=False, timeout=60, env={
            'PATH': f'{cls.folder}/bin:{BIN}:{os.environ["PATH"]}', 'ASKED': str(cls.folder / 'asked')})
        cls.asked = [shlex.split(line) for line in (cls.folder / 'asked').read_text(encoding='ascii').splitlines()]

    def made(self):
        """{Secret/name: {key: file}}; a file without a key has its own name as the key."""
        found = {}
        for words in self.asked:
            if 'secret' in words:
                files = [word.removeprefix('--from-file=') for word in words if word.startswith('--from-file=')]
                found[f'Secret/{words[words.index("generic") + 1]}'] = {each.partition('=')[0]: each.rpartition('=')[2] for each in files}
        return found

    def test_they_make_every_secret_with_its_keys_and_nothing_that_nobody_wants(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        self.assertEqual(self.asked[0], ['apply', '-f', 'k8s/base/namespace.yaml'])
        self.assertTrue((ROOT / self.asked[0][2]).is_file())
        wanted = Documents([], 'hospital').given()
        self.assertEqual({name: set(keys) for name, keys in self.made().items()},
                         {name: keys for name, keys in wanted.items() if name not in BY_OTHERS})
        for overlay in kubernetes.overlays():
            for name, keys in Documents([], overlay).given().items():
                self.assertTrue(name in BY_OTHERS or keys <= set(self.made()[name]), (overlay, name))
        for name in BY_OTHERS:
            self.assertIn(f'`{name.partition("/")[2]}`', README)

    def test_what_is_in_them_is_what_our_programs_read(self):
        secrets = self.folder / 'secrets'
        self.assertEqual(stat.S_IMODE(secrets.stat().st_mode), 0o700)
        for service in BUSINESS:
            self.assertRegex((secrets / f'{service}.keys').read_text(encoding='ascii'), r'\Akek k1 [0-9a-f]{64}\nindex [0-9a-f]{64}\nhash [0-9a-f]{64}\n\Z')
            for part in ('app', 'owner'):
                self.assertRegex((secrets / f'{service}.{part}').read_text(encoding='ascii'), r'\A[0-9a-f]{48}\Z')     # it stands in a URL
        config = (secrets / 'renxin.conf').read_text(encoding='utf-8')
        for service in (*BUSINESS, 'gateway', 'provision'):
            self.assertIn(f'user: "{service}"', config)


if __name__ == '__main__':
    unittest.main()
