"""The console without a browser: its unit tests, its types, its lock files, and what its build refuses."""
import json
import pathlib
import tempfile
import unittest
from unittest import mock

import console
import node
import vitest
from base import ROOT, DevError

LOCKS = (node.CONSOLE / 'package-lock.json', node.TOOLCHAIN / 'package-lock.json')


class ConsoleTest(unittest.TestCase):
    def test_types_fit_the_contract(self):
        packages = node.console()
        console.generate()
        console.run_node(packages / 'vue-tsc/bin/vue-tsc.js', '--noEmit', what='vue-tsc')

    def test_lock_files_have_a_digest_for_each_package_and_no_address(self):
        for lock in LOCKS:
            packages = json.loads(lock.read_text(encoding='utf-8'))['packages']
            for name, package in packages.items():
                self.assertNotIn('resolved', package, f'{lock}: {name}')
                self.assertTrue(not name or package['integrity'].startswith('sha512-'), f'{lock}: {name}')

    def test_packages_are_named_in_exact_versions(self):
        for folder in (node.CONSOLE, node.TOOLCHAIN):
            named = json.loads((folder / 'package.json').read_text(encoding='utf-8'))
            for version in {**named['dependencies'], **named.get('devDependencies', {})}.values():
                self.assertRegex(version, r'^\d+\.\d+\.\d+$')

    def test_what_is_generated_is_ignored_by_git(self):
        self.assertIn('/console/src/api/generated/', (ROOT / '.gitignore').read_text(encoding='utf-8').splitlines())


class BuildTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.out = pathlib.Path(scratch.name)
        self.dist = self.out / 'dist'
        (self.dist / 'assets').mkdir(parents=True)
        (self.dist / 'index.html').write_text('<script src="/c/assets/index-1.js"></script>', encoding='ascii')
        self.put('index-1.js', 'let a;')

    def put(self, name, text):
        (self.dist / 'assets' / name).write_text(text, encoding='utf-8')

    def test_files_are_listed_with_their_paths_types_and_how_long_they_are_kept(self):
        console.embed(self.out)
        rows = [line.split('=') for line in (self.out / 'files.txt').read_text(encoding='utf-8').splitlines()]
        self.assertEqual([(path, kind, zipped, immutable) for path, kind, _, zipped, immutable in rows],
                         [('/c/assets/index-1.js', 'text/javascript', 'true', 'true'), ('/c/', 'text/html', 'true', 'false')])

    def test_the_same_files_are_compressed_to_the_same_bytes(self):
        console.embed(self.out)
        first = (self.out / 'embedded/assets/index-1.js').read_bytes()
        console.embed(self.out)
        self.assertEqual((self.out / 'embedded/assets/index-1.js').read_bytes(), first)

    def test_a_budget_that_is_outgrown_fails_the_build(self):
        console.measure(self.dist, console.embed(self.out))
        for name in ('FIRST', 'ALL'):
            with mock.patch.object(console, name, 20), self.assertRaisesRegex(DevError, 'outgrown its budget'):
                console.measure(self.dist, console.embed(self.out))
        self.put('part-2.js', 'let b = "a part that a screen loads for itself"')
        with mock.patch.object(console, 'PART', 20), self.assertRaisesRegex(DevError, 'largest part'):
            console.measure(self.dist, console.embed(self.out))

    def test_a_file_that_names_another_host_fails_the_build(self):
        self.put('index-1.js', 'fetch("https:' '//example.org/x")')
        with self.assertRaisesRegex(DevError, 'names another host.*example'):
            console.measure(self.dist, console.embed(self.out))


class VitestTest(unittest.TestCase):
    def test_failures_and_files_that_cannot_be_run_are_counted(self):
        ran = {'status': 'failed', 'name': '/x/money.test.ts', 'assertionResults': [
            {'status': 'passed', 'fullName': 'a'}, {'status': 'failed', 'fullName': 'b', 'failureMessages': ['not so']},
            {'status': 'pending', 'fullName': 'c', 'failureMessages': []}]}
        broken = {'status': 'failed', 'name': '/x/time.test.ts', 'assertionResults': [], 'message': 'no such module'}
        self.assertEqual(vitest.read({'testResults': [ran, broken]}),
                         [('money: a', None), ('money: b', 'not so'), ('money: c', 'pending'), ('time', 'no such module')])


def load_tests(_loader, tests, _pattern):
    tests.addTests(vitest.suite('console', 'vitest.config.ts'))
    return tests


if __name__ == '__main__':
    unittest.main()
