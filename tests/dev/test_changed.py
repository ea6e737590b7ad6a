"""`./dev test --changed`: what runs for which change."""
import pathlib
import tempfile
import unittest
from unittest import mock

import build
import changed
import runner
from base import ROOT

LINKED = {'core_test': {'shared/core/fen.h', 'shared/core/fen_test.cc'},
          'membership_store_test': {'shared/core/fen.h', 'services/membership/points/store.cc', 'services/membership/points/store.h'},
          'referrals_store_test': {'shared/core/fen.h', 'services/referrals/recognitions/store.cc'}}
MODULES = {'tests/architecture/test_architecture': ('every',), 'tests/contract/test_openapi': ('every',), 'tests/dev/test_runner': ('every',),
           'tests/dev/test_readmes': ('every',), 'tests/fuzz/test_fuzz': ('every',), 'tests/component/test_broker': ('cli',),
           'tests/chaos/test_chaos': ('every',), 'tests/e2e/test_members': ('identity', 'leads', 'membership'),
           'tests/e2e/test_referrals': ('identity', 'leads', 'referrals'), 'tests/e2e/test_readme': ('leads', 'cli')}
ALWAYS = {'tests/architecture/test_architecture', 'tests/contract/test_openapi'}


class MappingTest(unittest.TestCase):
    def touched(self, *paths):
        found = changed.touched(paths, LINKED, MODULES)
        self.assertLessEqual(ALWAYS, found)
        return found - ALWAYS

    def test_nothing_changed_is_architecture_and_contract(self):
        self.assertEqual(self.touched(), set())

    def test_shared_runs_everything(self):
        self.assertEqual(self.touched('shared/core/fen.h') | ALWAYS, set(LINKED) | set(MODULES))

    def test_a_service_runs_what_it_is_linked_into_and_the_modules_that_name_it(self):
        self.assertEqual(self.touched('services/membership/points/store.cc'),
                         {'membership_store_test', 'tests/e2e/test_members', 'tests/chaos/test_chaos'})
        self.assertEqual(self.touched('services/cli/main.cc'), {'tests/component/test_broker', 'tests/e2e/test_readme', 'tests/chaos/test_chaos'})

    def test_contract_gateway_and_sign_in_touch_every_module_on_a_suite(self):
        on_a_suite = {name for name in MODULES if name.startswith(('tests/e2e/', 'tests/chaos/', 'tests/component/'))}
        for path in ('proto/renxin/leads/v1/leads.proto', 'services/gateway/routes/routes.cc', 'services/identity/main.cc', 'tests/e2e/harness.py',
                     'infra/dev/suite.py', 'infra/postgres/postgresql.conf'):
            with self.subTest(path):
                self.assertLessEqual(on_a_suite, self.touched(path))
                self.assertFalse(self.touched(path) & set(LINKED))

    def test_a_module_runs_alone_and_what_a_folder_shares_runs_the_folder(self):
        self.assertEqual(self.touched('tests/e2e/test_members.py'), {'tests/e2e/test_members'})
        self.assertEqual(self.touched('tests/chaos/load.py'), {'tests/chaos/test_chaos'})
        self.assertEqual(self.touched('tests/dev/fakes.py'), {'tests/dev/test_runner', 'tests/dev/test_readmes'})

    def test_documentation_runs_what_reads_it(self):
        self.assertEqual(self.touched('README.md'), {'tests/dev/test_readmes', 'tests/e2e/test_readme'})
        self.assertEqual(self.touched('docs/live.md', 'services/membership/README.md', '.clang-tidy'), set())

    def test_what_the_build_or_nobody_knows_runs_everything(self):
        for path in ('services/membership/CMakeLists.txt', 'CMakePresets.json', 'infra/deps/debian12.txt', 'tests/new', 'something.new'):
            with self.subTest(path):
                self.assertEqual(self.touched(path) | ALWAYS, set(LINKED) | set(MODULES))


class TreeTest(unittest.TestCase):
    """The mapping's sources as they stand in this tree."""

    def test_every_end_to_end_module_declares_services_that_exist(self):
        known = {*build.SERVICES, 'cli', changed.EVERY}
        for path in (ROOT / 'tests/e2e').glob('test_*.py'):
            with self.subTest(path.name):
                self.assertIn('\nSERVICES = (', path.read_text(encoding='utf-8'))
                self.assertLessEqual(set(changed.services_of(path)), known)

    def test_a_module_that_declares_nothing_is_touched_by_all(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, 'test_it.py')
            for text, services in (('import os\n', ('every',)), ("import os\nSERVICES = ('leads', 'cli')\n", ('leads', 'cli'))):
                path.write_text(text, encoding='utf-8')
                self.assertEqual(changed.services_of(path), services)

    def test_ninja_knows_what_a_program_is_made_from(self):
        linked = changed.closures(runner.programs_of(build.BUILD))
        membership, referrals = linked['membership_store_test'], linked['referrals_store_test']
        for path in ('services/membership/delivery_test.cc', 'proto/renxin/membership/v1/membership.proto'):
            self.assertIn(path, membership)
        self.assertTrue(any(path.startswith('services/membership/migrations/') for path in membership))
        self.assertFalse([path for path in referrals if path.startswith('services/membership/')])
        headers = {path for path in membership if path.startswith('shared/') and path.endswith('.h')}
        self.assertTrue(headers and headers & referrals)

    def test_a_selection_is_narrowed(self):
        with mock.patch.object(changed, 'changed', lambda: ['services/membership/delivery_test.cc']):
            named = set(runner.Selection(None, False, only_changed=True).named)
        self.assertIn('membership_store_test', named)
        self.assertIn('tests/e2e/test_membership', named)
        self.assertFalse(named & {'referrals_store_test', 'tests/e2e/test_refunds', 'tests/component/test_broker'})

    def test_changes_are_those_against_main_and_new_files(self):
        said = {'merge-base': ['abc\n'], 'diff': ['infra/dev/main.py', ''], 'ls-files': ['infra/dev/new.py', '']}
        with mock.patch.object(changed.check, 'git', lambda what, *arguments: said[what]):
            self.assertEqual(changed.changed(), ['infra/dev/main.py', 'infra/dev/new.py'])


if __name__ == '__main__':
    unittest.main()
