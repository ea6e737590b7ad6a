"""Chaos: processes die under mixed load, the stream is wiped, and an audit finds nothing lost or doubled.

RENXIN_CHAOS_SEED repeats a run; the seed is printed. Planted faults prove that the audit can fail.
"""
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness                      # noqa: E402  (on the path by ./dev test)
from audit import Tables, at_once, audit, counts, idle  # noqa: E402
from load import Journal, Load      # noqa: E402
from suite import Instance          # noqa: E402

KILLS = 20
VICTIMS = ['leads', 'referrals', 'commissions', 'membership', 'identity', 'gateway', 'nats']
# Where each crash point is passed under this load: (service, point, pass).
POINTS = [('leads', 'before_commit', 9), ('leads', 'after_commit', 9), ('leads', 'before_publish', 3), ('leads', 'before_mark', 3),
          ('commissions', 'before_ack', 3), ('referrals', 'before_ack', 3), ('commissions', 'before_commit', 5)]


def grown(journal, by, seconds=40):
    """Waits until so many more requests were acknowledged: the load is alive."""
    start = len(journal.entries)
    return harness.eventually(seconds, lambda: len(journal.entries) >= start + by, f'{by} more acknowledged requests')


class Run:
    """One suite under load, with its journal."""

    def __init__(self, database):
        self.extra = {}
        self.folder = tempfile.mkdtemp(prefix='renxin-chaos-')
        self.suite = Instance(database=database, extra=self.extra)
        self.journal = Journal(os.path.join(self.folder, 'journal'))

    def __enter__(self):
        self.suite.__enter__()
        self.suite.login()
        self.load = Load(self.suite, self.journal)
        self.load.start()
        grown(self.journal, 20)
        return self

    def __exit__(self, *error):
        self.load.stopping.set()
        self.suite.__exit__(*error)
        shutil.rmtree(self.folder, ignore_errors=True)

    def crash_at(self, service, point, passes, **also):
        """Arms the point for the next life of the service, waits until it was hit, disarms it."""
        lives = self.suite.restarts(service)
        self.extra[service] = {'RENXIN_CRASH_AT': f'{point}:{passes}', **also}
        self.suite.kill(service)
        # One restart for the kill, another for the crash point.
        harness.eventually(60, lambda: self.suite.restarts(service) >= lives + 2, f'{service} dies at {point}')
        self.extra.pop(service)
        # The life that has just begun may still be armed; a kill makes sure of a clean one.
        self.suite.kill(service)
        harness.eventually(60, lambda: self.suite.restarts(service) >= lives + 3, f'{service} starts again')
        self.suite.wait_ready(service)

    def wipe_stream(self, provision=True):
        self.suite.hold('nats')
        shutil.rmtree(self.suite.broker.store)
        self.suite.broker.prepare()
        self.suite.release('nats')
        self.suite.wait_ready('nats')
        if provision:
            self.suite.broker.provision()

    def settle(self):
        """Heals, ends the load, waits for idle."""
        self.suite.wait_ready()
        if not self.load.stop():
            return ['a worker never got its answer']
        still = idle(self.suite)
        return [still] if still else []


class Chaos:
    database = None

    def setUp(self):
        self.seed = int(os.environ.get('RENXIN_CHAOS_SEED', random.randrange(2**32)))
        print(f'chaos on {self.database}, seed {self.seed}', flush=True)
        self.random = random.Random(self.seed)

    def test_random_kills_crash_points_and_a_wiped_stream_lose_and_double_nothing(self):
        with Run(self.database) as run:
            victims = VICTIMS + (['postgres'] if self.database == 'postgres' else [])
            for _ in range(KILLS):
                run.suite.kill(self.random.choice(victims), signal.SIGKILL)
                grown(run.journal, self.random.randrange(1, 25))
            for service, point, passes in POINTS:
                run.crash_at(service, point, passes)
                grown(run.journal, 5)
            run.wipe_stream()
            grown(run.journal, 20)
            wrong = run.settle() + audit(run.suite, run.journal)
            print(f'acknowledged: {counts(run.journal)}', flush=True)
            self.assertEqual(wrong, [], f'seed {self.seed}')
            self.assertEqual(run.load.refused, [], f'seed {self.seed}')


class OnSqlite(Chaos, unittest.TestCase):
    database = 'sqlite'


class OnPostgres(Chaos, unittest.TestCase):
    database = 'postgres'


class PlantedFaults(unittest.TestCase):
    """Each fault must make the audit fail; an audit that cannot fail proves nothing."""

    # A crash may hit a batch that nobody reacts to, or a commit that is no request's: again, until it shows.
    CYCLES = 20

    def found_with(self, service, fault, point, passes):
        with Run('sqlite') as run:
            tables = Tables(run.suite)
            for cycle in range(self.CYCLES):
                run.crash_at(service, point, passes + cycle, RENXIN_PLANT_FAULT=fault)
                grown(run.journal, 10)
                if list(at_once(tables, run.journal)):
                    break
            return run.settle() + audit(run.suite, run.journal)

    def test_marking_before_the_ack_is_found(self):
        self.assertTrue(self.found_with('leads', 'mark_before_ack', 'before_publish', 4))

    def test_a_consumer_without_inbox_is_found(self):
        self.assertTrue(self.found_with('commissions', 'no_inbox', 'before_ack', 4))

    def test_replying_before_the_commit_is_found(self):
        self.assertTrue(self.found_with('leads', 'reply_before_commit', 'before_commit', 30))


if __name__ == '__main__':
    unittest.main()
