"""Live events (P1): each gets exactly what they may read. What may be read is asked of the routes; that nothing more comes is known
by a marker, which is delivered after everything else."""
import datetime
import json
import unittest

from files import Source, idle
from harness import administrator, fresh, sign_in, suite
from live import Live, Refused
from people import account, code, new_account, own_account, phone, staff_by_number

SERVICES = ('identity', 'leads', 'referrals', 'commissions', 'membership')
READS = {'lead_changed': '/v1/leads/{}', 'customer_registered': '/v1/customers/{}', 'visit_registered': '/v1/visits/{}',
         'settlement_recorded': '/v1/settlements/{}', 'referral_recognised': '/v1/recognitions/{}', 'member_changed': '/v1/members/{}',
         'points_changed': '/v1/members/{}/points', 'course_changed': '/v1/courses/{}', 'statement_locked': '/v1/statements/{}'}


def staff(no, job='rep', **more):
    return {'staff_no': no, 'name': '李强', 'job': job, 'joined_on': '2025-01-01', **more}


def arrive(rep_id=''):
    """Somebody new at the desk, brought by that rep: the visit."""
    desk = account('front_desk')
    lead = desk.post('/v1/leads', {'channel': 'walk_in', 'name': '王芳', 'phone': phone()}, key=fresh()).expect(201).json['lead']
    body = {'customer_id': lead['customer_id'], 'lead_id': lead['id'], 'department': 'dental', **({'rep_id': rep_id} if rep_id else {})}
    return desk.post('/v1/visits', body, key=fresh()).expect(201).json


def settle(customer_id, **more):
    body = {'settlement_no': code('s'), 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': customer_id, 'occurred_at': '2026-05-01T10:00:00+08:00',
            'settled_at': '2026-05-01T11:00:00+08:00', 'lines': [{'line_no': '1', 'category': 'dental', 'amount_fen': 88000}], **more}
    return account('finance').post('/v1/settlements', body, key=fresh()).expect(201).json


def consult(consultant_id):
    body = {'channel': 'online', 'name': '赵敏', 'phone': phone(), 'consultant_id': consultant_id}
    return account('customer_service').post('/v1/leads', body, key=fresh()).expect(201).json['lead']


def recognition(visit):
    row, = account('finance').get('/v1/recognitions', query={'customer_id': visit['customer_id']}).expect(200).json['recognitions']
    return row['id']


def pairs(events):
    return sorted((event['type'], event['id']) for event in events)


def until(socket, kind, record):
    return socket.until(lambda event: (event['type'], event['id']) == (kind, record))


