"""A refund reaches what it names (L7): by the route, by a file and by a row that waited, in the same words."""
import unittest

from files import Source, counts, eventually
from harness import fresh
from people import account, code, fen, phone
from test_bad_input import problem
from test_leads import consult, together

SERVICES = ('identity', 'leads')
SALE, REFUND = 'SETTLEMENT_KIND_SALE', 'SETTLEMENT_KIND_REFUND'
LEFT = 'refunds 60.01 where 60.00 of 100.00 is left'


def row(number, amount, **more):
    at = '2026-05-04T10:00:00+08:00'
    return {'settlement_no': number, 'kind': 'refund' if amount.startswith('-') else 'sale', 'customer_no': 'a', 'occurred_at': at, 'settled_at': at,
            'line_no': '1', 'category': 'dental', 'amount': amount, **more}


class ByTheRoute(unittest.TestCase):
    def setUp(self):
        self.desk = account('front_desk')
        self.a, self.b = (consult(account('customer_service')).expect(201).json['lead']['customer_id'] for _ in range(2))
        self.sale = code('s')
        self.record(self.sale, '100.00').expect(201)

    def record(self, number, amount, customer=None, headers=None, **more):
        body = {'settlement_no': number, 'kind': REFUND if amount.startswith('-') else SALE, 'customer_id': customer or self.a,
                'occurred_at': '2026-05-04T10:00:00+08:00', 'lines': [{'line_no': '1', 'category': 'dental', 'amount_fen': fen(amount)}], **more}
        return self.desk.request('POST', '/v1/settlements', body, key=fresh(), headers=headers or {})

    def refused(self, reply, field, why):
        self.assertEqual(problem(reply), (400, 'rule-broken', [(field, why)]))

    def test_L7_what_it_names_is_a_sale_of_the_same_customer_with_that_much_left(self):
        self.refused(self.record(code('r'), '-30.00', self.b, refund_of=self.sale), 'refund_of', "what it names is another customer's")
        self.refused(self.record(code('r'), '-250.00', refund_of=self.sale), 'refund_of', 'refunds 250.00 where 100.00 of 100.00 is left')
        self.refused(self.record(code('r'), '-1.00', refund_of=self.sale, occurred_at='2026-05-04T09:59:59+08:00'), 'occurred_at',
                     'lies before the sale that it refunds')
        refund = code('r')
        self.record(refund, '-40.00', refund_of=self.sale).expect(201)
        self.refused(self.record(code('r'), '-1.00', refund_of=refund), 'refund_of', 'what it names is a refund itself')
        self.refused(self.record(refund, '-40.00', refund_of=refund), 'refund_of', 'a settlement does not refund itself')
        self.refused(self.record(self.sale, '-1.00', refund_of=self.sale), 'refund_of', 'a settlement does not refund itself')
        self.refused(self.record(code('r'), '-60.01', refund_of=self.sale), 'refund_of', LEFT)
        self.record(code('r'), '-60.00', refund_of=self.sale).expect(201)

    def test_L7_a_sale_is_not_brought_below_what_was_refunded(self):
        self.record(code('r'), '-40.00', refund_of=self.sale).expect(201)
        self.refused(self.record(self.sale, '39.99'), 'lines', 'comes to 39.99, of which 40.00 was refunded')
        self.record(self.sale, '40.00').expect(201)

    def test_L7_the_visit_is_the_same_customers(self):
        visit = self.desk.post('/v1/visits', {'customer_id': self.b, 'department': 'dental'}, key=fresh()).expect(201).json['id']
        self.refused(self.record(code('s'), '10.00', visit_id=visit), 'visit_id', "this visit is another customer's")
        self.record(code('s'), '10.00', self.b, visit_id=visit).expect(201)

    def test_L7_a_number_becomes_another_customers_only_by_its_version(self):
        moved = self.record(self.sale, '100.00', self.b)
        self.assertEqual(problem(moved)[:2], (409, 'already-exists'))
        self.assertEqual([field for field, _ in problem(moved)[2]], ['settlement_no'])
        self.assertEqual(problem(self.record(self.sale, '100.00', self.b, {'If-Match': '"7"'}))[:2], (412, 'version-mismatch'))
        self.assertEqual(problem(self.record(code('s'), '100.00', self.b, {'If-Match': '"1"'}))[:2], (412, 'version-mismatch'))
        self.assertEqual(self.record(self.sale, '100.00', self.b, {'If-Match': '"1"'}).expect(201).json['customer_id'], self.b)

    def test_L7_ten_refunds_at_once_take_no_more_than_there_is(self):
        replies = together(10, lambda _: self.record(code('r'), '-30.00', refund_of=self.sale))
        self.assertEqual(sorted(reply.status for reply in replies), [201] * 3 + [400] * 7)

    def test_L7_one_number_ten_times_at_once_is_one_settlement(self):
        number = code('s')
        made = [reply.expect(201).json for reply in together(10, lambda index: self.record(number, f'{index + 1}.00'))]
        self.assertEqual(len({one['id'] for one in made}), 1)
        self.assertEqual(sorted(int(one['version']) for one in made), list(range(1, 11)))


