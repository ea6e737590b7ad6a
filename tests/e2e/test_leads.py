"""Consultations as they come in live: one person is one customer (L3), the funnel (L2), arrivals (L6), history (G5), masks (G6)."""
import datetime
import os
import pathlib
import subprocess
import threading
import unittest

from cluster import Cluster
from files import Source, idle
from harness import administrator, eventually, fresh, suite
from people import account, code, fen, phone, staff_by_number

SERVICES = ('identity', 'leads', 'referrals', 'commissions')
LEADS = '/v1/leads'


def consult(client, key=None, **more):
    body = {'channel': 'online', 'name': '王芳', 'phone': phone(), **more}
    return client.post(LEADS, body, key=key or fresh())


def states(lead):
    return lead['state'].removeprefix('LEAD_STATE_')


def desk():
    return account('front_desk')


def together(count, action):
    """The same action from that many threads, begun at the same moment."""
    gate, results = threading.Barrier(count), []

    def run(index):
        gate.wait()
        results.append(action(index))
    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(results) != count:
        raise AssertionError(f'{count - len(results)} of {count} failed')
    return results


class OpenLeads(unittest.TestCase):
    """L3: an open lead is open however it came; one that nobody touched for 180 days takes no touch any more."""

    def setUp(self):
        self.source, self.client, self.number = Source(), account('customer_service'), phone()

    def days_ago(self, days):
        return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days)).isoformat()

    def take(self, *days):
        self.source.take('leads', [{'lead_no': f'l{n}', 'consulted_at': self.days_ago(ago), 'channel': 'phone', 'customer_no': 'k', 'customer_name': '王芳',
                                    'phone': self.number} for n, ago in enumerate(days)])

    def test_L3_a_live_consultation_touches_the_latest_imported_one(self):
        self.take(90, 10, 40)
        answer = consult(self.client, phone=self.number).expect(201).json
        self.assertTrue(answer['touch'])
        self.assertEqual(answer['lead']['consulted_at'][:10], self.days_ago(10)[:10])

    def test_L3_stale_ones_are_lost_and_the_consultation_makes_a_lead(self):
        self.take(181, 400)
        answer = consult(self.client, phone=self.number).expect(201).json
        self.assertEqual((answer['touch'], states(answer['lead'])), (False, 'NEW'))
        mine = [lead for lead in self.client.get(LEADS, query={'state': 'LEAD_STATE_LOST', 'page_size': 200}).expect(200).json['leads']
                if lead['customer_id'] == answer['lead']['customer_id']]
        self.assertEqual([lead['reason'] for lead in mine], ['no_answer'] * 2)

    def test_L3_an_old_one_that_somebody_touched_lately_takes_the_touch(self):
        self.take(400)
        self.source.take('appointments', [{'appointment_no': 'a', 'lead_no': 'l0', 'booked_at': self.days_ago(20), 'slot_start': self.days_ago(19),
                                           'department': 'dental', 'status': 'cancelled', 'status_at': self.days_ago(19)}])
        answer = consult(self.client, phone=self.number).expect(201).json
        self.assertEqual((answer['touch'], states(answer['lead'])), (True, 'APPOINTED'))


