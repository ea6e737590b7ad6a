"""The test runner can fail: every way a program can go wrong is counted."""
import contextlib
import io
import os
import pathlib
import sys
import tempfile
import textwrap
import unittest

import base
import runner
from fakes import alive
from jobs import Job, Result

GOOGLETEST = '''\
#!/usr/bin/env python3
import json, sys
report = next(word[len('--gtest_output=json:'):] for word in sys.argv if word.startswith('--gtest_output=json:'))
json.dump({'testsuites': [{'name': 'Rules', 'testsuite': [
    {'name': 'L1', 'status': 'RUN', 'result': 'COMPLETED'},
    {'name': 'L2', 'status': 'RUN', 'result': 'COMPLETED', 'failures': [{'failure': 'Expected: 1'}]},
    {'name': 'L3', 'status': 'RUN', 'result': 'SKIPPED'},
    {'name': 'DISABLED_L4', 'status': 'NOTRUN', 'result': 'SUPPRESSED'}]}]}, open(report, 'w'))
sys.exit(1)
'''


class JobTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_job(self, name, text, seconds=30, case=None):
        path = self.folder / name
        path.write_text(textwrap.dedent(text), encoding='utf-8')
        path.chmod(0o755)
        return Job(name, path, self.folder / 'report.json', dict(os.environ), seconds, case).run()

    def module(self, body, **options):
        text = 'import unittest\nclass T(unittest.TestCase):\n' + textwrap.indent(textwrap.dedent(body), '    ')
        return self.run_job('test_it.py', text, **options)

    def test_googletest_report(self):
        result = self.run_job('program', GOOGLETEST)
        self.assertEqual((result.passed, result.failed, result.skipped), (1, 1, 2))
        self.assertEqual(result.failures, [('Rules.L2', 'Expected: 1')])

    def test_crash_before_the_report_is_one_failure(self):
        result = self.run_job('program', '#!/bin/sh\necho "[       OK ] A.b (0 ms)"\nkill -SEGV $$\n')
        self.assertEqual((result.passed, result.failed), (1, 1))
        self.assertIn('SIGSEGV', result.failures[0][1])

    def test_bad_end_after_a_good_report_is_a_failure(self):
        fine = GOOGLETEST.replace(", 'failures': [{'failure': 'Expected: 1'}]", '')
        result = self.run_job('program', fine)
        self.assertEqual((result.passed, result.failed), (2, 1))
        self.assertIn('exit 1', result.failures[0][1])

    def test_silent_program_is_a_failure(self):
        result = self.run_job('program', '#!/bin/sh\nexit 0\n')
        self.assertEqual((result.passed, result.failed), (0, 1))

    def test_too_long_is_killed_with_what_it_started(self):
        child = self.folder / 'child'
        result = self.run_job('program', f'#!/bin/sh\nsleep 1000 & echo $! > {child}\nwait\n', seconds=0.5)
        self.assertIn('killed after', result.failures[0][1])
        self.assertTrue(base.eventually(5, lambda: not alive(int(child.read_text(encoding='ascii')))))

    def test_python_module(self):
        result = self.module('''
            def test_good(self): pass
            def test_bad(self): self.assertEqual(1, 2)
            def test_error(self): raise OSError('gone')
            @unittest.skip('not here')
            def test_skipped(self): pass
            def test_parts(self):
                for part in (1, 2):
                    with self.subTest(part): self.assertEqual(part, 1)
            @unittest.expectedFailure
            def test_unexpected(self): pass
        ''')
        self.assertEqual((result.passed, result.failed, result.skipped), (1, 4, 1))

    def test_python_module_that_cannot_be_loaded(self):
        result = self.run_job('test_it.py', 'import nothing_of_that_name\n')
        self.assertEqual((result.passed, result.failed), (0, 1))
        self.assertIn('nothing_of_that_name', result.failures[0][1])

    def test_class_set_up_that_fails(self):
        result = self.module('''
            @classmethod
            def setUpClass(cls): raise OSError('gone')
            def test_good(self): pass
        ''')
        self.assertEqual((result.passed, result.failed), (0, 1))

    def test_case_narrows(self):
        result = self.module('def test_one(self): pass\ndef test_two(self): pass\n', case='one')
        self.assertEqual((result.passed, result.failed), (1, 0))


class ConclusionTest(unittest.TestCase):
    def conclude(self, *results):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = runner.conclude(results)
        return code, said.getvalue().splitlines()[-1]

    def test_last_line_and_exit_code(self):
        bad = Result('b', passed=1, failures=[('x', '')])
        self.assertEqual(self.conclude(Result('a', passed=2)), (0, '2 passed, 0 failed'))
        self.assertEqual(self.conclude(Result('a', passed=2), bad), (1, '3 passed, 1 failed'))

    def test_nothing_run_is_a_failure(self):
        self.assertEqual(self.conclude(), (1, '0 passed, 0 failed'))
        self.assertEqual(self.conclude(Result('a', skipped=3)), (1, '0 passed, 0 failed'))


if __name__ == '__main__':
    sys.exit(unittest.main())
