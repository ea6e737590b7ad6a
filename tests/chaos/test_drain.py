"""SIGTERM under load: whoever is asked to stop finishes what it has begun, and loses nothing (DESIGN 3, "a stop loses nothing").

A suite for each test: one asks outside the journal, and the other finds nothing more than the journal has.
"""
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness                      # noqa: E402  (on the path by ./dev test)
from audit import audit             # noqa: E402
from run import Run, grown   # noqa: E402
from test_outages import consult    # noqa: E402

STOPPED = ('leads', 'commissions', 'referrals', 'identity', 'gateway')
AT_ONCE = 20


class Knocking:
    """Requests without a retry: what they are answered is what is looked at."""

    def __init__(self, clients):
        self.statuses, self.trouble = [], []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._knock, args=(client,), daemon=True) for client in clients]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        harness.eventually(20, lambda: len(self.statuses) > 2 * AT_ONCE, 'requests in flight')
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(20)

    def _knock(self, client):
        while not self._over.is_set():
            try:
                self.statuses.append(consult(client).status)
            except OSError as error:
                self.trouble.append(repr(error))
                return


class Drains:
    database = None

    def test_each_process_stops_in_good_order_under_load(self):
        with Run(self.database) as run:
            for name in STOPPED:
                with self.subTest(name):
                    run.suite.hold(name)
                    ended = run.suite.supervisor.children[name].last_exit
                    last = '\n'.join(run.suite.log(name).read_text(encoding='utf-8').splitlines()[-3:])
                    run.suite.release(name)
                    self.assertEqual(ended, 'exit 0')
                    self.assertIn('"stopped"', last)
                    run.suite.wait_ready()
                    grown(run.journal, 10)
            self.assertEqual(run.settle() + audit(run.suite, run.journal), [])
            self.assertEqual(run.load.refused, [])

    def test_a_request_in_flight_is_answered(self):
        """Twenty at once while leads stops: each is answered, with what it asked for or with 503, none is left hanging."""
        with Run(self.database) as run:
            # One sign-in: twenty at once take longer under load than all the rest of this.
            person = run.load.client()
            clients = [person.with_token(person.token) for _ in range(AT_ONCE)]
            with Knocking(clients) as knocking:
                run.suite.hold('leads')
                harness.eventually(20, lambda: knocking.statuses[-1] == 503, 'answers without leads')
                run.suite.release('leads')
                run.suite.wait_ready('leads')
                harness.eventually(20, lambda: knocking.statuses[-1] == 201, 'answers with leads')
            self.assertEqual(knocking.trouble, [])
            self.assertEqual(set(knocking.statuses), {201, 503})
            wrong = run.settle() + audit(run.suite, run.journal)
            # The requests of this test itself are no part of the journal.
            self.assertEqual([line for line in wrong if 'were acknowledged' not in line], [])


class OnSqlite(Drains, unittest.TestCase):
    database = 'sqlite'


class OnPostgres(Drains, unittest.TestCase):
    database = 'postgres'


if __name__ == '__main__':
    unittest.main()