class OnePerson(unittest.TestCase):
    def test_L3_ten_at_once_end_with_one_customer_and_one_open_lead(self):
        client, number = account('customer_service'), phone()
        made = [reply.expect(201).json for reply in together(10, lambda _: consult(client, phone=number))]
        self.assertEqual({len({answer['lead'][field] for answer in made}) for field in ('id', 'customer_id')}, {1})
        self.assertEqual(sorted(answer['touch'] for answer in made), [False] + [True] * 9)
        self.assertFalse(any(answer['household_proposed'] for answer in made))
        lead = client.get(f"{LEADS}/{made[0]['lead']['id']}").expect(200).json
        self.assertEqual((lead['touches'], states(lead)), ('9', 'NEW'))

    def test_L3_ten_people_of_one_phone_at_once_are_one_household(self):
        client, number = account('customer_service'), phone()
        made = [reply.expect(201).json for reply in together(10, lambda index: consult(client, phone=number, name=f'王芳{"甲乙丙丁戊己庚辛壬癸"[index]}'))]
        customers = {answer['lead']['customer_id'] for answer in made}
        self.assertEqual(len(customers), 10)
        self.assertEqual(sum(answer['household_proposed'] for answer in made), 9)      # all but the first join it
        self.assertEqual(self.household_of(made[0]['lead']['customer_id']), customers)

    def test_L3_the_same_phone_with_another_name_is_a_proposed_household(self):
        client, number = account('customer_service'), phone()
        first = consult(client, phone=number).expect(201).json
        second = consult(client, phone=number, name='李强').expect(201).json
        self.assertEqual((first['household_proposed'], second['household_proposed'], second['touch']), (False, True, False))
        self.assertNotEqual(first['lead']['customer_id'], second['lead']['customer_id'])
        self.assertEqual(self.household_of(first['lead']['customer_id']), {first['lead']['customer_id'], second['lead']['customer_id']})

    def test_L3_another_birthday_is_another_person_of_that_name(self):
        client, number = account('customer_service'), phone()
        mother = consult(client, phone=number, birthday='1990-02-03').expect(201).json
        child = consult(client, phone=number, birthday='2015-06-01').expect(201).json
        again = consult(client, phone=number, birthday='1990-02-03').expect(201).json
        self.assertEqual([answer['household_proposed'] for answer in (mother, child, again)], [False, True, False])
        self.assertEqual(again['lead']['customer_id'], mother['lead']['customer_id'])
        self.assertEqual(self.household_of(child['lead']['customer_id']), {answer['lead']['customer_id'] for answer in (mother, child)})

    def test_L3_a_birthday_is_learned_and_tells_people_apart_from_then_on(self):
        client, number = account('customer_service'), phone()
        first = consult(client, phone=number).expect(201).json
        learned = consult(client, phone=number, birthday='1990-02-03').expect(201).json
        other = consult(client, phone=number, birthday='1991-02-03').expect(201).json
        self.assertEqual(learned['lead']['customer_id'], first['lead']['customer_id'])
        self.assertNotEqual(other['lead']['customer_id'], first['lead']['customer_id'])

    def test_L3_who_joins_a_confirmed_household_is_looked_at_again(self):
        client, number = account('customer_service'), phone()
        first = consult(client, phone=number).expect(201).json['lead']['customer_id']
        consult(client, phone=number, name='李强').expect(201)
        household, = [one for one in self.households() if first in one['customer_ids']]
        client.post(f"/v1/households/{household['id']}:confirm", {'reason': 'mother and son'}, key=fresh()).expect(200)
        third = consult(client, phone=number, name='王小明').expect(201).json['lead']['customer_id']
        again, = [one for one in self.households() if first in one['customer_ids']]
        self.assertEqual((again['state'], third in again['customer_ids']), ('HOUSEHOLD_STATE_PROPOSED', True))
        entries = account('auditor').get(f"/v1/history/household/{household['id']}").expect(200).json['entries']
        self.assertEqual([entry['to'] for entry in entries], ['proposed', 'confirmed', 'proposed'])

    def test_L3_a_phone_is_one_however_it_is_written(self):
        client, number = account('customer_service'), phone()
        first = consult(client, phone=number).expect(201).json
        second = consult(client, phone=f'+86 {number[:3]}-{number[3:7]} {number[7:]}').expect(201).json
        self.assertEqual((second['touch'], second['lead']['id']), (True, first['lead']['id']))

    def test_L3_once_the_lead_is_closed_a_consultation_is_a_new_lead_of_the_same_customer(self):
        client, number = account('customer_service'), phone()
        first = consult(client, phone=number).expect(201).json['lead']
        client.post(f"{LEADS}/{first['id']}:move", {'to': 'LEAD_STATE_LOST', 'reason': 'too dear'}, key=fresh()).expect(200)
        second = consult(client, phone=number).expect(201).json
        self.assertEqual((second['touch'], second['lead']['customer_id']), (False, first['customer_id']))
        self.assertNotEqual(second['lead']['id'], first['id'])

    def households(self):
        client, token = account('customer_service'), ''
        while True:
            page = client.get('/v1/households', query={'page_size': 200, **({'page_token': token} if token else {})}).expect(200).json
            yield from page['households']
            token = page['next_page_token']
            if not token:
                return

    def household_of(self, customer_id):
        """The members of the proposed household a customer belongs to."""
        members = set()
        for household in self.households():
            if customer_id in household['customer_ids']:
                self.assertEqual(household['state'], 'HOUSEHOLD_STATE_PROPOSED')
                members |= set(household['customer_ids'])
        return members


