"""Something the suite stands on is away, under load: what DESIGN 3 promises, and recovery by itself within 5 s.

The tests of a database share one suite: each begins on one that is whole and idle, with a load of its own, and audits everything.
"""
import contextlib
import http.client
import pathlib
import ssl
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness                          # noqa: E402  (on the path by ./dev test)
from audit import Tables, audit    # noqa: E402
from people import new_account      # noqa: E402
from run import Run, grown       # noqa: E402

RECOVERY = 5.0


def consult(client):
    return client.post('/v1/leads', {'channel': 'phone', 'name': '停电', 'phone': f'137{time.monotonic_ns() % 10**8:08d}'}, key=harness.fresh())


def answered(client):
    """One request that must be answered, whatever it says; how long that took."""
    began = time.monotonic()
    reply = consult(client)
    return reply, time.monotonic() - began


def works_again(client):
    def tried():
        try:
            return consult(client).status == 201
        except (OSError, ssl.SSLError, http.client.HTTPException):
            client.close()
            return False
    began = time.monotonic()
    harness.eventually(30, tried, 'a request succeeds again')
    return time.monotonic() - began


class Outages:
    database = None

    @classmethod
    def setUpClass(cls):
        cls.run_of_all = cls.enterClassContext(Run(cls.database))

    @contextlib.contextmanager
    def under_load(self):
        run = self.run_of_all
        if run.load.stopping.is_set():      # by a test before this one, which may have failed in the middle
            for name in run.suite.names():
                run.suite.release(name)
            run.suite.wait_ready()
            run.suite.broker.provision()
            run.begin_load()
        try:
            yield run
        finally:
            run.load.abandon()

    def check_ends_well(self, run):
        wrong = run.settle() + audit(run.suite, run.journal)
        # The requests of this test itself are no part of the journal.
        self.assertEqual([line for line in wrong if 'were acknowledged' not in line], [])

    def test_nats_away_is_503_within_a_second_and_full_service_within_five_of_its_return(self):
        with self.under_load() as run:
            client = run.load.client()
            run.suite.hold('nats')
            for _ in range(5):
                reply, seconds = answered(client)
                self.assertEqual(reply.status, 503, reply)
                self.assertIn('Retry-After', reply.headers)
                self.assertLess(seconds, 1.0)
            run.suite.release('nats')
            run.suite.wait_ready('nats')
            self.assertLess(works_again(client), RECOVERY)
            grown(run.journal, 20)
            self.check_ends_well(run)

    def test_the_streams_away_and_core_up_writes_stay_2xx_and_the_outbox_grows(self):
        with self.under_load() as run:
            client = run.load.client()
            run.wipe_stream(provision=False)
            works_again(client)
            for _ in range(5):
                self.assertEqual(consult(client).status, 201)
            unsent = Tables(run.suite).number('leads', 'select count(*) from outbox where stream_seq is null')
            self.assertGreaterEqual(unsent, 5)
            run.suite.broker.provision()
            self.check_ends_well(run)


    def test_a_retry_gets_its_answer_while_the_service_that_was_asked_is_away(self):
        with self.under_load() as run:
            operator = harness.administrator_of(run.suite)
            service = new_account(operator, 'customer_service')
            who = consult(run.load.client()).expect(201).json['lead']['customer_id']
            stop = lambda key: service.post(f'/v1/recipients/{who}:optOut', {'reason': 'told us so'}, key=key)      # noqa: E731
            key = harness.fresh()
            first = stop(key).expect(200).json
            run.suite.hold('leads')
            self.assertEqual(stop(key).expect(200).json, first)
            self.assertEqual(stop(harness.fresh()).status, 503)
            run.suite.release('leads')
            run.suite.wait_ready('leads')
            self.assertEqual(stop(harness.fresh()).expect(200).json['opted_out'], True)


class OnSqlite(Outages, unittest.TestCase):
    database = 'sqlite'


class OnPostgres(Outages, unittest.TestCase):
    database = 'postgres'

    def test_postgres_away_is_503_and_full_service_within_five_seconds_of_its_return(self):
        with self.under_load() as run:
            client = run.load.client()
            operator = harness.administrator_of(run.suite)
            run.suite.hold('postgres')
            reply, seconds = answered(client)
            self.assertEqual(reply.status, 503, reply)
            self.assertIn('Retry-After', reply.headers)
            self.assertLess(seconds, 11.0)
            # The service itself is there, and says so.
            self.assertEqual(operator.get('/v1/services/leads/ping').status, 200)
            run.suite.release('postgres')
            run.suite.wait_ready('postgres')
            self.assertLess(works_again(client), RECOVERY)
            grown(run.journal, 20)
            self.check_ends_well(run)


if __name__ == '__main__':
    unittest.main()
