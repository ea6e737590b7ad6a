"""The sign-in is open to anybody who reaches the gateway: who guesses is slowed down, and slows nobody else down (P1)."""
import contextlib
import http.client
import json
import multiprocessing
import os
import ssl
import threading
import time
import unittest
import urllib.parse

from harness import eventually, fresh
from suite import ADMINISTRATOR, Instance

SERVICES = ('identity', 'gateway')
SESSIONS = '/v1/sessions'
REFRESH = '/v1/sessions:refresh'
WRONG_A_SECOND = 200
ATTACKERS = 24      # more than are let in at once: the others are refused at once and come again
FLOOD_SECONDS = 6
ANSWERED_WITHIN = 2     # seconds
CALM_TIMES = 12         # where the machine is too busy for that: so many times what a sign-in takes on it without a flood


class Caller:
    """Whoever calls from an address of its own: all of 127.0.0.0/8 is this machine."""

    def __init__(self, suite, address):
        self.gateway = urllib.parse.urlsplit(suite.url)
        self.tls = ssl.create_default_context(cafile=str(suite.ca))
        self.address = address
        self.connection = None

    def post(self, path, body, **headers):
        """Status, body and headers."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(self.gateway.hostname, self.gateway.port, timeout=30, context=self.tls,
                                                              source_address=(self.address, 0))
            self.connection.request('POST', path, json.dumps(body), {'Content-Type': 'application/json', **headers})
            reply = self.connection.getresponse()
            return reply.status, json.loads(reply.read() or '{}'), reply.headers
        except (OSError, http.client.HTTPException):
            self.connection = None
            raise

    def sign_in(self, username, password, **headers):
        return self.post(SESSIONS, {'username': username, 'password': password}, **headers)


def flood(suite, address, end, said):
    """Guesses until `end`, in a process of its own: what the guessers' machines do takes no time from ours."""
    os.nice(15)
    seen = []

    def guess():
        caller = Caller(suite, address)
        while time.monotonic() < end:
            began = time.monotonic()
            with contextlib.suppress(OSError, http.client.HTTPException):
                seen.append(caller.sign_in(fresh('guess-'), 'wrong password')[0])
            threading.Event().wait(max(0, ATTACKERS / WRONG_A_SECOND - (time.monotonic() - began)))
    attackers = [threading.Thread(target=guess) for _ in range(ATTACKERS)]
    for attacker in attackers:
        attacker.start()
    for attacker in attackers:
        attacker.join()
    said.send(seen)


class Throttle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = cls.enterClassContext(Instance(database=os.environ.get('RENXIN_E2E_DATABASE', 'sqlite'), throttled=True))
        cls.next_address = iter(range(10, 250))

    def caller(self):
        return Caller(self.suite, f'127.0.0.{next(self.next_address)}')

    def timed_sign_in(self):
        """Seconds, from an address of its own."""
        began = time.monotonic()
        status, _, _ = self.caller().sign_in(ADMINISTRATOR, self.suite.password)
        self.assertEqual(status, 201)
        return time.monotonic() - began

    def test_P1_who_floods_the_sign_in_does_not_keep_another_address_waiting(self):
        calm = max(self.timed_sign_in() for _ in range(3))
        end = time.monotonic() + FLOOD_SECONDS
        processes = multiprocessing.get_context('fork')
        statuses, said = processes.Pipe(duplex=False)
        attack = processes.Process(target=flood, args=(self.suite, self.caller().address, end, said))
        attack.start()
        took = []
        while time.monotonic() < end:
            took.append(self.timed_sign_in())
            threading.Event().wait(0.3)
        seen = statuses.recv()
        attack.join()
        self.assertGreater(seen.count(429), len(seen) / 2, 'the flood was let in')
        self.assertGreater(len(took), 2)
        self.assertLess(max(took), max(ANSWERED_WITHIN, CALM_TIMES * calm))

    def test_P1_one_address_tries_a_name_only_so_often_and_hears_how_long_to_wait(self):
        guesser = self.caller()
        name = fresh('nobody-')
        for _ in range(10):
            guesser.sign_in(name, 'wrong password')
            threading.Event().wait(0.25)    # more slowly than the address as a whole may
        status, problem, headers = guesser.sign_in(name, 'wrong password')
        self.assertEqual((status, problem['reason']), (429, 'too-many-attempts'))
        self.assertTrue(1 <= int(headers['Retry-After']) <= 6)
        self.assertEqual(guesser.sign_in(ADMINISTRATOR, self.suite.password)[0], 201, 'another name')
        self.assertEqual(guesser.post(REFRESH, {'refresh_token': 'x' * 43})[0], 401, 'another route')

    def test_P1_nobody_learns_from_the_pauses_which_names_there_are(self):
        pauses = []
        for name in (ADMINISTRATOR, fresh('nobody-')):
            caller = self.caller()
            answers = [caller.sign_in(name, 'wrong password') for _ in range(7)]
            pauses.append([(status, problem['reason']) for status, problem, _ in answers])
        self.assertEqual(pauses[0], pauses[1])
        self.assertEqual(pauses[0][-1], (429, 'too-many-attempts'))
        # The administrator's pause is over: other tests sign in.
        eventually(10, lambda: self.caller().sign_in(ADMINISTRATOR, self.suite.password)[0] == 201)

    def test_P1_what_a_client_says_of_its_address_is_not_believed(self):
        liar = self.caller()
        name = fresh('nobody-')
        answers = [liar.sign_in(name, 'wrong password', **{'X-Forwarded-For': f'10.0.0.{n}'})[0] for n in range(12)]
        self.assertEqual(answers[-1], 429)


if __name__ == '__main__':
    unittest.main()