class Funnel(unittest.TestCase):
    def setUp(self):
        self.client = account('customer_service')

    def born(self, **more):
        return consult(self.client, **more).expect(201).json['lead']

    def move(self, lead, to, reason=''):
        return self.client.post(f"{LEADS}/{lead['id']}:move", {'to': f'LEAD_STATE_{to}', **({'reason': reason} if reason else {})}, key=fresh())

    def refused(self, lead, to, reason='because'):
        body = self.move(lead, to, reason).expect(409).json
        return body['reason'], body['detail'], body['errors'][0]['field']

    def test_L2_forward_step_by_step_and_never_back(self):
        lead = self.born()
        self.assertEqual(states(lead), 'NEW')
        for to in ('CONTACTED', 'APPOINTED', 'ARRIVED'):
            self.assertEqual(states(self.move(lead, to).expect(200).json), to)
        for back in ('CONTACTED', 'APPOINTED', 'ARRIVED'):
            self.assertEqual(self.refused(lead, back), ('wrong-state', 'L2: a lead never goes back; the lead is arrived', 'to'))

    def test_L2_a_lead_may_skip_forward(self):
        self.assertEqual(states(self.move(self.born(), 'ARRIVED').expect(200).json), 'ARRIVED')

    def test_L2_won_is_no_move(self):
        self.assertEqual(self.refused(self.born(), 'WON'), ('wrong-state', 'L2: won is the first settled purchase, not a move; the lead is new', 'to'))

    def test_L2_lost_and_invalid_need_a_reason(self):
        for to in ('LOST', 'INVALID'):
            lead = self.born()
            body = self.move(lead, to).expect(400).json
            self.assertEqual([(error['field'], error['rule'], error['message']) for error in body['errors']], [('reason', 'L2', 'a reason is required')])
            moved = self.move(lead, to, 'moved abroad').expect(200).json
            self.assertEqual((states(moved), moved['reason']), (to, 'moved abroad'))

    def test_L2_a_lost_lead_is_reopened_to_where_it_was(self):
        lead = self.born()
        self.move(lead, 'APPOINTED').expect(200)
        self.move(lead, 'LOST', 'no time').expect(200)
        self.assertEqual(self.refused(lead, 'ARRIVED'), ('wrong-state', 'L2: a lead that is closed does not move; the lead is lost', 'to'))
        self.assertEqual(states(self.move(lead, 'NEW').expect(200).json), 'APPOINTED')
        self.assertEqual(self.refused(lead, 'NEW'), ('wrong-state', 'L2: only a lost lead is reopened; the lead is appointed', 'to'))

    def test_L2_an_invalid_lead_stays_invalid(self):
        lead = self.born()
        self.move(lead, 'INVALID', 'a prank').expect(200)
        self.assertEqual(self.refused(lead, 'NEW'), ('wrong-state', 'L2: only a lost lead is reopened; the lead is invalid', 'to'))

    def test_L3_a_lost_lead_is_not_reopened_beside_a_newer_one(self):
        number = phone()
        first = self.born(phone=number)
        self.move(first, 'LOST', 'no time').expect(200)
        second = self.born(phone=number)
        body = self.move(first, 'NEW').expect(409).json
        self.assertEqual((body['reason'], body['detail']), ('wrong-state', 'L3: another lead of this customer is open'))
        touched = consult(self.client, phone=number).expect(201).json
        self.assertTrue(touched['touch'])
        self.assertEqual(touched['lead']['id'], second['id'])

    def test_L3_a_consultation_after_reopening_is_a_touch(self):
        number = phone()
        lead = self.born(phone=number)
        self.move(lead, 'LOST', 'no time').expect(200)
        self.move(lead, 'NEW').expect(200)
        again = consult(self.client, phone=number).expect(201).json
        self.assertEqual((again['touch'], again['lead']['id']), (True, lead['id']))

    def test_L2_ten_who_move_it_at_once_are_in_an_order(self):
        lead = self.born()
        replies = together(10, lambda _: self.move(lead, 'CONTACTED'))
        self.assertEqual(sorted(reply.status for reply in replies), [200] + [409] * 9)

    def test_L2_a_walk_in_is_born_arrived(self):
        self.assertEqual(states(self.born(channel='walk_in')), 'ARRIVED')

    def test_L2_won_with_the_first_settled_purchase(self):
        lead = self.born()
        self.move(lead, 'LOST', 'no time').expect(200)
        open_lead = self.born()
        for customer in (lead, open_lead):
            settle(customer['customer_id'])
        self.assertEqual(states(self.client.get(f"{LEADS}/{open_lead['id']}").expect(200).json), 'WON')
        self.assertEqual(states(self.client.get(f"{LEADS}/{lead['id']}").expect(200).json), 'LOST')

    def test_G5_history_says_who_from_to_and_why(self):
        lead = self.born()
        self.move(lead, 'CONTACTED').expect(200)
        other = account('customer_service_director')
        other.post(f"{LEADS}/{lead['id']}:move", {'to': 'LEAD_STATE_LOST', 'reason': 'too dear'}, key=fresh()).expect(200)
        self.move(lead, 'ARRIVED').expect(409)      # a refused move leaves no trace
        entries = self.client.get(f"{LEADS}/{lead['id']}/history").expect(200).json['entries']
        self.assertEqual([(entry['by'], entry['from'], entry['to'], entry['why']) for entry in entries],
                         [(self.client.username, '', 'new', entries[0]['why']), (self.client.username, 'new', 'contacted', ''),
                          (other.username, 'contacted', 'lost', 'too dear')])
        self.assertEqual([entry['at'] for entry in entries], sorted(entry['at'] for entry in entries))

    def test_P1_a_consultant_sees_their_own_leads_alone(self):
        self.assertEqual(account('consultant').get(f"{LEADS}/{self.born()['id']}").status, 404)


