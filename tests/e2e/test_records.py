"""What every record has: a history that reads back (G5), and policies that are followed, never edited."""
import unittest
import uuid

from files import Source, idle
from harness import administrator, fresh
from people import account, code, phone, staff_by_number, today

SERVICES = ('commissions', 'identity', 'leads', 'membership', 'notifications', 'referrals')


def history(kind, record, who='auditor'):
    return account(who).get(f'/v1/history/{kind}/{record}')


class History(unittest.TestCase):
    def test_G5_each_kind_of_record_reads_back(self):
        source = Source()
        source.take('staff', [{'staff_no': 'r1', 'name': '李强', 'job': 'rep', 'joined_on': '2025-01-01'}])
        customer = administrator().post('/v1/leads', {'channel': 'phone', 'name': '王芳', 'phone': phone()}, key=fresh()).expect(201).json['lead']
        visit = account('front_desk').post('/v1/visits', {'customer_id': customer['customer_id'], 'department': 'dental'}, key=fresh()).expect(201).json
        settled = account('finance').post('/v1/settlements', {
            'settlement_no': code('s'), 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': customer['customer_id'], 'occurred_at': '2026-05-01T10:00:00+08:00',
            'lines': [{'line_no': '1', 'category': 'dental', 'amount_fen': 100}]}, key=fresh()).expect(201).json
        staff = staff_by_number(administrator(), source.name)['r1']
        for kind, record, last in (('lead', customer['id'], 'new'), ('customer', customer['customer_id'], 'registered'), ('visit', visit['id'], 'arrived'),
                                   ('settlement', settled['id'], 'in treatment'), ('staff', staff, 'joined')):
            with self.subTest(kind):
                entries = history(kind, record).expect(200).json['entries']
                self.assertEqual(entries[-1]['to'], last)
                self.assertTrue(entries[-1]['by'] and entries[-1]['at'])

    def test_G5_who_may_read_it(self):
        self.assertEqual(history('lead', str(uuid.uuid4())).status, 404)
        self.assertEqual(history('lead', str(uuid.uuid4()), 'rep').status, 403)
        reply = history('nothing', 'x').expect(400).json
        self.assertEqual([(error['field'], error['rule']) for error in reply['errors']], [('kind', 'in')])


class Standing(unittest.TestCase):
    def test_each_service_says_that_it_is_there(self):
        for service in SERVICES:
            reply = administrator().get(f'/v1/services/{service}/ping').expect(200).json
            self.assertEqual(reply['service'], service)
            self.assertRegex(reply['at'], r'^20\d\d-\d\d-\d\dT[\d:.]+Z$')
        self.assertEqual(administrator().get('/v1/services/nobody/ping').status, 400)

    def test_idle_can_be_told_from_a_moment_between_two_events(self):
        """What the suite has told and taken only grows, so that two equal answers in a row mean that nothing passed."""
        def reported():
            return int(administrator().get('/v1/services/leads/status').expect(200).json['events_delivered'])

        def delivered():
            consumers = administrator().get('/v1/services/commissions/status').expect(200).json['consumers']
            return {row['consumer']: int(row['delivered']) for row in consumers}['commissions_on-settlement']
        idle()
        before = reported(), delivered()
        customer = administrator().post('/v1/leads', {'channel': 'phone', 'name': '王芳', 'phone': phone()}, key=fresh()).expect(201).json['lead']
        account('finance').post('/v1/settlements', {
            'settlement_no': code('s'), 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': customer['customer_id'], 'occurred_at': '2026-05-01T10:00:00+08:00',
            'lines': [{'line_no': '1', 'category': 'dental', 'amount_fen': 100}]}, key=fresh()).expect(201)
        idle()
        self.assertGreater((reported(), delivered()), before)


class Policy(unittest.TestCase):
    def change(self, policy, effective_from='2999-01-01', who='market_director'):
        return account(who).post('/v1/policies/leads', {'policy': policy, 'effective_from': effective_from, 'reason': 'a new channel'}, key=fresh())

    def test_L1_a_manager_reads_and_follows_the_policy(self):
        now = account('rep').get('/v1/policies/leads').expect(200).json
        self.assertIn('walk_in', now['policy']['channels'])
        policy = now['policy'] | {'channels': now['policy']['channels'] + ['live_stream']}
        made = self.change(policy).expect(201).json
        self.assertEqual((made['effective_from'], made['approver']), ('2999-01-01', account('market_director').username))
        self.assertNotIn('live_stream', account('rep').get('/v1/policies/leads').expect(200).json['policy']['channels'])
        later = account('rep').get('/v1/policies/leads', query={'on': '2999-01-01'}).expect(200).json
        self.assertIn('live_stream', later['policy']['channels'])
        versions = account('leader').get('/v1/policies/leads/versions', query={'page_size': 200}).expect(200).json['versions']
        self.assertEqual(versions[-1]['approver'], 'default')
        entry = history('leads_policy', 'leads').expect(200).json['entries'][-1]
        self.assertEqual((entry['to'], entry['why']), (f"version {made['version']}, in force from 2999-01-01", 'a new channel'))

    def test_L8_what_a_policy_must_hold(self):
        shipped = account('leader').get('/v1/policies/leads').expect(200).json['policy']
        for policy, day, field, why in (
                (shipped | {'categories': shipped['categories'][1:]}, '2999-01-01', 'policy.categories', f"must hold {shipped['categories'][0]}"),
                (shipped | {'payers': ['self', 'The State']}, '2999-01-01', 'policy.payers[1]', "must be lower-case letters, digits, '_', '-', '.'; at most 60"),
                (shipped | {'default_region': 'XX'}, '2999-01-01', 'policy.default_region', 'no region of phone numbers'),
                (shipped, '2001-01-01', 'effective_from', f'must not be before today, {today()}')):
            with self.subTest(field):
                reply = self.change(policy, day).expect(400).json
                self.assertEqual([(error['field'], error['message']) for error in reply['errors']], [(field, why)])
        self.assertEqual(self.change(shipped, who='rep').status, 403)


if __name__ == '__main__':
    unittest.main()
