"""What a new rpc costs, shown by a patch that adds one: `new_rpc.patch`, GET /v1/courses:count.

Always: the patch touches nothing but the contract, one service's module, its line of registration and a test;
it applies to this tree; protoc takes the contract, which only grew; every C++ file it touches compiles.
With RENXIN_TEST_LONG=1 also: the programs are built from the patched copy, a suite of them is started, and
the patch's own end-to-end test calls the new route through the gateway.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'contract')]

from compatibility import broken, compile_protos
from tree import ROOT, listed
from wire import contract_of

PATCH = HERE / 'new_rpc.patch'
LONG = bool(os.environ.get('RENXIN_TEST_LONG'))
RPC = 'renxin.leads.v1.CourseService.CountCourses'
MINE = re.compile(r'proto/renxin/leads/v1/courses\.proto|services/leads/courses/(?:rules|store|handlers)\.(?:h|cc)'
                  r'|services/leads/wiring\.cc|services/leads/courses/\w+_test\.cc|tests/e2e/test_\w+\.py')
SUITE = '''
import os, subprocess, sys
from suite import Instance
with Instance() as suite:
    told = {**os.environ, 'RENXIN_E2E_INSTANCE': str(suite.file)}
    sys.exit(subprocess.run([sys.executable, '-m', 'unittest', '-v', sys.argv[1]], env=told).returncode)
'''


def touched(patch):
    """path -> (lines added, lines removed)"""
    counts, path = {}, None
    for line in patch.split('\n'):
        if match := re.match(r'\+\+\+ b/(.+)', line):
            path = match.group(1)
            counts[path] = (0, 0)
        elif path and re.match(r'\+(?!\+\+ )', line):
            counts[path] = (counts[path][0] + 1, counts[path][1])
        elif path and re.match(r'-(?!-- )', line):
            counts[path] = (counts[path][0], counts[path][1] + 1)
    return counts


def misplaced(patch):
    for path, (added, removed) in touched(patch).items():
        if not MINE.fullmatch(path):
            yield f'{path}: a new rpc has no business there'
        elif path.endswith('wiring.cc') and (added, removed) != (1, 0):
            yield f'{path}: more than the line of registration'


def run(command, cwd, seconds=120, **options):
    done = subprocess.run([str(part) for part in command], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=seconds, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f'{command[0]} ended with {done.returncode}:\n{done.stdout[-8000:]}')
    return done.stdout


class NewRpc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='renxin-new-rpc-'))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.copy = cls.folder / 'tree'
        for name in listed():
            (cls.copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, cls.copy / name)
        # Two lines of context are enough: the files around the new rpc go on growing.
        run(['git', 'apply', '-C2', PATCH], cls.copy, env={**os.environ, 'GIT_CEILING_DIRECTORIES': str(cls.folder)})

    def test_it_touches_contract_store_handler_test_and_one_line_of_wiring(self):
        patch = PATCH.read_text(encoding='utf-8')
        self.assertEqual([], list(misplaced(patch)))
        self.assertTrue(any(path.endswith('.proto') for path in touched(patch)))
        self.assertTrue(any(path.startswith('tests/') or path.endswith('_test.cc') for path in touched(patch)))

    def test_touching_more_would_be_seen(self):
        for path in ('services/gateway/gateway.cc', 'shared/db/tx.h', 'infra/dev/suite.py', 'CMakeLists.txt'):
            with self.subTest(path):
                self.assertTrue(list(misplaced(f'--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n+int a;\n')))
        main = 'services/leads/wiring.cc'
        self.assertTrue(list(misplaced(f'--- a/{main}\n+++ b/{main}\n@@ -1 +1 @@\n+int a;\n+int b;\n')))

    def test_the_tree_does_not_have_it_yet(self):
        self.assertNotIn(RPC, contract_of(compile_protos(ROOT)).rpcs)

    def test_the_contract_has_the_route_and_only_grew(self):
        before, after = contract_of(compile_protos(ROOT)), contract_of(compile_protos(self.copy))
        self.assertEqual([], list(broken(before, after)))
        self.assertEqual(('GET', '/v1/courses:count', 200, '[]'), after.rpcs[RPC]['http'])
        self.assertEqual({RPC}, set(after.rpcs) - set(before.rpcs))

    def test_every_source_it_touches_compiles(self):
        generated = self.folder / 'generated'
        generated.mkdir()
        protos = sorted((self.copy / 'proto').rglob('*.proto'))
        run(['protoc', '-I', self.copy / 'proto', f'--cpp_out={generated}', *protos], self.copy)
        for path in touched(PATCH.read_text(encoding='utf-8')):
            if path.endswith('.cc'):
                with self.subTest(path):
                    run(['g++', '-std=c++20', '-fsyntax-only', '-Wall', '-Wextra', '-Wno-missing-field-initializers', '-Werror', '-I', self.copy,
                         '-isystem', generated, self.copy / path], self.copy)

    if LONG:
        def test_built_and_started_it_answers_through_the_gateway(self):
            if not (self.copy / '.deps').exists():
                (self.copy / '.deps').symlink_to(ROOT / '.deps')
            # Paths relative to the copy, so that the next run finds these objects in the cache.
            reported = {**os.environ, 'CCACHE_BASEDIR': str(self.copy), 'CCACHE_NOHASHDIR': '1', 'RENXIN_ROOT': str(self.copy)}
            run(['cmake', '--preset', 'dev', '-DRENXIN_TESTS=OFF'], self.copy, env=reported)
            run(['cmake', '--build', '--preset', 'dev', '--target', 'programs'], self.copy, 3000, env=reported)
            for name in self.e2e_modules():
                reported['PYTHONPATH'] = os.pathsep.join([str(self.copy / 'infra/dev'), str(self.copy / 'tests/e2e')])
                said = run([sys.executable, '-c', SUITE, name], self.copy, 300, env=reported)
                self.assertIn('OK', said)

    def e2e_modules(self):
        names = [pathlib.Path(path).stem for path in touched(PATCH.read_text(encoding='utf-8')) if path.startswith('tests/e2e/')]
        self.assertTrue(names)
        return names


if __name__ == '__main__':
    unittest.main()