def stored(described):
    """Every byte that leads keeps of its customers, read past the service."""
    if described['database'] == 'sqlite':
        return b''.join(pathlib.Path(described['folder'], 'db', name).read_bytes() for name in ('leads.db', 'leads.db-wal'))
    cluster = Cluster(pathlib.Path(described['folder']), described['processes']['postgres']['port'], os.devnull)
    dump = ['psql', cluster.service_url('leads', 'owner'), '-X', '-c', 'select * from customers', '-c', 'select * from history']
    return subprocess.run(dump, capture_output=True, check=True, timeout=60).stdout


def settle(customer_id, visit_id='', at=None, amount='100.00', no=None):
    at = at or datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='microseconds')
    body = {'settlement_no': no or code('s'), 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': customer_id, 'occurred_at': at, 'settled_at': at,
            'lines': [{'line_no': '1', 'category': 'dental', 'amount_fen': fen(amount)}], **({'visit_id': visit_id} if visit_id else {})}
    return desk().post('/v1/settlements', body, key=fresh()).expect(201).json


class Arrivals(unittest.TestCase):
    """A rep named at the desk (R5): a recognition, and the credit of that visit's settlements."""

    def test_L6_a_rep_named_at_the_desk_is_credited_that_visit_alone(self):
        source = Source()
        source.take('staff', [{'staff_no': 'r1', 'name': '李强', 'job': 'rep', 'joined_on': '2025-01-01', 'plan': 'plan-a'}])
        idle()
        rep = staff_by_number(administrator(), source.name)['r1']
        lead = consult(desk()).expect(201).json['lead']
        visit = self.arrive(lead, rep_id=rep)
        self.assertEqual((visit['first_arrival'], visit['rep_id']), (True, rep))
        finance = account('finance')

        def recognised():
            found = finance.get('/v1/recognitions', query={'customer_id': lead['customer_id']}).expect(200).json.get('recognitions', [])
            return found or None
        one, = eventually(20, recognised, 'the recognition')
        self.assertEqual((one['kind'], one['rep_id'], one['visit_id'], one['share_bp']), ('RECOGNITION_KIND_DESK', rep, visit['id'], 10_000))
        self.assertRegex(one['reason'], r'^rep named at the desk on \d{4}-\d\d-\d\d: credits this visit.s settlements$')
        settle(lead['customer_id'], visit['id'], '2026-05-10T10:00:00+08:00', '1000.00')
        settle(lead['customer_id'], at='2026-05-10T10:00:00+08:00', amount='7.00')      # of no visit: nobody's

        def credited():
            statement = finance.get(f'/v1/statements/2026-05/{rep}').expect(200).json
            self.assertEqual((statement['performance_fen'], statement['commission_fen']), ('100000', '5000'))
            return True
        eventually(20, credited)
        self.assertEqual(states(account('customer_service').get(f"{LEADS}/{lead['id']}").expect(200).json), 'ARRIVED')

    def test_L6_a_second_arrival_is_no_first_one(self):
        lead = consult(desk()).expect(201).json['lead']
        self.assertEqual([self.arrive(lead)['first_arrival'] for _ in range(2)], [True, False])

    def test_L6_what_does_not_fit_is_refused(self):
        lead, other = (consult(desk()).expect(201).json['lead'] for _ in range(2))
        nobody = other['id']
        cases = (({'customer_id': nobody}, 'customer_id', 'no such customer'), ({'lead_id': other['id']}, 'lead_id', "this lead is another customer's"),
                 ({'lead_id': other['customer_id']}, 'lead_id', 'no such lead'), ({'rep_id': nobody}, 'rep_id', 'no such member of staff'))
        for more, field, why in cases:
            with self.subTest(field=field, why=why):
                reply = desk().post('/v1/visits', {'customer_id': lead['customer_id'], 'department': 'dental', **more}, key=fresh()).expect(400).json
                self.assertEqual([(error['field'], error['message']) for error in reply['errors']], [(field, why)])

    @staticmethod
    def arrive(lead, **more):
        body = {'customer_id': lead['customer_id'], 'lead_id': lead['id'], 'department': 'dental', **more}
        return desk().post('/v1/visits', body, key=fresh()).expect(201).json


