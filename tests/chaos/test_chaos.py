"""Chaos: processes die under mixed load, messages are doubled, reordered and poisoned on their way, the stream is wiped,
and an audit finds nothing lost or doubled.

A suite for each test: the audit counts everything that is in it, and a planted fault stays in its tables.

RENXIN_CHAOS_SEED repeats a run; the seed is printed. Planted faults prove that the audit can fail.
"""
import os
import pathlib
import random
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import pay      # noqa: E402
from audit import SERVICES, Tables, at_once, audit, counts    # noqa: E402
from disturbances import POINTS, VICTIMS    # noqa: E402
from run import Run, grown      # noqa: E402

KILLS = 20


class Chaos:
    database = None

    def setUp(self):
        self.seed = int(os.environ.get('RENXIN_CHAOS_SEED', random.randrange(2**32)))
        print(f'chaos on {self.database}, seed {self.seed}', flush=True)
        self.random = random.Random(self.seed)

    def test_random_kills_crash_points_and_a_wiped_stream_lose_and_double_nothing(self):
        with Run(self.database, shim_seed=self.seed) as run:
            victims = [*VICTIMS, *(['postgres'] if self.database == 'postgres' else [])]
            for _ in range(KILLS):
                run.suite.kill(self.random.choice(victims), signal.SIGKILL)
                grown(run.journal, self.random.randrange(1, 25))
            for service, point, passes in POINTS:
                run.crash_at(service, point, passes)
                grown(run.journal, 5)
            run.wipe_stream()
            grown(run.journal, 20)
            if self.database == 'postgres':
                # Its sessions end with a warning, not with an error.
                for _ in range(3):
                    run.suite.kill('postgres', signal.SIGQUIT)
                    grown(run.journal, 20)
            wrong = run.found()
            print(f'acknowledged: {counts(run.journal)}; the shim: {run.shim.counts}', flush=True)
            self.assertEqual(wrong, [], f'seed {self.seed}')
            # What was paid for is looked at: one fen more than was settled is found.
            one_fen = run.journal.of('settlement')[-1] | {'fen': 1, 'rep': True}
            run.journal.entries.append(one_fen)
            self.assertEqual(len(list(pay.statement(run.suite, run.journal, run.rep))), 1)
            self.assertEqual(set(run.shim.counts), {'doubled', 'reordered', 'poisoned'})
            tables = Tables(run.suite)
            dead = sum(tables.number(service, 'select count(*) from dead_letters') for service in SERVICES)
            self.assertGreater(dead, 0, 'the poison was taken for an event')


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