class EachTheirScope(unittest.TestCase):
    def setUp(self):
        source = Source()
        source.take('staff', [staff('boss', 'supervisor', group_no='g1'), staff('r1', group_no='g1', supervisor_no='boss'),
                              staff('r2', group_no='g2'), staff('k1', 'consultant')])
        idle()
        self.ids = staff_by_number(administrator(), source.name)
        own = {'rep': ('rep', 'r1'), 'other rep': ('rep', 'r2'), 'supervisor': ('supervisor', 'boss'), 'consultant': ('consultant', 'k1')}
        self.clients = {name: own_account(role, self.ids[no]) for name, (role, no) in own.items()}
        # An account has a limit of sockets, so nobody's accounts are fresh ones too.
        self.clients |= {role: new_account(administrator(), role) for role in ('finance', 'auditor', 'front_desk', 'clinician')}
        self.sockets = {name: self.open(client, browser=name in ('rep', 'finance')) for name, client in self.clients.items()}

    def open(self, client, browser=False):
        socket = Live(suite(), client.token, browser)
        self.addCleanup(socket.close)
        return socket

    def reported(self):
        """name -> what each got until now; a marker of their own is the last thing that each gets."""
        idle()
        own, others, lead = arrive(self.ids['r1']), arrive(self.ids['r2']), consult(self.ids['k1'])
        settle(own['customer_id'], course_no=code('k'))
        course, = account('finance').get('/v1/courses', query={'customer_id': own['customer_id']}).expect(200).json['courses']
        account('clinician').post(f"/v1/courses/{course['id']}:close", {}, key=fresh()).expect(200)
        last = {'rep': ('visit_registered', own['id']), 'supervisor': ('visit_registered', own['id']),
                'other rep': ('visit_registered', others['id']), 'consultant': ('lead_changed', lead['id'])}
        return {name: until(socket, *last.get(name, ('course_changed', course['id']))) for name, socket in self.sockets.items()}

    def imported(self):
        """A customer with a number outside: only they are live events."""
        no, source = code('c'), Source()
        source.take('customers', [{'customer_no': no, 'name': '王芳', 'phone': phone()}])
        source.take('settlements', [{'settlement_no': code('s'), 'kind': 'sale', 'customer_no': no, 'occurred_at': '2026-05-01T10:00:00+08:00',
                                     'settled_at': '2026-05-01T10:00:00+08:00', 'line_no': '1', 'category': 'dental', 'amount': '1.00'}])
        idle()
        row, = administrator().get('/v1/settlements:rank', query={'imported_from': source.name, 'count': 2}).expect(200).json['customers']
        return row['customer_id']

    def may_read(self, name, kind, record):
        return self.clients[name].get(READS[kind].format(record)).status == 200

    def test_P1_exactly_what_the_routes_let_them_read(self):
        first, second, third = arrive(self.ids['r1']), arrive(self.ids['r2']), arrive()
        settled, lead = settle(first['customer_id']), consult(self.ids['k1'])
        idle()
        records = {('visit_registered', visit['id']) for visit in (first, second, third)}
        records |= {('customer_registered', self.imported())}
        records |= {('lead_changed', row) for row in (lead['id'], first['lead_id'], second['lead_id'], third['lead_id'])}
        records |= {('referral_recognised', recognition(visit)) for visit in (first, second)}
        records |= {(kind, first['customer_id']) for kind in ('member_changed', 'points_changed')} | {('settlement_recorded', settled['id'])}
        reported = self.reported()
        for name, events in reported.items():
            with self.subTest(name):
                may = {record for record in records if self.may_read(name, *record)}
                self.assertEqual({pair for pair in pairs(events) if pair in records}, may)
                self.assertEqual(len({event['event_id'] for event in events}), len(events), 'one of them was delivered twice')
                of_all = [pair for pair in pairs(reported['auditor']) if pair in may]
                self.assertEqual([pair for pair in pairs(events) if pair in of_all], of_all, 'each time, as the auditor')
        # Not only of these: a rep and a supervisor get nothing else at all.
        self.assertEqual(pairs(reported['rep']), sorted([('visit_registered', first['id']), ('referral_recognised', recognition(first))]))
        self.assertEqual(pairs(reported['other rep']), sorted([('visit_registered', second['id']), ('referral_recognised', recognition(second))]))
        self.assertEqual(pairs(reported['supervisor']), pairs(reported['rep']))
        self.assertTrue({('settlement_recorded', settled['id']), ('referral_recognised', recognition(second))} <= set(pairs(reported['finance'])))
        self.assertFalse([event for event in reported['finance'] if event['type'] in ('visit_registered', 'lead_changed', 'customer_registered')])
        self.assertEqual({event['type'] for event in reported['clinician']} - {'course_changed'}, set())
        for event in reported['auditor']:
            self.assertEqual(sorted(event), ['event_id', 'id', 'recorded_at', 'service', 'type'])

    def test_P1_from_the_moment_somebody_changes_group(self):
        before = arrive(self.ids['r2'])
        idle()
        today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date().isoformat()
        account('personnel').post(f"/v1/staff/{self.ids['r2']}:move", {'from': today, 'group_no': 'g1', 'supervisor_no': 'boss'},
                                  key=fresh()).expect(200)
        idle()
        after = arrive(self.ids['r2'])
        reported = self.reported()
        wanted = sorted([('visit_registered', after['id']), ('referral_recognised', recognition(after))])
        # The marker of the other rep comes after the supervisor's own.
        self.assertEqual(pairs(reported['supervisor']), wanted)
        self.assertEqual(self.clients['supervisor'].get(f"/v1/visits/{after['id']}").status, 200)
        self.assertEqual(len(pairs(reported['other rep'])), 4)
        self.assertNotIn(('visit_registered', after['id']), pairs(reported['rep']))
        self.assertIn(('visit_registered', before['id']), pairs(reported['other rep']))

    def test_a_new_token_of_the_same_account_keeps_the_socket(self):
        rep, other = self.clients['rep'], self.clients['other rep']
        again = sign_in(rep.with_token(None), rep.username, rep.password)
        self.sockets['rep'].renew(again.token)
        self.sockets['other rep'].renew(again.token)
        self.assertEqual((self.sockets['other rep'].closed(), self.sockets['other rep'].reason), (4401, "the new token is another account's"))
        self.sockets['other rep'] = self.open(other)
        reported = self.reported()
        self.assertEqual((reported['rep'], reported['other rep']), ([], []))


class Refusals(unittest.TestCase):
    def test_before_the_upgrade(self):
        rep = account('rep')
        for token, browser, reason in (('', False, 'bad-token'), ('x.y.z', False, 'bad-token'), ('x.y.z', True, 'bad-token')):
            with self.assertRaises(Refused) as caught:
                Live(suite(), token, browser)
            status, body = caught.exception.args
            self.assertEqual((status, json.loads(body)['reason']), (401, reason))
        self.assertEqual(rep.with_token(None).get('/v1/live').expect(401).json['reason'], 'no-token')
        self.assertEqual(rep.get('/v1/live').expect(400).json['errors'][0]['field'], 'Upgrade')
        self.assertEqual(rep.post('/v1/live', {}).status, 405)

    def test_so_many_an_account(self):
        rep = new_account(administrator(), 'rep')
        sockets = [Live(suite(), rep.token) for _ in range(8)]
        with self.assertRaises(Refused) as caught:
            Live(suite(), rep.token)
        self.assertEqual(caught.exception.args[0], 503)
        for socket in sockets:
            socket.close()
        self.assertEqual({socket.code for socket in sockets}, {1000})


if __name__ == '__main__':
    unittest.main()
