"""Packages of npm below .deps: fetched once, whole or not at all, and not asked for again. npm is a script of the test's own here."""
import os
import pathlib
import stat
import tempfile
import unittest
from unittest import mock

import deps
import node
from base import ROOT, DevError

NPM = '''#!/bin/sh
echo "$@" >> "$NPM_CALLS"
[ -n "$NPM_FAILS" ] && { echo "npm error no such host" >&2; exit 7; }
mkdir -p node_modules/thing && cp package-lock.json node_modules/thing/
'''


class NodeTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.source = self.folder / 'tools'
        self.calls = self.folder / 'calls'
        for name in ('bin', 'tools', 'deps'):
            (self.folder / name).mkdir()
        npm = self.folder / 'bin/npm'
        npm.write_text(NPM, encoding='ascii')
        npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
        (self.source / 'package.json').write_text('{}', encoding='ascii')
        self.lock('1')
        path = f'{self.folder / "bin"}:{os.environ["PATH"]}'
        for patch in (mock.patch.object(node, 'DEPS', self.folder / 'deps'), mock.patch.object(node, 'say'),
                      mock.patch.dict(os.environ, {'PATH': path, 'NPM_CALLS': str(self.calls), 'NPM_FAILS': ''})):
            patch.start()
            self.addCleanup(patch.stop)

    def lock(self, text):
        (self.source / 'package-lock.json').write_text(text, encoding='ascii')

    def asked(self):
        return len(self.calls.read_text(encoding='ascii').splitlines()) if self.calls.exists() else 0

    def test_fetched_once_and_never_with_scripts(self):
        there = node.ensure(self.source)
        self.assertEqual((there / 'node_modules/thing/package-lock.json').read_text(encoding='ascii'), '1')
        self.assertEqual(node.ensure(self.source), there)
        self.assertEqual(self.calls.read_text(encoding='ascii'), 'ci --ignore-scripts --no-audit --no-fund\n')

    def test_another_lock_file_is_another_folder(self):
        first = node.ensure(self.source)
        self.lock('2')
        second = node.ensure(self.source)
        self.assertNotEqual(first, second)
        self.assertEqual((second / 'node_modules/thing/package-lock.json').read_text(encoding='ascii'), '2')
        self.assertEqual(self.asked(), 2)

    def test_a_failure_leaves_nothing_and_says_what_npm_said(self):
        with mock.patch.dict(os.environ, {'NPM_FAILS': '1'}), self.assertRaisesRegex(DevError, r'exit 7.*\n.*no such host'):
            node.ensure(self.source)
        self.assertEqual([path for path in (self.folder / 'deps/node').iterdir() if path.is_dir()], [])
        node.ensure(self.source)
        self.assertEqual(self.asked(), 2)

    def test_what_is_there_needs_no_npm(self):
        there = node.ensure(self.source)
        with mock.patch.dict(os.environ, {'PATH': ''}):
            self.assertEqual(node.ensure(self.source), there)
            self.lock('2')
            with self.assertRaisesRegex(DevError, r'run \./dev deps'):
                node.ensure(self.source)

    def test_cmake_looks_where_it_is_put(self):
        built = (ROOT / 'build/dev/services/gateway/explorer_pages.S').read_text(encoding='utf-8')
        self.assertIn(str(ROOT / '.deps/node' / node.place(deps.EXPLORER).name / 'node_modules/swagger-ui-dist/swagger-ui.css'), built)

    def test_debian_s_npm_is_wanted_only_where_there_is_none(self):
        with mock.patch('shutil.which', return_value=None):
            self.assertLessEqual(set(deps.NODE_PACKAGES), set(deps.wanted_packages()))
        with mock.patch('shutil.which', return_value='/usr/local/bin/npm'):
            self.assertFalse(set(deps.NODE_PACKAGES) & set(deps.wanted_packages()))


if __name__ == '__main__':
    unittest.main()