class ByAFile(unittest.TestCase):
    def setUp(self):
        self.source = Source()
        self.source.take('customers', [{'customer_no': who, 'name': f'王{who}', 'phone': phone()} for who in 'ab'])
        self.source.take('visits', [{'visit_no': 'v', 'customer_no': 'b', 'arrived_at': '2026-05-04T09:00:00+08:00', 'department': 'dental'}])

    def report(self, operation):
        return counts(self.source.operation(operation['id'])['import']['report'])

    BAD = ((row('r1', '-30.00', customer_no='b', refund_of='s'), "refund_of: what it names is another customer's"),
           (row('r2', '-250.00', refund_of='s'), 'refund_of: refunds 250.00 where 100.00 of 100.00 is left'),
           (row('r3', '-1.00', refund_of='s', occurred_at='2026-05-04T09:59:59+08:00'), 'occurred_at: lies before the sale that it refunds'),
           (row('r4', '5.00', refund_of='s'), 'refund_of: a sale names nothing that it refunds'),
           (row('v1', '5.00', visit_no='v'), "visit_no: this visit is another customer's"))

    def test_L7_rows_are_refused_in_the_same_words(self):
        operation = self.source.run('settlements', [row('s', '100.00'), *(bad for bad, _ in self.BAD), row('r5', '-40.00', refund_of='s'),
                                                    row('r6', '-1.00', refund_of='r5'), row('r7', '-60.01', refund_of='s'), row('r8', '-60.00', refund_of='s')])
        reasons = {line['settlement_no']: reason for _, reason, line in self.source.refusals(operation['id'])}
        wanted = {bad['settlement_no']: why for bad, why in self.BAD}
        self.assertEqual(reasons, {**wanted, 'r6': 'refund_of: what it names is a refund itself', 'r7': f'refund_of: {LEFT}'})
        again = self.source.run('settlements', [row('s', '99.99'), row('r5', '-40.00', refund_of='r5')])
        self.assertEqual({line['settlement_no']: reason for _, reason, line in self.source.refusals(again['id'])},
                         {'s': 'lines: comes to 99.99, of which 100.00 was refunded', 'r5': 'refund_of: a settlement does not refund itself'})

    def test_L7_a_visit_stays_the_customers_whose_settlements_name_it(self):
        visit = {'visit_no': 'v', 'arrived_at': '2026-05-04T09:00:00+08:00', 'department': 'dental'}
        self.source.take('settlements', [row('s', '100.00', customer_no='b', visit_no='v')])
        self.assertEqual(self.source.reasons('visits', [{**visit, 'customer_no': 'a'}]), {2: "customer_no: settlements of this visit are another customer's"})
        self.assertEqual(self.source.take('visits', [{**visit, 'customer_no': 'b', 'department': 'skin'}]), {'read': 1, 'updated': 1})

    def test_L7_a_refund_that_waits_for_its_sale_is_judged_when_that_comes(self):
        waits = self.source.run('settlements', [row('r1', '-60.00', refund_of='s'), row('r2', '-60.00', refund_of='s'),
                                                row('r3', '-1.00', customer_no='b', refund_of='s')])
        self.assertEqual(counts(waits['import']['report']), {'read': 3, 'waiting': 3})
        self.source.take('settlements', [row('s', '100.00')])
        eventually(30, lambda: not self.report(waits).get('waiting'), 'the refunds to be judged')
        self.assertEqual(self.report(waits), {'read': 3, 'created': 1, 'refused': 2})
        self.assertEqual({reason for _, reason, _ in self.source.refusals(waits['id'])},
                         {'refund_of: refunds 60.00 where 40.00 of 100.00 is left', "refund_of: what it names is another customer's"})
