"""L11: the same files twice change nothing, any order of files is the same result, a dry run keeps nothing, what is not
known yet waits."""
import random
import unittest

from files import KINDS, Source, counts, idle
from harness import administrator, fresh
from people import account, code, phone, staff_by_number

SERVICES = ('identity', 'leads', 'referrals', 'commissions')
REPS, CUSTOMERS, SETTLEMENTS = 4, 12, 60


def sample(seed):
    """A small hospital: every kind of file, each referring to others. Phones are new each time it is made."""
    chance = random.Random(seed)
    month = lambda: chance.choice(('2026-03', '2026-04', '2026-05'))     # noqa: E731
    day = lambda: f'{month()}-{chance.randint(1, 28):02d}'               # noqa: E731
    staff = [{'staff_no': 'boss', 'name': '李强', 'job': 'supervisor', 'joined_on': '2024-01-01', 'plan': 'plan-a', 'supervisor_no': ''}]
    staff += [{'staff_no': f'r{n}', 'name': '张伟', 'job': 'rep', 'joined_on': '2024-01-01', 'plan': ('plan-a', 'plan-b')[n % 2],
               'supervisor_no': 'boss'} for n in range(REPS)]
    customers = [{'customer_no': f'c{n}', 'name': f'王{chr(0x4e00 + n)}', 'phone': phone()} for n in range(CUSTOMERS)]
    leads = [{'lead_no': f'l{n}', 'consulted_at': f'{day()}T09:00:00+08:00', 'channel': 'online', 'source': 'website', 'customer_no': f'c{n}',
              'consultant_no': 'boss'} for n in range(CUSTOMERS)]
    settlements, sold, on = [], 0, ''
    for n in range(SETTLEMENTS):
        refund, left = n % 10 == 9, sold
        on, sold = (on if refund else day()), 0
        at = f'{on}T1{5 if refund else 0}:00:00+08:00'
        for line in range(chance.randint(1, 3)):
            # A refund takes back a part of the sale before it, never more than is left (L7).
            fen = chance.randint(1, max(1, left // 4)) if refund else chance.randint(100, 90_099)
            sold += fen
            settlements.append({'settlement_no': f's{n}', 'kind': 'refund' if refund else 'sale', 'refund_of': f's{n - 1}' if refund else '',
                                'customer_no': f'c{n % CUSTOMERS if not refund else (n - 1) % CUSTOMERS}', 'visit_no': f'v{n % CUSTOMERS}' if not refund else '',
                                'occurred_at': at, 'settled_at': at, 'line_no': str(line), 'category': chance.choice(('dental', 'checkup', 'other')),
                                'amount': f"{'-' if refund else ''}{fen // 100}.{fen % 100:02d}"})
    return {
        'staff': staff,
        'moves': [{'staff_no': 'r1', 'from': '2026-04-01', 'plan': 'plan-a'}],
        'customers': customers,
        'leads': leads,
        'appointments': [{'appointment_no': f'a{n}', 'lead_no': f'l{n}', 'booked_at': '2026-03-01T09:00:00+08:00',
                          'slot_start': f'{day()}T09:00:00+08:00', 'department': 'dental', 'status': 'booked'} for n in range(CUSTOMERS)],
        'visits': [{'visit_no': f'v{n}', 'customer_no': f'c{n}', 'lead_no': f'l{n}', 'arrived_at': f'{day()}T09:00:00+08:00',
                    'department': 'dental', 'rep_no': f'r{n % REPS}' if n % 3 == 0 else ''} for n in range(CUSTOMERS)],
        'settlements': settlements,
        'attributions': [{'attribution_no': f't{n}-{part}', 'customer_no': f'c{n}', 'rep_no': f'r{(n + part) % REPS}', 'from': '2026-01-01',
                          'share_bp': 5000} for n in range(CUSTOMERS) if n % 3 for part in (0, 1)],
    }


def figures(source):
    """What public routes count of a source, and every statement with its lines and sources; without the suite's own ids."""
    asked = {'imported_from': source.name}
    client = source.client
    result = {}
    for route, query in (('/v1/customers:count', {}), ('/v1/leads:count', {'group_by': 'state'}), ('/v1/leads:count', {'group_by': 'month'}),
                         ('/v1/appointments:count', {}), ('/v1/visits:count', {'group_by': 'rep'}), ('/v1/settlements:summary', {})):
        reply = client.get(route, query={**query, **asked}).expect(200).json
        if 'counts' in reply:
            reply['counts'].sort(key=lambda count: count['key'])    # reps come in the order of the suite's own ids
        result[route, *query.values()] = reply
    for period in ('2026-03', '2026-04', '2026-05'):
        for no, row in sorted(source.statements(period).items()):
            payee = row.pop('payee_id')
            lines = client.get(f'/v1/statements/{period}/{payee}').expect(200).json['lines']
            sources = client.get(f'/v1/statements/{period}/{payee}/sources').expect(200).json['sources']
            result[period, no] = row, lines, sorted(map(str, sources))
    return result


def take_all(source, files, order=KINDS):
    """All files in that order; kind -> operation."""
    operations = {kind: source.run(kind, files[kind]) for kind in order}
    idle(source.client)
    return {kind: source.operation(operation['id']) for kind, operation in operations.items()}


class Twice(unittest.TestCase):
    def test_L11_the_same_files_twice_change_nothing(self):
        source, files = Source(), sample(1)
        first = take_all(source, files)
        for kind, operation in first.items():
            records = len({row.get('settlement_no', index) for index, row in enumerate(files[kind])})
            self.assertEqual(counts(operation['import']['report']), {'read': records, 'created': records}, kind)
        before = figures(source)
        self.assertTrue(any(int(value[0]['commission_fen']) for key, value in before.items() if isinstance(value, tuple)))
        for kind, operation in take_all(source, files, KINDS[::-1]).items():
            read = first[kind]['import']['report']['read']
            self.assertEqual(counts(operation['import']['report']), {'read': int(read), 'unchanged': int(read)}, kind)
        self.assertEqual(figures(source), before)

    def test_L11_a_changed_row_is_an_update_and_reported_as_one(self):
        source, files = Source(), sample(2)
        take_all(source, files)
        files['customers'][3]['name'] = '李新'
        files['settlements'][0]['amount'] = '1234.56'
        files['attributions'][0]['share_bp'] = 4000
        files['visits'][1]['department'] = 'gynaecology'
        before = figures(source)
        reports = {kind: counts(operation['import']['report']) for kind, operation in take_all(source, files).items()}
        for kind, report in reports.items():
            updated = int(kind in ('customers', 'settlements', 'attributions', 'visits'))
            self.assertEqual((report.get('updated', 0), report['unchanged']), (updated, report['read'] - updated), kind)
        self.assertNotEqual(figures(source), before)
        # And back again: as if nothing had been.
        again = sample(2)
        for kind, name in (('settlements', 'amount'), ('attributions', 'share_bp')):
            files[kind][0][name] = again[kind][0][name]
        take_all(source, files)
        self.assertEqual(figures(source), before)

    def test_L11_another_source_is_another_record(self):
        files = {'customers': [{'customer_no': 'c1', 'name': '王芳', 'phone': phone()}]}
        self.assertEqual([Source().take('customers', files['customers']) for _ in range(2)], [{'read': 1, 'created': 1}] * 2)


class Order(unittest.TestCase):
    """Files in every order end in the same statements and counts."""
    ORDERS = (KINDS[::-1],
              ('settlements', 'attributions', 'visits', 'appointments', 'leads', 'customers', 'moves', 'staff'),
              ('attributions', 'moves', 'settlements', 'staff', 'visits', 'customers', 'appointments', 'leads'))

    def test_L11_any_order_of_files_is_the_same_result(self):
        files = sample(3)
        straight = Source()
        take_all(straight, files)
        expected = figures(straight)
        for order in self.ORDERS:
            with self.subTest(order=order):
                source = Source()
                operations = take_all(source, self.of_another(files), order)
                for kind, operation in operations.items():
                    self.assertEqual({name: count for name, count in counts(operation['import']['report']).items() if name in ('waiting', 'refused')}, {}, kind)
                self.assertEqual(figures(source), expected)

    def test_L11_any_order_of_rows_is_the_same_result(self):
        files = sample(4)
        straight, mixed = Source(), Source()
        take_all(straight, files)
        other = self.of_another(files)
        for kind in ('staff', 'customers', 'leads', 'appointments', 'visits', 'settlements'):
            random.Random(4).shuffle(other[kind])
        take_all(mixed, other)
        self.assertEqual(figures(mixed), figures(straight))

    @staticmethod
    def of_another(files):
        """The same with other phones, so that no household joins the two sources."""
        copy = {kind: [dict(row) for row in rows] for kind, rows in files.items()}
        for row in copy['customers']:
            row['phone'] = phone()
        return copy


class Cancelled(unittest.TestCase):
    """L11: a file that was sent by mistake is stopped; what was taken of it by then stays."""

    def test_an_import_ends_at_its_next_step(self):
        source = Source()
        rows = [{'customer_no': f'c{number}', 'name': '王芳'} for number in range(20_000)]
        path = f'/v1/operations/{source.begin("customers", rows)}'
        asked = source.client.post(f'{path}:cancel', {'reason': 'the wrong file'}, key=fresh()).expect(200).json
        self.assertTrue(asked['cancel_requested'])
        ended = source.ended(asked['id'])
        self.assertEqual((ended['type'], ended['subject'], ended['state']), ('import', 'customers', 'OPERATION_STATE_CANCELLED'))
        self.assertLess(int(ended['import']['report']['read']), len(rows))
        source.client.post(f'{path}:cancel', {'reason': 'again'}, key=fresh()).expect(409)


class DryRun(unittest.TestCase):
    def test_L11_a_dry_run_reports_and_keeps_nothing(self):
        source, number = Source(), phone()
        rows = [{'customer_no': 'c1', 'name': '王芳', 'phone': number}, {'customer_no': 'c2', 'name': '李强', 'phone': '12'}]
        operation = source.run('customers', rows, dry_run=True)
        self.assertTrue(operation['import']['dry_run'])
        self.assertEqual(counts(operation['import']['report']), {'read': 2, 'created': 1, 'refused': 1})
        self.assertEqual([entry[:2] for entry in source.refusals(operation['id'])], [(3, 'phone: too short for a phone number')])
        reply = administrator().get('/v1/customers:count', query={'imported_from': source.name}).expect(200).json
        self.assertEqual(reply['customers'], '0')
        self.assertEqual(source.take('customers', rows[:1]), {'read': 1, 'created': 1})

    def test_L11_a_dry_run_leaves_nothing_waiting(self):
        source = Source()
        report = source.take('moves', [{'staff_no': 'r1', 'from': '2026-01-01', 'plan': 'plan-b'}], dry_run=True)
        self.assertEqual(report, {'read': 1, 'waiting': 1})
        self.assertEqual(source.close('moves'), 0)

    def test_L11_a_dry_run_of_a_change_changes_nothing(self):
        source, files = Source(), sample(5)
        take_all(source, files)
        before = figures(source)
        files['settlements'][0]['amount'] = '77777.77'
        self.assertEqual(source.take('settlements', files['settlements'], dry_run=True), {'read': SETTLEMENTS, 'updated': 1, 'unchanged': SETTLEMENTS - 1})
        idle()
        self.assertEqual(figures(source), before)


class Waiting(unittest.TestCase):
    def test_L11_a_move_before_its_staff_waits_and_is_applied_by_itself(self):
        source = Source()
        operation = source.run('moves', [{'staff_no': 'r1', 'from': '2026-04-01', 'plan': 'plan-b'}])
        self.assertEqual(counts(operation['import']['report']), {'read': 1, 'waiting': 1})
        source.take('staff', [{'staff_no': 'r1', 'name': '张伟', 'job': 'rep', 'joined_on': '2024-01-01', 'plan': 'plan-a'}])
        idle()
        self.assertEqual(counts(source.operation(operation['id'])['import']['report']), {'read': 1, 'created': 1})
        rep = administrator().get(f"/v1/staff/{staff_by_number(administrator(), source.name)['r1']}").expect(200).json
        self.assertEqual([(period['from'], period['plan']) for period in rep['periods']], [('2024-01-01', 'plan-a'), ('2026-04-01', 'plan-b')])

    def test_L11_the_same_row_again_takes_the_place_of_the_one_that_waits(self):
        source = Source()
        first = source.run('moves', [{'staff_no': 'r1', 'from': '2026-04-01', 'plan': 'plan-b'}])
        second = source.run('moves', [{'staff_no': 'r1', 'from': '2026-04-01', 'plan': 'plan-a'}])
        self.assertEqual(counts(second['import']['report']), {'read': 1, 'waiting': 1})
        self.assertEqual(source.close('moves'), 1)
        self.assertEqual(counts(source.operation(second['id'])['import']['report']), {'read': 1, 'refused': 1})
        self.assertEqual(counts(source.operation(first['id'])['import']['report']).get('waiting', 0), 0)

    def test_L11_what_waits_for_staff_that_comes_at_last(self):
        source, number = Source(), phone()
        visits = source.run('visits', [{'visit_no': 'v1', 'customer_no': 'c1', 'arrived_at': '2026-05-04T09:00:00+08:00', 'department': 'dental', 'rep_no': 'r1'}])
        self.assertEqual(counts(visits['import']['report']), {'read': 1, 'waiting': 1})
        source.take('customers', [{'customer_no': 'c1', 'name': '王芳', 'phone': number}])
        idle_but_waiting = source.operation(visits['id'])['import']['report']
        self.assertEqual(int(idle_but_waiting['waiting']), 1)       # for the rep now
        source.take('staff', [{'staff_no': 'r1', 'name': '张伟', 'job': 'rep', 'joined_on': '2024-01-01', 'plan': 'plan-a'}])
        idle()
        self.assertEqual(counts(source.operation(visits['id'])['import']['report']), {'read': 1, 'created': 1})


class Keys(unittest.TestCase):
    def test_L11_the_same_upload_with_the_same_key_is_one_operation(self):
        source, key = Source(), fresh()
        rows = [{'customer_no': 'c1', 'name': '王芳'}]
        first = source.begin('customers', rows, key=key)
        self.assertEqual(source.begin('customers', rows, key=key), first)
        self.assertEqual(counts(source.ended(first)['import']['report']), {'read': 1, 'created': 1})

    def test_L11_who_may_not_import_does_not(self):
        fields = {'kind': 'customers', 'source': code('src'), 'dry_run': 'false'}
        reply = account('rep').upload('/v1/imports', fields, ('customers.csv', b'customer_no,name\nc1,x\n'), key=fresh())
        self.assertEqual((reply.status, reply.json['reason']), (403, 'role-missing'))


class OnePerson(unittest.TestCase):
    def test_L11_an_imported_lead_is_always_a_lead_of_its_own(self):
        source, number = Source(), phone()
        rows = [{'lead_no': f'l{n}', 'consulted_at': f'2026-05-0{n}T10:00:00+08:00', 'channel': 'phone', 'customer_name': '王芳', 'phone': number} for n in (1, 2, 3)]
        self.assertEqual(source.take('leads', rows), {'read': 3, 'created': 3})
        reply = administrator().get('/v1/leads:count', query={'group_by': 'state', 'imported_from': source.name}).expect(200).json
        self.assertEqual((reply['total'], reply['counts']), ('3', [{'key': 'new', 'count': '3'}]))

    def test_L3_one_phone_with_two_names_is_a_proposed_household_and_counted(self):
        source, shared, same = Source(), phone(), phone()
        rows = [{'customer_no': 'c1', 'name': '王芳', 'phone': shared}, {'customer_no': 'c2', 'name': '李强', 'phone': shared},
                {'customer_no': 'c3', 'name': '张伟', 'phone': same}, {'customer_no': 'c4', 'name': '张伟', 'phone': same},
                {'customer_no': 'c5', 'name': '赵敏', 'phone': ''}, {'customer_no': 'c6', 'name': '赵静', 'phone': ''}]
        self.assertEqual(source.take('customers', rows), {'read': 6, 'created': 6, 'households_proposed': 1})
        reply = administrator().get('/v1/customers:count', query={'imported_from': source.name}).expect(200).json
        self.assertEqual((reply['customers'], reply['households_proposed']), ('6', '1'))

    def test_L3_a_household_is_found_across_sources(self):
        number = phone()
        self.assertEqual(Source().take('customers', [{'customer_no': 'c1', 'name': '王芳', 'phone': number}]), {'read': 1, 'created': 1})
        self.assertEqual(Source().take('customers', [{'customer_no': 'c1', 'name': '李强', 'phone': '+86' + number}]),
                         {'read': 1, 'created': 1, 'households_proposed': 1})

    def test_L11_new_codes_are_taken_and_listed(self):
        source, campaign, city = Source(), code('spring'), code('city')
        operation = source.run('leads', [{'lead_no': 'l1', 'consulted_at': '2026-05-01T10:00:00+08:00', 'channel': 'phone', 'customer_name': '王芳',
                                          'campaign': campaign, 'city': city}])
        self.assertEqual([entry for entry in operation['import']['report']['new_codes'] if campaign in entry], [f'campaign={campaign}'])


if __name__ == '__main__':
    unittest.main()
