"""Reading the live events of a rep, a supervisor and finance during the demonstration: each exactly what their scope holds, as the public
routes say afterwards. Then the gateway goes away and comes back. A suite of its own: every event of it is counted."""
import pathlib
import sys
import tempfile
import unittest

import demo_files
from base import ROOT
from demo import PAYEE, Demonstration
from demo_told import everything
from suite import Instance

sys.path.insert(0, str(ROOT / 'tests/e2e'))
import harness          # noqa: E402  (the path above finds it)
from live import Live   # noqa: E402

READS = {'lead_changed': '/v1/leads/{}', 'customer_registered': '/v1/customers/{}', 'visit_registered': '/v1/visits/{}',
         'settlement_recorded': '/v1/settlements/{}', 'referral_recognised': '/v1/recognitions/{}', 'member_changed': '/v1/members/{}',
         'points_changed': '/v1/members/{}/points', 'course_changed': '/v1/courses/{}'}
LISTENERS = ('rep', 'supervisor', 'finance')


class Watched(Demonstration):
    """The demonstration of `./dev up --demo`, listened to from the moment that there are accounts."""

    def _import(self, suite, files):
        self.clients = {role: self._client(suite, role) for role in LISTENERS} | {'administrator': harness.administrator_of(suite)}
        self.sockets = {name: self.open(suite, name) for name in self.clients}
        super()._import(suite, files)

    def open(self, suite, name):
        return Live({'url': suite.url, 'ca': suite.ca}, self.clients[name].token, browser=name == 'rep')

    def reported(self, suite):
        """name -> the events until a marker, which is published after everything else."""
        suite.renxin('status', '--wait-idle', '--timeout', 120)
        desk, finance = (self._client(suite, role) for role in ('front_desk', 'finance'))
        staff = everything(self.clients['administrator'], '/v1/staff', 'staff', {'source': self.source})
        rep = next(row['id'] for row in staff if row['staff_no'] == PAYEE)
        phone = demo_files.people.phone(910_000 + len(self.seen))
        lead = desk.post('/v1/leads', {'channel': 'walk_in', 'name': '林悦', 'phone': phone}, key=harness.fresh()).expect(201).json['lead']
        body = {'settlement_no': harness.fresh(), 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': lead['customer_id'],
                'occurred_at': f'{self.day}T00:00:00+08:00', 'lines': [{'line_no': '1', 'category': 'dental', 'amount_fen': 100}]}
        settled = finance.post('/v1/settlements', body, key=harness.fresh()).expect(201).json
        visit = desk.post('/v1/visits', {'customer_id': lead['customer_id'], 'department': 'dental', 'rep_id': rep}, key=harness.fresh()).expect(201).json
        self.seen += [visit['id']]
        last = {name: settled['id'] if name in ('finance', 'administrator') else visit['id'] for name in self.sockets}
        return {name: socket.until(lambda event, marker=last[name]: event['id'] == marker) for name, socket in self.sockets.items()}


class DuringTheDemonstration(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='renxin-live-')
        self.addCleanup(folder.cleanup)
        self.shown = Watched(pathlib.Path(folder.name))
        self.shown.seen = []
        self.suite = Instance(folder.name, extra=self.shown.environment())
        self.addCleanup(self.suite.stop)
        self.suite.start()

    def rows(self, name, path, field, **query):
        return {row['id'] for row in everything(self.shown.clients[name], path, field, query)}

    def check_all_is_there(self, reported):
        """What was delivered to the administrator is all that there is, by the routes that count and list."""
        administrator = self.shown.clients['administrator']
        by_type = {kind: {event['id'] for event in reported['administrator'] if event['type'] == kind} for kind in READS}
        # The marker of the rep and the supervisor is a visit more.
        self.assertEqual(len(by_type['visit_registered']), int(administrator.get('/v1/visits:count', query={'group_by': 'month'}).expect(200).json['total']) - 1)
        self.assertEqual(by_type['lead_changed'], self.rows('administrator', '/v1/leads', 'leads'))
        for name in (*LISTENERS, 'administrator'):
            listed = self.rows(name, '/v1/recognitions', 'recognitions')
            heard = {event['id'] for event in reported[name] if event['type'] == 'referral_recognised'}
            self.assertTrue(heard and heard <= listed, name)
            self.assertLessEqual(len(listed - heard), 1, f'{name}: the marker brings one more')

    def test_P1_each_exactly_what_their_scope_holds(self):
        self.shown.run(self.suite)
        reported = self.shown.reported(self.suite)
        self.check_all_is_there(reported)
        records = {(event['type'], event['id']) for event in reported['administrator'] if event['type'] in READS}
        self.assertGreater(len(records), 500)
        for name in LISTENERS:
            with self.subTest(name):
                client = self.shown.clients[name]
                may = {(kind, record) for kind, record in records if client.get(READS[kind].format(record)).status == 200}
                heard = [(event['type'], event['id']) for event in reported[name]]
                self.assertEqual(set(heard), may)
                of_all = [(event['type'], event['id']) for event in reported['administrator'] if (event['type'], event['id']) in may]
                self.assertEqual(sorted(heard), sorted(of_all), 'each as often as it happened')
        counts = {name: len(events) for name, events in reported.items()}
        self.assertTrue(0 < counts['rep'] < counts['supervisor'] < counts['administrator'] > counts['finance'] > 0, counts)
        print(f'heard: {counts}', file=sys.stderr)
        self.check_restart()

    def check_restart(self):
        """A socket gets to know that the gateway goes, or that the broker was away; a new one hears of what happens from then on."""
        for process, code in (('gateway', 1001), ('nats', 1012)):
            self.suite.restart(process)
            self.assertEqual({name: socket.closed() for name, socket in self.shown.sockets.items()}, dict.fromkeys(self.shown.sockets, code))
            self.suite.wait_ready()
            self.shown.sockets = {name: self.shown.open(self.suite, name) for name in self.shown.clients}
            reported = self.shown.reported(self.suite)
            self.assertEqual((reported['rep'], reported['supervisor']), ([], []))
        for socket in self.shown.sockets.values():
            socket.close()


if __name__ == '__main__':
    unittest.main()
