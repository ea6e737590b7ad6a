"""Statements to the fen, as the worked examples of DOMAIN.md section 3 say, and who may see them."""
import datetime
import threading
import unittest
import uuid

import harness
from files import Source, idle
from harness import administrator, fresh
from people import account, code, new_account, own_account, person, phone, staff_by_number

SERVICES = ('identity', 'leads', 'referrals', 'commissions')


def staff(no, plan, **more):
    return {'staff_no': no, 'name': '李强', 'job': 'rep', 'joined_on': '2025-01-01', 'plan': plan, **more}


def yuan(fen):
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


class Till:
    """One source with reps and their customers: a customer `c-<rep>` of each rep's own, and shared ones."""

    def __init__(self):
        self.source = Source()
        self.staff, self.moves, self.customers, self.shares, self.settlements = [], [], {}, [], []

    def rep(self, no, plan, **more):
        self.staff.append(staff(no, plan, **more))
        self.share(f'c-{no}', (no, 10_000))

    def share(self, customer, *shares):
        self.customers[customer] = {'customer_no': customer, 'name': '王芳', 'phone': phone()}
        for rep, share_bp in shares:
            self.shares.append({'attribution_no': f'{customer}-{rep}', 'customer_no': customer, 'rep_no': rep, 'from': '2026-01-01', 'share_bp': share_bp})

    def settle(self, customer, fen, at='2026-05-10T10:00:00+08:00', category='dental', no=None, **more):
        no = no or f's{len(self.settlements)}'
        self.settlements.append({'settlement_no': no, 'kind': 'refund' if fen < 0 else 'sale', 'customer_no': customer, 'occurred_at': at,
                                 'settled_at': at, 'line_no': str(len(self.settlements)), 'category': category, 'amount': yuan(fen), **more})

    def take(self):
        for kind, rows in (('staff', self.staff), ('moves', self.moves), ('customers', list(self.customers.values())),
                           ('attributions', self.shares), ('settlements', self.settlements)):
            if rows:
                self.source.take(kind, rows)
        idle()
        return self

    def paid(self, period):
        """staff_no -> {rule: fen}."""
        return {no: {total['rule']: int(total['amount_fen']) for total in row['totals']} for no, row in self.source.statements(period).items()}

    def statement(self, no, period):
        payee = self.source.statements(period)[no]['payee_id']
        return administrator().get(f'/v1/statements/{period}/{payee}').expect(200).json


