"""Where nats-server comes from: the machine's own Debian entry, whatever form it is written in."""
import pathlib
import tempfile
import unittest
from unittest import mock

import deps
from base import DevError

ARCHIVE = 'http://archive.example/debian'       # whatever the machine uses is kept


class DerivedSourceTest(unittest.TestCase):
    def derive(self, **files):
        with tempfile.TemporaryDirectory() as name:
            etc = pathlib.Path(name)
            (etc / 'sources.list.d').mkdir()
            for file, text in files.items():
                path = etc / {'plain': 'sources.list', 'deb822': 'sources.list.d/debian.sources',
                              'list': 'sources.list.d/other.list'}[file]
                path.write_text(text, encoding='utf-8')
            return deps.derived_source('trixie', etc, 'bookworm')

    def test_deb822_keeps_address_and_key(self):
        name, text = self.derive(deb822=f'''
# a comment
Types: deb
URIs: {ARCHIVE}-security
Suites: bookworm-security
Components: main
Signed-By: /keys/security.gpg

Types: deb deb-src
# another
URIs: {ARCHIVE}
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /keys/archive.gpg
''')
        self.assertEqual(name, 'derived.sources')
        self.assertEqual(text, f'Types: deb\nURIs: {ARCHIVE}\nSuites: trixie\nComponents: main\n'
                               'Signed-By: /keys/archive.gpg\n')

    def test_deb822_disabled_or_sources_only_is_passed_over(self):
        for line in ('Enabled: no', 'Types: deb-src'):
            with self.subTest(line), self.assertRaisesRegex(DevError, 'no entry for Debian bookworm main'):
                self.derive(deb822=f'Types: deb\nURIs: {ARCHIVE}\nSuites: bookworm\nComponents: main\n{line}\n')

    def test_one_line_entry(self):
        lines = f'deb {ARCHIVE}-security bookworm-security main\n# deb x bookworm main\ndeb {ARCHIVE} bookworm main contrib\n'
        self.assertEqual(self.derive(plain=lines), ('derived.list', f'deb {ARCHIVE} trixie main\n'))

    def test_one_line_entry_keeps_its_options(self):
        line = f'deb [arch=amd64 signed-by=/keys/a.gpg] {ARCHIVE} bookworm main\n'
        self.assertEqual(self.derive(list=line)[1], f'deb [arch=amd64 signed-by=/keys/a.gpg] {ARCHIVE} trixie main\n')

    def test_another_distribution_s_entry_is_not_taken(self):
        with self.assertRaises(DevError):
            self.derive(list='deb http://vendor.example/apt stable main\n')


class InstalledTest(unittest.TestCase):
    def test_every_wanted_package_has_a_plausible_name(self):
        names = deps.wanted_packages()
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertRegex(name, r'^[a-z0-9][a-z0-9.+-]+$')

    def test_a_browser_is_wanted_only_where_there_is_none(self):
        with mock.patch('shutil.which', return_value=None):
            self.assertEqual(deps.browser_packages(), ['chromium'])
        with mock.patch('shutil.which', return_value='/usr/bin/chromium'):
            self.assertEqual(deps.browser_packages(), [])

    def test_unpacked_server_is_young_enough(self):
        self.assertGreaterEqual(deps.nats_version(deps.nats_server()), deps.NATS_MINIMUM)


if __name__ == '__main__':
    unittest.main()
