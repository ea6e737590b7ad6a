"""The supervisor with small processes: back-off, order, patience, and nothing left behind."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest

import supervisor
from base import ROOT, DevError, eventually
from fakes import alive
from supervisor import READY, STOPPED, WAITING, Spec, Supervisor

WAITS = 'import signal; print("up", flush=True); signal.pause()'
STUBBORN = ('import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print("up", flush=True)\n'
            'while True: signal.pause()')


class SupervisorTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.changes = []

    def spec(self, name, code, **more):
        log = self.folder / f'{name}.log'
        more.setdefault('ready', lambda: log.exists() and 'up' in log.read_text(encoding='utf-8'))
        return Spec(name=name, command=lambda: [sys.executable, '-c', code], environment=lambda: dict(os.environ),
                    log=log, **more)

    def supervise(self, *specs):
        keeper = Supervisor(specs, lambda child: self.changes.append((child.spec.name, child.state)))
        self.addCleanup(keeper.close)
        self.addCleanup(keeper.stop, *keeper.children)
        return keeper

    def until(self, keeper, name, state, seconds=10):
        reached = eventually(seconds, lambda: keeper.children[name].state == state)
        self.assertTrue(reached, f'{name} is {keeper.children[name].state}, expected {state}')

    def test_starts_and_stops(self):
        keeper = self.supervise(self.spec('one', WAITS))
        keeper.start('one')
        self.until(keeper, 'one', READY)
        keeper.stop('one')
        self.assertEqual([state for _, state in self.changes], ['starting', 'ready', 'stopping', 'stopped'])
        self.assertEqual(keeper.children['one'].last_exit, 'SIGTERM')

    def test_restarts_who_dies(self):
        keeper = self.supervise(self.spec('one', WAITS))
        keeper.start('one')
        self.until(keeper, 'one', READY)
        first = keeper.kill('one', signal.SIGKILL)
        self.assertTrue(eventually(10, lambda: keeper.children['one'].pid not in (None, first)))
        self.until(keeper, 'one', READY)
        self.assertEqual(keeper.children['one'].restarts, 1)
        self.assertEqual(keeper.children['one'].last_exit, 'SIGKILL')

    def test_back_off_doubles_up_to_its_limit(self):
        keeper = self.supervise(self.spec('one', 'raise SystemExit(7)'))
        child = keeper.children['one']
        seen = []
        now = 0.0
        for _ in range(7):
            child.started_at = now
            keeper._back_off(child, 'exit 7', now)      # the arithmetic alone, without waiting through it
            seen.append(round(child.retry_at - now, 3))
        self.assertEqual(seen, [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])
        keeper._back_off(child, 'exit 7', now + supervisor.UP_LONG_ENOUGH)
        self.assertEqual(round(child.retry_at - now - supervisor.UP_LONG_ENOUGH, 3), 0.2)

    def test_the_limit_can_be_lower_where_processes_die_on_purpose(self):
        keeper = Supervisor([self.spec('one', 'raise SystemExit(7)')], backoff_most=0.5)
        self.addCleanup(keeper.close)
        child = keeper.children['one']
        seen = []
        for _ in range(4):
            keeper._back_off(child, 'exit 7', 0.0)
            seen.append(round(child.retry_at, 3))
        self.assertEqual(seen, [0.2, 0.4, 0.5, 0.5])

    def test_dies_at_once_again_and_again(self):
        keeper = self.supervise(self.spec('one', 'raise SystemExit(7)'))
        keeper.start('one')
        self.assertTrue(eventually(10, lambda: keeper.children['one'].starts >= 3))
        self.until(keeper, 'one', WAITING)
        self.assertEqual(keeper.children['one'].last_exit, 'exit 7')

    def test_program_that_is_not_there(self):
        spec = self.spec('one', '')
        spec.command = lambda: [self.folder / 'absent']
        keeper = self.supervise(spec)
        keeper.start('one')
        self.until(keeper, 'one', WAITING)
        self.assertIn('cannot start', spec.log.read_text(encoding='utf-8'))

    def test_program_that_is_just_being_built(self):
        there = []
        spec = self.spec('one', WAITS)
        command = spec.command

        def looked_for():
            if not there:
                raise DevError('it is not there: run ./dev build')
            return command()
        spec.command = looked_for
        keeper = self.supervise(spec)
        keeper.start('one')
        self.until(keeper, 'one', WAITING)
        there.append(True)
        self.until(keeper, 'one', READY)

    def test_stubborn_process_is_killed_when_its_time_is_over(self):
        keeper = self.supervise(self.spec('one', STUBBORN, stop_seconds=0.3))
        keeper.start('one')
        self.until(keeper, 'one', READY)
        keeper.stop('one')
        self.assertEqual(keeper.children['one'].last_exit, 'SIGKILL')

    def test_hurry_ends_patience(self):
        keeper = self.supervise(self.spec('one', STUBBORN, stop_seconds=3600))
        keeper.start('one')
        self.until(keeper, 'one', READY)
        keeper.begin_stop('one')
        keeper.hurry()
        self.until(keeper, 'one', STOPPED)

    def test_paused_process_can_be_stopped(self):
        keeper = self.supervise(self.spec('one', WAITS))
        keeper.start('one')
        self.until(keeper, 'one', READY)
        keeper.kill('one', signal.SIGSTOP)
        keeper.stop('one')
        self.assertEqual(keeper.children['one'].last_exit, 'SIGTERM')

    def test_failing_reader_of_changes_stops_nothing(self):
        def broken(_):
            raise BrokenPipeError
        keeper = Supervisor([self.spec('one', WAITS)], broken)
        keeper.start('one')
        self.until(keeper, 'one', READY)
        keeper.stop('one')
        keeper.close()

    def test_nothing_survives_a_killed_dev(self):
        program = textwrap.dedent(f'''
            import os, pathlib, signal, sys
            sys.path.insert(0, {str(ROOT / 'infra/dev')!r})
            from supervisor import Spec, Supervisor
            keeper = Supervisor([Spec(name='one', command=lambda: [sys.executable, '-c', {STUBBORN!r}],
                environment=lambda: dict(os.environ), ready=lambda: True, log=pathlib.Path(sys.argv[1]))])
            keeper.start('one')
            print(keeper.children['one'].pid, flush=True)
            signal.pause()
        ''')
        with subprocess.Popen([sys.executable, '-c', program, str(self.folder / 'log')],
                              stdout=subprocess.PIPE, text=True) as dev:
            pid = int(dev.stdout.readline())
            self.assertTrue(alive(pid))
            dev.kill()
        self.assertTrue(eventually(5, lambda: not alive(pid)))


if __name__ == '__main__':
    unittest.main()
