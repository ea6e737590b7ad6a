"""The test runner can fail: every way a program can go wrong is counted."""
import contextlib
import io
import os
import pathlib
import sys
import tempfile
import textwrap
import threading
import unittest
from unittest import mock

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


class Fake:
    """A job that only notes who ran beside it."""
    seconds = 1
    running, beside, lock = [], [], threading.Lock()

    def __init__(self, name, fails=False):
        self.name, self.fails, self.cancelled = name, fails, False

    def run(self):
        with self.lock:
            self.running.append(self.name)
            self.beside.append(tuple(self.running))
        if self.fails:
            raise OSError('broken')
        with self.lock:
            self.running.remove(self.name)
        return Result(self.name, passed=1)

    def cancel(self):
        self.cancelled = True


class LanesTest(unittest.TestCase):
    LOADED = runner.UNDER_LOAD[:3]

    def setUp(self):
        Fake.running.clear()
        Fake.beside.clear()

    def run_jobs(self, jobs, lanes=3):
        with contextlib.redirect_stdout(io.StringIO()):
            return runner.run_jobs(jobs, lanes)

    def test_each_job_is_run_once(self):
        names = [f'job {number}' for number in range(20)] + list(self.LOADED)
        results = self.run_jobs([Fake(name) for name in names])
        self.assertEqual(sorted(result.name for result in results), sorted(names))

    def test_two_under_load_are_never_given_out_together(self):
        queue = runner.Queue([Fake(name) for name in ('a', *self.LOADED, 'b')])
        first = queue.next_job()
        self.assertIn(first.name, self.LOADED)
        self.assertEqual([queue.next_job().name, queue.next_job().name, queue.next_job()], ['a', 'b', None])
        queue.done(first)
        second = queue.next_job()
        self.assertIn(second.name, set(self.LOADED) - {first.name})
        self.assertIsNone(queue.next_job())

    def test_what_is_under_load_runs_alone_of_its_kind(self):
        self.run_jobs([Fake(name) for name in (*self.LOADED, 'a', 'b', 'c')])
        self.assertEqual(len(Fake.beside), 6)
        self.assertFalse([names for names in Fake.beside if len(set(names) & set(self.LOADED)) > 1])

    def test_the_names_under_load_are_modules(self):
        for name in runner.UNDER_LOAD:
            self.assertTrue((base.ROOT / f'{name}.py').exists(), name)

    def test_what_is_known_to_be_slow_begins_first(self):
        with mock.patch.object(runner, 'known_times', lambda: {'tests/dev/test_instance': 1, 'a': 500}):
            ordered = runner.slowest_first([Fake(name) for name in ('b', 'tests/dev/test_instance', 'suite on sqlite', 'a')])
        self.assertEqual([job.name for job in ordered], ['a', 'suite on sqlite', 'tests/dev/test_instance', 'b'])

    def test_scratch_lies_in_memory_only_where_there_is_room(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(runner, 'SHARED_MEMORY', pathlib.Path(folder)):
            for needed, answer in ((1, pathlib.Path(folder)), (1 << 60, None)):
                with mock.patch.object(runner, 'ROOMY', needed):
                    self.assertEqual(runner.roomy_memory(), answer)
        with mock.patch.object(runner, 'SHARED_MEMORY', pathlib.Path(folder)):
            self.assertIsNone(runner.roomy_memory())

    def test_a_lane_that_breaks_ends_all(self):
        jobs = [Fake('broken', fails=True), *(Fake(f'job {number}') for number in range(5))]
        with self.assertRaisesRegex(OSError, 'broken'):
            self.run_jobs(jobs, 1)
        self.assertEqual((len(Fake.beside), {job.cancelled for job in jobs}), (1, {True}))


class ConclusionTest(unittest.TestCase):
    def conclude(self, *results):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = runner.conclude(results)
        self.said = said.getvalue().splitlines()
        return code, self.said[-1]

    def test_last_line_and_exit_code(self):
        bad = Result('b', passed=1, failures=[('x', '')])
        self.assertEqual(self.conclude(Result('a', passed=2)), (0, '2 passed, 0 failed'))
        self.assertEqual(self.conclude(Result('a', passed=2), bad), (1, '3 passed, 1 failed'))

    def test_the_ten_slowest_are_named_before(self):
        self.conclude(*(Result(f'program {number}', passed=1, seconds=number / 2) for number in range(12)))
        self.assertEqual(self.said[:4], ['slowest:', '    5.5 s program 11', '    5.0 s program 10', '    4.5 s program 9'])
        self.assertEqual(len([line for line in self.said if ' s program ' in line]), 10)

    def test_nothing_run_is_a_failure(self):
        self.assertEqual(self.conclude(), (1, '0 passed, 0 failed'))
        self.assertEqual(self.conclude(Result('a', skipped=3)), (1, '0 passed, 0 failed'))


if __name__ == '__main__':
    sys.exit(unittest.main())