class WorkedExamples(unittest.TestCase):
    """One rep an example; all of them are in one till."""
    C3 = {5_000_000: 250_000, 5_000_001: 250_000, 10_000_000: 570_000, 8_000_000: 430_000, 8_000_100: 430_007, 100: 5, 9: 0, 10: 1}
    C7 = {1_999_999: 60_000, 2_000_000: 80_000, 3_000_000: 150_000, 5_000_000: 300_000, 7_000_000: 490_000, 10_000_000: 800_000,
          15_000_000: 1_350_000, 19_999_999: 1_800_000, 20_000_000: 2_000_000, 50: 2}

    @classmethod
    def setUpClass(cls):
        cls.till = till = Till()
        for plan, examples in (('plan-a', cls.C3), ('plan-b', cls.C7)):
            for fen in examples:
                till.rep(f'{plan}-{fen}', plan)
                # In three settlements of two lines: the table is over the month's total, never line by line (C2).
                for part in (fen // 3, fen // 3, fen - 2 * (fen // 3)):
                    no = code('x')
                    till.settle(f'c-{plan}-{fen}', part // 2, no=no)
                    till.settle(f'c-{plan}-{fen}', part - part // 2, no=no)
        till.rep('nothing-a', 'plan-a')
        # C8: out of the table's base, at rates of their own; prices per case are left out of the base too.
        till.rep('items', 'plan-b')
        for fen, category in ((2_000_000, 'dental'), (100_000, 'work_injury'), (50_000, 'checkup'), (1_001, 'health_certificate'),
                              (9_000_000, 'obstetrics_natural')):
            till.settle('c-items', fen, category=category)
        # C1: a refund of 5,000 with sales of 30,000 in the same month; below zero is carried into the next.
        till.rep('refund', 'plan-b')
        till.settle('c-refund', 3_000_000)
        till.settle('c-refund', -500_000)
        till.rep('carried', 'plan-b')
        till.settle('c-carried', -500_000)
        till.settle('c-carried', 3_000_000, at='2026-06-10T10:00:00+08:00')
        # G3: the month is the hospital's.
        till.rep('night', 'plan-a')
        till.settle('c-night', 10_000, at='2026-05-31T15:59:59Z')
        till.settle('c-night', 20_000, at='2026-05-31T16:00:00Z')
        # C1: what is in treatment counts when it settles.
        till.rep('treatment', 'plan-a')
        till.settle('c-treatment', 10_000, settled_at='')
        # G2: shares by line, the remainder to the first listed, the sign put back.
        till.staff += [staff('first', 'plan-a'), staff('second', 'plan-a'), staff('third', 'plan-a')]
        till.share('c-half', ('first', 5_000), ('second', 5_000))
        till.settle('c-half', -1)
        till.share('c-thirds', ('third', 3_333))
        till.settle('c-thirds', 100)
        # C19: each settlement counts under the plan of its day.
        till.rep('moved', 'plan-a')
        till.moves.append({'staff_no': 'moved', 'from': '2026-05-15', 'plan': 'plan-b'})
        till.settle('c-moved', 100_000, at='2026-05-14T23:59:59+08:00')
        till.settle('c-moved', 2_000_000, at='2026-05-15T00:00:00+08:00')
        till.take()
        cls.paid = till.paid('2026-05')

    def test_C3_marginal(self):
        self.assertEqual({fen: self.paid[f'plan-a-{fen}'] for fen in self.C3}, {fen: {'C3': paid} for fen, paid in self.C3.items()})

    def test_C7_slab(self):
        self.assertEqual({fen: self.paid[f'plan-b-{fen}']['C7'] for fen in self.C7}, self.C7)

    def test_C3_the_line_explains_itself(self):
        line, = self.till.statement('plan-a-10000000', '2026-05')['lines']
        self.assertEqual([(part['from_fen'], part['amount_fen'], part['rate_bp']) for part in line['parts']],
                         [('0', '5000000', 500), ('5000000', '3000000', 600), ('8000000', '2000000', 700)])
        self.assertEqual(line['explanation'], 'C3 marginal: base 100000.00; 50000.00 × 5 % + 30000.00 × 6 % + 20000.00 × 7 % = 5700.00, '
                                              'rounded once half away from zero (G2)')
        self.assertEqual((line['plan'], line['plan_version'], line['mode']), ('plan-a', '1', 'TABLE_MODE_MARGINAL'))

    def test_C12_the_sources_add_up_to_the_performance(self):
        row = self.till.source.statements('2026-05')['plan-a-10000000']
        sources = administrator().get(f"/v1/statements/2026-05/{row['payee_id']}/sources").expect(200).json['sources']
        self.assertEqual(sum(int(source['credited_fen']) for source in sources), 10_000_000)
        self.assertEqual({(source['rule'], source['share_bp'], source['settled_on']) for source in sources}, {('C3', 10_000, '2026-05-10')})
        self.assertEqual(len(sources), 6)

    def test_C12_nothing_is_nothing(self):
        self.assertEqual(self.paid['nothing-a'], {'C3': 0})

    def test_C8_items_stand_outside_the_table(self):
        statement = self.till.statement('items', '2026-05')
        lines = {(line['rule'], line['category']): (int(line['base_fen']), int(line['amount_fen'])) for line in statement['lines']}
        self.assertEqual(lines, {('C7', ''): (2_000_000, 80_000), ('C8', 'work_injury'): (100_000, 8_000), ('C8', 'checkup'): (50_000, 15_000),
                                 ('C8', 'health_certificate'): (1_001, 300)})
        self.assertEqual(self.paid['items'], {'C7': 80_000, 'C8': 23_300})
        self.assertIn('plan-b: C8 prices per case', statement['not_covered'])

    def test_C1_a_refund_is_a_negative_fact(self):
        self.assertEqual(self.paid['refund']['C7'], 100_000)

    def test_C1_below_zero_pays_nothing_and_is_carried(self):
        self.assertEqual(self.paid['carried'], {'C7': 0, 'C8': 0})
        line = self.till.statement('carried', '2026-05')['lines'][0]
        self.assertEqual((line['base_fen'], line['carried_out_fen'], line['amount_fen']), ('-500000', '-500000', '0'))
        line = self.till.statement('carried', '2026-06')['lines'][0]
        self.assertEqual((line['own_fen'], line['carried_in_fen'], line['base_fen'], line['amount_fen']), ('3000000', '-500000', '2500000', '100000'))

    def test_G3_the_month_is_the_hospitals(self):
        self.assertEqual(self.paid['night'], {'C3': 500})
        self.assertEqual(self.till.paid('2026-06')['night'], {'C3': 1000})

    def test_C1_in_treatment_does_not_count(self):
        self.assertEqual(self.paid['treatment'], {'C3': 0})

    def test_G2_a_fen_below_zero_shared_by_two_goes_to_the_first(self):
        rows = self.till.source.statements('2026-05')
        self.assertEqual([int(rows[no]['performance_fen']) for no in ('first', 'second')], [-1, 0])

    def test_G2_a_third_of_a_yuan(self):
        self.assertEqual(int(self.till.source.statements('2026-05')['third']['performance_fen']), 33)

    def test_C19_each_settlement_counts_under_the_plan_of_its_day(self):
        self.assertEqual(self.paid['moved'], {'C3': 5_000, 'C7': 80_000, 'C8': 0})


class WhoSeesWhat(unittest.TestCase):
    """A rep their own, a supervisor the group's, finance all; another's is not there at all."""

    @classmethod
    def setUpClass(cls):
        cls.till = till = Till()
        till.staff.append(staff('boss', 'plan-a', job='supervisor', group_no='g1'))
        till.rep('own', 'plan-a', group_no='g1', supervisor_no='boss')
        till.rep('colleague', 'plan-a', group_no='g1', supervisor_no='boss')
        till.rep('stranger', 'plan-a', group_no='g2')
        for no in ('own', 'colleague', 'stranger'):
            till.settle(f'c-{no}', 10_000)
        till.take()
        cls.ids = staff_by_number(administrator(), till.source.name)
        cls.rep = own_account('rep', cls.ids['own'])
        cls.supervisor = own_account('supervisor', cls.ids['boss'])

    def status(self, client, no, more=''):
        return client.get(f'/v1/statements/2026-05/{self.ids[no]}{more}').status

    def listed(self, client):
        reply = client.get('/v1/statements/2026-05', query={'imported_from': self.till.source.name}).expect(200).json
        return {row['staff_no'] for row in reply['statements']}

    def test_P1_a_rep_sees_their_own_statement(self):
        reply = self.rep.get(f"/v1/statements/2026-05/{self.ids['own']}").expect(200).json
        self.assertEqual((reply['staff_no'], reply['commission_fen']), ('own', '500'))
        self.assertEqual(self.status(self.rep, 'own', '/sources'), 200)
        self.assertEqual(self.listed(self.rep), {'own'})

    def test_P1_somebody_elses_statement_is_not_there(self):
        unknown = self.rep.get(f'/v1/statements/2026-05/{uuid.uuid4()}').expect(404).json
        for no in ('colleague', 'stranger', 'boss'):
            with self.subTest(no=no):
                reply = self.rep.get(f'/v1/statements/2026-05/{self.ids[no]}').expect(404).json
                self.assertEqual((reply['reason'], reply['detail']), (unknown['reason'], unknown['detail']))
                self.assertEqual(self.status(self.rep, no, '/sources'), 404)

    def test_P1_a_supervisor_sees_the_groups(self):
        self.assertEqual([self.status(self.supervisor, no) for no in ('boss', 'own', 'colleague', 'stranger')], [200, 200, 200, 404])
        self.assertEqual(self.listed(self.supervisor), {'boss', 'own', 'colleague'})

    def test_P1_finance_sees_all_and_a_clinician_none(self):
        self.assertEqual(self.listed(account('finance')), {'boss', 'own', 'colleague', 'stranger'})
        self.assertEqual(self.status(account('finance'), 'stranger'), 200)
        self.assertEqual(self.status(account('front_desk'), 'own'), 403)

    def test_P1_a_supervisor_sees_nobody_who_has_moved_to_another_group(self):
        source = Source()
        source.take('staff', [staff('boss', 'plan-a', job='supervisor'), staff('other', 'plan-a', job='supervisor'),
                              staff('rep', 'plan-a', supervisor_no='boss')])
        source.take('moves', [{'staff_no': 'rep', 'from': '2026-01-01', 'supervisor_no': 'other'}])
        idle()
        ids = staff_by_number(administrator(), source.name)
        path = f"/v1/statements/2026-05/{ids['rep']}"
        self.assertEqual(own_account('supervisor', ids['other']).get(path).status, 200)
        self.assertEqual(own_account('supervisor', ids['boss']).get(path).status, 404)


class Plans(unittest.TestCase):
    """C2: proposed with samples in both modes, in force when two people have approved."""

    def document(self, **more):
        return {'code': code('plan'), 'title': 'a test', 'table': {'rule': 'C3', 'mode': 'TABLE_MODE_SLAB',
                'brackets': [{'from_fen': 0, 'rate_bp': 100}, {'from_fen': 1_000_000, 'rate_bp': 200}]}, **more}

    def propose(self, document, effective_from='2026-05-01'):
        return person('finance').post('/v1/plans', {'document': document, 'effective_from': effective_from}, key=fresh())

    def test_C2_two_different_people_approve(self):
        document = self.document()
        made = self.propose(document).expect(201).json
        samples = {int(sample['amount_fen']): (int(sample['marginal_fen']), int(sample['slab_fen'])) for sample in made['samples']}
        self.assertEqual(samples, {999_999: (10_000, 10_000), 1_000_000: (10_000, 20_000), 1_000_001: (10_000, 20_000), 2_000_000: (30_000, 40_000)})
        self.assertFalse(made['approved'])
        path = f"/v1/plans/{made['id']}:approve"
        leader = person('leader')
        own = person('finance').post(path, {}, key=fresh()).expect(403).json
        self.assertEqual((own['reason'], own['detail']), ('same-person', 'C2: its author does not approve a plan'))
        self.assertFalse(leader.post(path, {}, key=fresh()).expect(200).json['approved'])
        again = leader.post(path, {}, key=fresh()).expect(403).json
        self.assertEqual((again['reason'], again['detail']), ('same-person', 'C2: two different people approve'))
        done = person('market_director').post(path, {}, key=fresh()).expect(200).json
        self.assertTrue(done['approved'])
        self.assertEqual(sorted(done['approvers']), sorted([leader.username, person('market_director').username]))
        self.assertEqual(sorted(done['approver_staff_ids']), sorted([leader.staff_id, person('market_director').staff_id]))
        third = person('finance').post(path, {}, key=fresh()).expect(409).json
        self.assertEqual((third['reason'], third['detail']), ('wrong-state', 'C2: the plan is approved already'))

    def test_C2_they_are_persons_not_accounts(self):
        made = self.propose(self.document()).expect(201).json
        path = f"/v1/plans/{made['id']}:approve"
        again = own_account('leader', person('finance').staff_id).post(path, {}, key=fresh()).expect(403).json
        self.assertEqual((again['reason'], again['detail']), ('same-person', 'C2: its author does not approve a plan'))
        leader = person('leader')
        leader.post(path, {}, key=fresh()).expect(200)
        twice = own_account('market_director', leader.staff_id).post(path, {}, key=fresh()).expect(403).json
        self.assertEqual((twice['reason'], twice['detail']), ('same-person', 'C2: two different people approve'))

    def test_C2_an_account_without_a_staff_record_does_neither(self):
        why = (403, 'rule-broken', 'C2: an account without a staff record neither proposes nor approves a plan')
        body = {'document': self.document(), 'effective_from': '2026-05-01'}
        made = self.propose(self.document()).expect(201).json
        for client, path, sent in ((account('finance'), '/v1/plans', body), (account('leader'), f"/v1/plans/{made['id']}:approve", {})):
            reply = client.post(path, sent, key=fresh())
            self.assertEqual((reply.status, reply.json['reason'], reply.json['detail']), why)

    def test_G7_a_plan_takes_effect_at_most_a_year_ahead(self):
        day = datetime.date.today() + datetime.timedelta(368)
        reply = self.propose(self.document(), str(day)).expect(400).json
        self.assertEqual([(error['field'], error['message']) for error in reply['errors']], [('effective_from', 'lies more than a year ahead')])

    def test_C2_versions_proposed_concurrently_follow_one_another(self):
        document, replies = self.document(), []
        proposer = person('finance')

        def propose():
            replies.append(proposer.post('/v1/plans', {'document': document, 'effective_from': '2026-05-01'}, key=fresh()))
        threads = [threading.Thread(target=propose) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({reply.status for reply in replies}, {201})
        self.assertEqual(sorted(int(reply.json['version']) for reply in replies), list(range(1, 13)))

    def test_C2_a_plan_pays_only_once_it_is_approved_and_from_its_day_on(self):
        document = self.document()
        made = self.propose(document, '2026-05-01').expect(201).json
        till = Till()
        till.rep('rep', document['code'])
        till.settle('c-rep', 2_000_000)
        till.settle('c-rep', 2_000_000, at='2026-04-10T10:00:00+08:00')
        till.take()
        self.assertNotIn('C3', till.paid('2026-05').get('rep', {}))
        for role in ('leader', 'market_director'):
            person(role).post(f"/v1/plans/{made['id']}:approve", {}, key=fresh()).expect(200)
        self.assertEqual(till.paid('2026-05')['rep'], {'C3': 40_000})
        self.assertEqual(till.paid('2026-04')['rep'], {})

    def test_C2_a_bad_table_is_refused(self):
        def table(*brackets, mode='TABLE_MODE_SLAB'):
            return self.document(table={'rule': 'C3', 'mode': mode, 'brackets': [{'from_fen': fen, 'rate_bp': rate} for fen, rate in brackets]})
        cases = ((table((1, 100)), 'document.table.brackets[0].from_fen', 'brackets start at 0'),
                 (table((0, 100), (500, 200), (500, 300)), 'document.table.brackets[2].from_fen', 'brackets rise, each above the one before'),
                 (table((0, 100), (-5, 200)), 'document.table.brackets[1].from_fen', 'must be at least 0'),
                 (table((0, 10_001)), 'document.table.brackets[0].rate_bp', 'must be at most 10000'),
                 (table(), 'document.table.brackets', 'must have at least 1 entries'),
                 (table((0, 100), mode='TABLE_MODE_UNSPECIFIED'), 'document.table.mode', 'is required'),
                 (self.document(item_rates=[{'rule': 'C8', 'category': 'dental', 'rate_bp': 1}] * 2), 'document.item_rates[1].category', 'this category stands twice'))
        for document, field, why in cases:
            with self.subTest(field=field, why=why):
                reply = self.propose(document).expect(400).json
                self.assertEqual([(error['field'], error['message']) for error in reply['errors']], [(field, why)])

    def test_C2_a_version_follows_another(self):
        document = self.document()
        versions = [self.propose(document, day).expect(201).json['version'] for day in ('2026-05-01', '2026-06-01')]
        self.assertEqual(versions, ['1', '2'])
        listed = administrator().get('/v1/plans', query={'code': document['code']}).expect(200).json['plans']
        self.assertEqual([plan['version'] for plan in listed], ['2', '1'])
        self.assertEqual(administrator().get(f"/v1/plans/{listed[0]['id']}").expect(200).json, listed[0])

    def test_C2_who_proposes_is_told(self):
        made = self.propose(self.document()).expect(201).json
        self.assertEqual((made['author'], made.get('approvers', [])), (person('finance').username, []))


class Months(unittest.TestCase):
    """C13, G7: which months there are."""

    def test_a_month_that_lies_ahead_or_before_1990_is_refused_on_every_route(self):
        payee = uuid.uuid4()
        ahead = f'{datetime.date.today().year + 2}-01'
        finance = account('finance')
        for month, why in ((ahead, 'lies ahead; the current month is '), ('1989-12', 'lies before 1990')):
            replies = [finance.get(f'/v1/statements/{month}'), finance.get(f'/v1/statements/{month}/{payee}'),
                       finance.get(f'/v1/statements/{month}/{payee}/sources'), finance.post(f'/v1/periods/{month}:lock', {}, key=fresh()),
                       finance.post('/v1/periods:setFirst', {'period': month, 'reason': 'a test'}, key=fresh())]
            for reply in replies:
                error, = reply.expect(400).json['errors']
                self.assertEqual((error['field'], error['message'][:len(why)]), ('period', why))


if __name__ == '__main__':
    unittest.main()