class Privacy(unittest.TestCase):
    def setUp(self):
        self.number, self.name = phone(), '欧阳芳菲'
        self.customer = consult(desk(), phone=self.number, name=self.name, birthday='1990-02-03').expect(201).json['lead']['customer_id']

    def test_G6_a_customer_is_masked_for_everybody(self):
        for role in ('consultant', 'front_desk', 'customer_service', 'market_director', 'leader', 'auditor', 'administrator'):
            with self.subTest(role=role):
                reply = account(role).get(f'/v1/customers/{self.customer}').expect(200)
                seen = reply.json
                self.assertRegex(seen['name'], r'^欧\*+$')
                for secret in (self.name, self.number, self.number[3:], '1990-02-03', '02-03'):
                    self.assertNotIn(secret, reply.body.decode())
                self.assertTrue(seen['phone'].endswith(self.number[-4:]) or '*' in seen['phone'], seen['phone'])

    def test_G6_revealed_to_some_for_a_reason_and_audited(self):
        path = f'/v1/customers/{self.customer}:reveal'
        self.assertEqual(account('auditor').post(path, {'reason': 'curious'}, key=fresh()).expect(403).json['reason'], 'role-missing')
        reply = desk().post(path, {}, key=fresh()).expect(400).json
        self.assertEqual([(error['field'], error['message']) for error in reply['errors']], [('reason', 'is required')])
        reported = desk().post(path, {'reason': 'calling back'}, key=fresh()).expect(200).json
        self.assertEqual((reported['name'], reported['phone'], reported['birthday']), (self.name, '+86' + self.number, '1990-02-03'))
        history = account('auditor').get(f'/v1/history/customer/{self.customer}').expect(200).json['entries']
        self.assertEqual([(entry['by'], entry['to'], entry['why']) for entry in history if entry['to'] == 'revealed'],
                         [(desk().username, 'revealed', 'calling back')])
        self.assertNotIn(b'calling back', stored(suite()), 'what somebody typed is sealed')

    def test_G6_nothing_of_it_lies_in_the_clear(self):
        described = suite()
        for secret in (self.name, self.number, '1990-02-03'):
            self.assertNotIn(secret.encode(), stored(described), secret)


if __name__ == '__main__':
    unittest.main()
