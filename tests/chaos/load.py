"""Mixed load with a journal kept outside the suite: what was acknowledged must be there in the end."""
import http.client
import json
import os
import ssl
import threading
import time

import harness

# A question to a process that was killed is never answered: whoever waits longer for it keeps everybody waiting.
ANSWER_SECONDS = 2
UNKNOWN = (429, 500, 502, 503, 504)     # not refused for good: the same key again settles it
ROLES = ['consultant', 'front_desk', 'finance', 'customer_service', 'market_director']


class Journal:
    """One line per acknowledged request, on disk before the next one is sent."""

    def __init__(self, path):
        self._file = open(path, 'a', encoding='utf-8')
        self._lock = threading.Lock()
        self.entries = []

    def write(self, kind, **what):
        with self._lock:
            entry = {'kind': kind, **what}
            self.entries.append(entry)
            self._file.write(json.dumps(entry) + '\n')
            self._file.flush()
            os.fsync(self._file.fileno())

    def of(self, kind):
        with self._lock:
            return [entry for entry in self.entries if entry['kind'] == kind]


class Load:
    """Workers that consult, register and settle until told to stop, over every gateway in turn; each retries for
    `patience` seconds what is unknown, and what was not answered within `answer_seconds` is. Every second visit names `rep` at the
    desk, and is settled. `first`: the number of the first customer, for a second load on the same suite."""

    def __init__(self, suite, journal, rep, workers=6, patience=60, answer_seconds=ANSWER_SECONDS, first=1):
        self.suite = suite
        self.journal = journal
        self.rep = rep
        self.patience = patience
        self.answer_seconds = answer_seconds
        self.stopping = threading.Event()
        self.abandoned = threading.Event()
        self.refused = []
        self.in_flight = 0
        self._count = first - 1
        self._lock = threading.Lock()
        self.username = harness.fresh('load-')[:40]
        self._make_account()
        self._threads = [threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(workers)]

    def _make_account(self):
        admin = harness.administrator_of(self.suite)
        admin.post('/v1/accounts', {'username': self.username, 'roles': ROLES, 'password': 'correct horse battery'}).expect(201)

    def client(self, worker=0):
        urls = self.suite.urls()
        client = harness.Client(urls[worker % len(urls)], self.suite.ca, timeout=12)
        while True:
            try:
                return harness.sign_in(client, self.username, 'correct horse battery')
            except (AssertionError, OSError, ssl.SSLError, http.client.HTTPException):
                client.close()
                if self.stopping.wait(0.1):
                    return None

    def start(self):
        for thread in self._threads:
            thread.start()

    def abandon(self):
        """Everybody gives up at once: the run is over, whatever became of it."""
        self.abandoned.set()
        self.stop()

    def stop(self, seconds=40):
        """Everybody finishes what they have begun: no outcome stays unknown."""
        self.stopping.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.1, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def count(self):
        """The number of the last customer."""
        return self._count

    def _next(self):
        with self._lock:
            self._count += 1
            return self._count

    def _send(self, client, path, body):
        """Until the answer is known; None when it was refused for good."""
        key = harness.fresh('chaos-')
        deadline = time.monotonic() + self.patience
        with self._lock:
            self.in_flight += 1
        try:
            while time.monotonic() < deadline and not self.abandoned.is_set():
                try:
                    reply = client.post(path, body, key=key)
                except (OSError, ssl.SSLError, http.client.HTTPException):
                    client.close()
                    self.abandoned.wait(0.05)
                    continue
                if reply.status in (200, 201):
                    return reply.json
                if reply.status == 401:
                    client.token = getattr(self.client(), 'token', None)
                elif reply.status not in UNKNOWN:
                    self.refused.append((path, reply.status, reply.body[:300]))
                    return None
                self.abandoned.wait(0.05)
            self.refused.append((path, 'never settled', b''))
            return None
        finally:
            with self._lock:
                self.in_flight -= 1

    def _work(self, worker):
        client = self.client(worker)
        if client:
            client.timeout = self.answer_seconds
        while client and not self.stopping.is_set():
            number = self._next()
            phone = f'139{worker:02d}{number:06d}'
            lead = self._send(client, '/v1/leads', {'channel': 'phone', 'name': f'测试{number}', 'phone': phone})
            if not lead:
                continue
            customer = lead['lead']['customer_id']
            self.journal.write('lead', id=lead['lead']['id'], customer=customer)
            by_rep = number % 2 == 1
            visit = self._send(client, '/v1/visits', {'customer_id': customer, 'department': 'dental', 'lead_id': lead['lead']['id'],
                                                      **({'rep_id': self.rep} if by_rep else {})})
            if visit:
                self.journal.write('visit', id=visit['id'])
                self._settle(client, number, customer, visit['id'] if by_rep else None)

    def _settle(self, client, number, customer, visit):
        settlement_no = harness.fresh('S-')
        fen = 100 + number % 9000
        settled = self._send(client, '/v1/settlements', {
            'settlement_no': settlement_no, 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': customer, 'payer': 'self',
            'occurred_at': '2026-01-05T09:00:00+08:00', 'settled_at': '2026-01-05T10:00:00+08:00',
            'lines': [{'line_no': '1', 'category': 'other', 'amount_fen': fen}], **({'visit_id': visit} if visit else {})})
        if settled:
            self.journal.write('settlement', id=settled['id'], number=settlement_no, fen=fen, rep=visit is not None)
