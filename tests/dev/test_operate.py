"""`./dev down` knows whom it ends: never a process that merely has the pid, and nobody for ever."""
import contextlib
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import base
import main
import operate
from base import ROOT, DevError, eventually, started

# The second argument: what it does when it is asked to end.
HOLDER = '''
import pathlib, signal, sys
sys.path.insert(0, sys.argv[1])
import base
asked = []
def end(*_):
    asked.append(1)
    if sys.argv[3] == 'at once' or (sys.argv[3] == 'the second time' and len(asked) == 2):
        sys.exit(0)
signal.signal(signal.SIGTERM, end)
with base.locked(pathlib.Path(sys.argv[2]) / 'lock'):
    print('holds', flush=True)
    while True:
        signal.pause()
'''


def quietly(function, *arguments):
    """(what it answers, what it prints)"""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        return function(*arguments), said.getvalue()


class DownTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def hold(self, how):
        process = subprocess.Popen([sys.executable, '-c', HOLDER, str(ROOT / 'infra/dev'), str(self.folder), how],
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), 'holds\n')
        return process

    def test_who_holds_the_folder_is_ended_and_a_second_time_nothing_happens(self):
        process = self.hold('at once')
        code, said = quietly(operate.down, self.folder, 20)
        self.assertEqual((code, process.wait(5)), (0, 0))
        self.assertIn(f'dev has pid {process.pid}', said)
        code, said = quietly(operate.down, self.folder, 20)
        self.assertEqual((code, said), (0, f'dev: no suite runs in {self.folder}\n'))

    def test_a_folder_that_never_had_a_suite_is_fine(self):
        self.assertEqual(quietly(operate.down, self.folder / 'never', 1)[0], 0)

    def test_a_pid_that_was_given_out_again_is_left_alone(self):
        process = self.hold('at once')
        (self.folder / 'lock').write_text(f'{process.pid} {started(process.pid) - 1}\n', encoding='ascii')
        self.assertEqual(quietly(operate.down, self.folder, 5)[0], 0)
        self.assertIsNone(process.poll())
        (self.folder / 'lock').write_text(f'{process.pid}\n', encoding='ascii')     # as an older dev wrote it: nobody can know
        self.assertEqual(quietly(operate.down, self.folder, 5)[0], 0)
        self.assertIsNone(process.poll())

    def test_who_does_not_end_in_time_is_asked_to_hurry(self):
        process = self.hold('the second time')
        code, said = quietly(operate.down, self.folder, 0.2)
        self.assertEqual((code, process.wait(5)), (0, 0))
        self.assertIn('not ended after 0.2 s', said)

    def test_who_never_ends_is_named_and_it_is_a_failure(self):
        process = self.hold('never')
        with mock.patch.object(operate, 'HURRY_SECONDS', 0.2), self.assertRaisesRegex(DevError, f'pid {process.pid} does not end'):
            quietly(operate.down, self.folder, 0.2)

    def test_a_zombie_has_no_start_time(self):
        process = subprocess.Popen(['true'])
        self.addCleanup(process.wait)
        self.assertTrue(eventually(5, lambda: started(process.pid) is None))
        self.assertIsNotNone(started(os.getpid()))


class NothingRuns(unittest.TestCase):
    def test_each_says_so_with_a_code_of_its_own(self):
        with tempfile.TemporaryDirectory() as folder:
            code, said = quietly(operate.status, folder)
            self.assertEqual((code, said), (operate.NOT_RUNNING, f'dev: no suite runs in {folder}\n'))
            with self.assertRaisesRegex(DevError, 'no log of leads'):
                operate.logs(folder, 'leads', False, 10)
            with self.assertRaisesRegex(DevError, 'no suite runs in'):
                operate.psql(folder, 'leads', None)
            with self.assertRaisesRegex(DevError, 'no database of gateway; there: identity, leads'):
                operate.psql(folder, 'gateway', None)

    def test_while_it_is_built_status_says_that(self):
        with tempfile.TemporaryDirectory() as folder, base.locked(pathlib.Path(folder) / 'lock'):
            code, said = quietly(operate.status, folder)
        self.assertEqual(code, 1)
        self.assertIn(f'is being built or started (dev has pid {os.getpid()})', said)


class HelpTest(unittest.TestCase):
    def test_every_command_stands_in_one_group(self):
        named = [name for _, names in main.GROUPS for name in names]
        self.assertEqual(sorted(named), sorted(main.parser().commands.choices))
        said = main.parser().format_help()
        for group, names in main.GROUPS:
            self.assertIn(f'\n{group}\n', said)
            for name in names:
                self.assertRegex(said, rf'\n  {name} +\w')


if __name__ == '__main__':
    unittest.main()
