"""Bad files, each with the exact answer (IMPORT.md): what is refused, why, and that nothing else is."""
import unittest

from files import Refused, Source, counts, idle
from harness import administrator
from people import code, phone

SERVICES = ('identity', 'leads', 'referrals')
PHONE, ANOTHER = phone(), phone()

SETTLEMENT = {'settlement_no': 's1', 'kind': 'sale', 'customer_no': 'c1', 'customer_name': '王芳', 'phone': PHONE,
              'occurred_at': '2026-05-04T10:00:00+08:00', 'settled_at': '2026-05-04T10:00:00+08:00', 'line_no': '1',
              'category': 'dental', 'amount': '10.00'}


def settlement(**more):
    return {**SETTLEMENT, **more}


def lead(**more):
    return {'lead_no': 'l1', 'consulted_at': '2026-05-04T10:00:00+08:00', 'channel': 'phone', 'customer_name': '王芳',
            'phone': PHONE, **more}


class WholeFile(unittest.TestCase):
    """What no row can be read of is refused as a file, by name."""

    def refused(self, kind, text):
        with self.assertRaises(Refused) as caught:
            Source().run(kind, text)
        return str(caught.exception)

    def test_L11_an_empty_file_says_so(self):
        self.assertEqual(self.refused('customers', ''), 'the file is empty: a header is expected')
        self.assertEqual(self.refused('customers', '\n'), 'the file is empty: a header is expected')

    def test_L11_a_file_without_any_row(self):
        self.assertEqual(self.refused('customers', 'customer_no,name\n'), 'the file has no rows')
        self.assertEqual(self.refused('settlements', 'settlement_no,kind,customer_no,occurred_at,line_no,category,amount\n'),
                         'the file has no rows')

    def test_L11_an_unknown_column_is_refused_by_name(self):
        self.assertEqual(self.refused('customers', 'customer_no,name,shoe_size\nc1,王芳,38\n'), 'header: unknown column "shoe_size"')

    def test_L11_a_missing_column_is_refused_by_name(self):
        self.assertEqual(self.refused('customers', 'customer_no,phone\nc1,13800138000\n'), 'header: column "name" is missing')

    def test_L11_a_column_that_stands_twice(self):
        self.assertEqual(self.refused('customers', 'customer_no,name,name\nc1,王芳,王芳\n'), 'header: column "name" stands twice')

    def test_L11_an_unknown_kind_of_file(self):
        fields = {'kind': 'horses', 'source': code('src'), 'dry_run': 'false'}
        reply = administrator().upload('/v1/imports', fields, ('horses.csv', b'a\n1\n')).expect(400).json
        self.assertEqual((reply['reason'], [error['field'] for error in reply['errors']]), ('invalid-field', ['kind']))


class Rows(unittest.TestCase):
    """A row that is refused never refuses its neighbours; line and reason are exact."""

    def setUp(self):
        self.source = Source()

    def test_L11_a_ragged_row(self):
        operation = self.source.run('customers', 'customer_no,name,phone\nc1,王芳,\nc2,李强\nc3,张伟,13800138003,x\nc4,赵敏,\n')
        self.assertEqual(counts(operation['import']['report']), {'read': 4, 'created': 2, 'refused': 2})
        self.assertEqual(self.source.refused_text(operation['id']).splitlines()[1:],
                         ['3,"ragged row: 2 cells, the header has 3",c2,李强,,,,,,', '4,"ragged row: 4 cells, the header has 3",c3,张伟,13800138003,,,,,,x'])

    def test_L11_refused_csv_gives_the_rows_back(self):
        operation = self.source.run('customers', 'phone,customer_no,name\n12,c1,王芳\n,c2,"李,强"\n,c3,\n,=c4,@x\n')
        self.assertEqual(self.source.refused_text(operation['id']),
                         '\ufeffline,reason,customer_no,name,phone,birthday,birthday_calendar,marketing_consent,consent_at,consent_source\n'
                         '2,phone: too short for a phone number,c1,王芳,12,,,,,\n'
                         '4,name: is required,c3,,,,,,,\n')
        self.assertEqual(counts(operation['import']['report']), {'read': 4, 'created': 2, 'refused': 2})

    def test_L11_refused_csv_runs_nothing_in_a_spreadsheet(self):
        operation = self.source.run('customers', 'customer_no,name,phone\n=1+1,@x,12\n')
        self.assertEqual(self.source.refused_text(operation['id']).splitlines()[1],
                         "2,phone: too short for a phone number,'=1+1,'@x,12,,,,,")

    def test_L1_unknown_channel(self):
        self.assertEqual(self.source.reasons('leads', [lead(), lead(lead_no='l2', channel='pigeon')]), {3: 'channel: unknown code'})

    def test_L1_a_lead_of_nobody(self):
        rows = [lead(customer_name='', phone='', customer_no='')]
        self.assertEqual(self.source.reasons('leads', rows), {2: 'customer_no: customer_no, phone or customer_name must be there'})

    def test_L11_unknown_status_of_an_appointment(self):
        self.assertEqual(self.source.reasons('appointments', [self.appointment(status='perhaps')]), {2: 'status: unknown code'})

    def test_L11_an_appointment_before_the_day_it_was_booked(self):
        self.source.take('leads', [lead()])
        rows = [self.appointment(slot_start='2026-05-03T23:59:59+08:00'),
                self.appointment(appointment_no='a2', slot_start='2026-05-04T09:00:00+08:00')]     # same day, earlier hour
        operation = self.source.run('appointments', rows)
        self.assertEqual(counts(operation['import']['report']), {'read': 2, 'created': 1, 'refused': 1})
        self.assertEqual([entry[:2] for entry in self.source.refusals(operation['id'])],
                         [(2, "slot_start: the appointment's day lies before the day it was booked")])

    def test_G3_the_day_of_an_appointment_is_one_of_hospital_time(self):
        self.source.take('leads', [lead()])
        # 3 May 17:00 UTC is 4 May in the hospital: the day it was booked.
        report = self.source.take('appointments', [self.appointment(slot_start='2026-05-03T17:00:00Z')])
        self.assertEqual(report, {'read': 1, 'created': 1})

    def test_L11_a_time_without_offset(self):
        self.assertEqual(self.source.reasons('leads', [lead(consulted_at='2026-05-04T10:00:00')]),
                         {2: 'consulted_at: not a time: RFC 3339 with an offset is expected'})

    def test_G3_30_february(self):
        self.assertEqual(self.source.reasons('customers', [{'customer_no': 'c1', 'name': '王芳', 'birthday': '1990-02-30'}]),
                         {2: 'birthday: no such day'})
        self.assertEqual(self.source.reasons('leads', [lead(consulted_at='2026-02-30T10:00:00+08:00')]), {2: 'consulted_at: no such day'})
        self.assertEqual(self.source.reasons('staff', [{'staff_no': 'r1', 'name': '王芳', 'job': 'rep', 'joined_on': '2025-02-30'}]),
                         {2: 'joined_on: no such day'})

    def test_G3_30_february_is_a_lunar_day(self):
        report = self.source.take('customers', [{'customer_no': 'c1', 'name': '王芳', 'birthday': '1990-02-30', 'birthday_calendar': 'lunar'}])
        self.assertEqual(report, {'read': 1, 'created': 1})

    def test_P1_unknown_job(self):
        self.assertEqual(self.source.reasons('staff', [{'staff_no': 'r1', 'name': '王芳', 'job': 'wizard', 'joined_on': '2025-01-01'}]),
                         {2: 'job: unknown code'})

    def test_L11_longer_than_a_cell_may_be(self):
        self.assertEqual(self.source.reasons('customers', [{'customer_no': 'c1', 'name': '王' * 61}]), {2: 'name: must have at most 60 characters'})

    @staticmethod
    def appointment(**more):
        return {'appointment_no': 'a1', 'lead_no': 'l1', 'booked_at': '2026-05-04T10:00:00+08:00', 'slot_start': '2026-05-05T09:00:00+08:00',
                'department': 'dental', 'status': 'booked', **more}


class Settlements(unittest.TestCase):
    """One bad line refuses its settlement with all its lines, and no other (L7)."""

    def setUp(self):
        self.source = Source()

    def test_G1_amounts_that_are_none(self):
        bad = {'1e5': 'not an amount in yuan', '0.001': 'at most two decimals', '-0': 'minus zero is not an amount',
               '-0.00': 'minus zero is not an amount', '1,000.00': 'not an amount in yuan', '１２': 'not an amount in yuan',
               'NaN': 'not an amount in yuan', '0x10': 'not an amount in yuan', '1.': 'not an amount in yuan',
               '99999999999999': 'amount is too large'}
        rows = [settlement(settlement_no=f's{index}', amount=amount) for index, amount in enumerate(bad)]
        rows.append(settlement(settlement_no='good', amount='0.01'))
        operation = self.source.run('settlements', rows)
        self.assertEqual(counts(operation['import']['report']), {'read': len(bad) + 1, 'created': 1, 'refused': len(bad)})
        reported = {row['amount'].removeprefix("'"): (line, reason) for line, reason, row in self.source.refusals(operation['id'])}
        self.assertEqual(reported, {amount: (index + 2, f'amount: line {index + 2}: {why}') for index, (amount, why) in enumerate(bad.items())})

    def test_L7_a_bad_line_refuses_all_lines_of_its_settlement_wherever_they_lie(self):
        rows = [settlement(settlement_no='bad', line_no='1'),
                settlement(settlement_no='good', line_no='1', customer_no='c2', customer_name='李强', phone=ANOTHER),
                settlement(settlement_no='bad', line_no='2', amount='ten'),
                settlement(settlement_no='good', line_no='2', amount='5.50', customer_no='c2', customer_name='李强', phone=ANOTHER)]
        operation = self.source.run('settlements', rows)
        self.assertEqual(counts(operation['import']['report']), {'read': 2, 'created': 1, 'refused': 1})
        self.assertEqual([(line, reason, row['settlement_no']) for line, reason, row in self.source.refusals(operation['id'])],
                         [(2, 'amount: line 4: not an amount in yuan', 'bad'), (4, 'amount: line 4: not an amount in yuan', 'bad')])
        self.assertEqual(self.net(), 1550)

    def test_L7_a_ragged_line_refuses_its_settlement(self):
        head = 'settlement_no,kind,customer_no,customer_name,phone,occurred_at,line_no,category,amount\n'
        row = f's{{0}},sale,c{{0}},王芳,{PHONE},2026-05-04T10:00:00+08:00,{{1}},dental,1.00\n'
        text = head + row.format(1, 1) + row.format(2, 1) + 's1,sale,c1\n'
        operation = self.source.run('settlements', text)
        self.assertEqual(counts(operation['import']['report']), {'read': 2, 'created': 1, 'refused': 1})
        self.assertEqual([entry[:2] for entry in self.source.refusals(operation['id'])],
                         [(2, 'line 4: ragged row: 3 cells, the header has 9'), (4, 'line 4: ragged row: 3 cells, the header has 9')])

    def test_L8_unknown_category_payer_and_kind(self):
        rows = [settlement(settlement_no='s1', category='magic'), settlement(settlement_no='s2', payer='uncle'),
                settlement(settlement_no='s3', kind='gift'), settlement(settlement_no='s4', payer='self')]
        self.assertEqual(self.source.reasons('settlements', rows),
                         {2: 'category: line 2: unknown category', 3: 'payer: unknown code', 4: 'kind: unknown code'})

    def test_L7_lines_that_contradict_each_other(self):
        rows = [settlement(line_no='1'), settlement(line_no='2', settled_at='2026-06-04T10:00:00+08:00')]
        self.assertEqual(self.source.reasons('settlements', rows),
                         dict.fromkeys((2, 3), "settled_at: line 3: differs from the settlement's other lines"))

    def test_L7_a_line_number_that_stands_twice(self):
        self.assertEqual(self.source.reasons('settlements', [settlement(), settlement(amount='11.00')]),
                         dict.fromkeys((2, 3), 'line_no: line 3: this line number stands twice: 1'))

    def test_L7_a_refund_above_zero(self):
        self.assertEqual(self.source.reasons('settlements', [settlement(kind='refund', amount='1.00')]),
                         {2: "amount: line 2: a refund's amount is negative"})

    def test_L11_a_settlement_of_an_unknown_customer_waits_and_is_refused_when_the_source_is_closed(self):
        operation = self.source.run('settlements', [settlement(customer_name='', phone=''), settlement(settlement_no='s2', customer_no='c2')])
        self.assertEqual(counts(operation['import']['report']), {'read': 2, 'created': 1, 'waiting': 1})
        self.assertEqual(self.source.refusals(operation['id']), [])
        self.assertEqual(self.source.close('settlements'), 1)
        self.assertEqual(counts(self.source.operation(operation['id'])['import']['report']), {'read': 2, 'created': 1, 'refused': 1})
        self.assertEqual([entry[:2] for entry in self.source.refusals(operation['id'])], [(2, 'customer_no: not known: c1')])
        self.assertEqual(self.source.close('settlements'), 0)

    def test_L7_a_refund_of_an_unknown_settlement_waits_then_is_refused(self):
        operation = self.source.run('settlements', [settlement(kind='refund', amount='-1.00', refund_of='nothing')])
        self.assertEqual(counts(operation['import']['report']), {'read': 1, 'waiting': 1})
        self.source.close('settlements')
        self.assertEqual([entry[:2] for entry in self.source.refusals(operation['id'])], [(2, 'refund_of: not known: nothing')])

    def net(self):
        summary = administrator().get('/v1/settlements:summary', query={'imported_from': self.source.name}).expect(200).json
        return int(summary.get('net_total_fen') or 0)


class Attributions(unittest.TestCase):
    """Shares open for one customer on one day add up to 10,000 or the later row is refused."""

    def setUp(self):
        self.source = Source()
        self.source.take('staff', [{'staff_no': f'r{n}', 'name': '李强', 'job': 'rep', 'joined_on': '2025-01-01'} for n in (1, 2, 3)])
        self.source.take('customers', [{'customer_no': 'c1', 'name': '王芳'}])
        idle()

    def share(self, no, rep, share_bp, **more):
        return {'attribution_no': no, 'customer_no': 'c1', 'rep_no': rep, 'from': '2026-01-01', 'until': '', 'share_bp': share_bp, **more}

    def test_R5_shares_above_10000_refuse_the_later_row(self):
        rows = [self.share('a1', 'r1', 6000), self.share('a2', 'r2', 4001, **{'from': '2026-03-01'}), self.share('a3', 'r3', 4000)]
        operation = self.source.run('attributions', rows)
        self.assertEqual(counts(operation['import']['report']), {'read': 3, 'created': 2, 'refused': 1})
        self.assertEqual([entry[:2] for entry in self.source.refusals(operation['id'])],
                         [(3, 'share_bp: the shares open for this customer on 2026-03-01 would add up to more than 10000')])

    def test_R5_one_after_the_other_is_no_overlap(self):
        rows = [self.share('a1', 'r1', 10000, until='2026-01-31'), self.share('a2', 'r2', 10000, **{'from': '2026-02-01'})]
        self.assertEqual(self.source.take('attributions', rows), {'read': 2, 'created': 2})

    def test_R5_a_share_that_is_none(self):
        rows = [self.share('a1', 'r1', 10001), self.share('a2', 'r1', 0), self.share('a3', 'r1', '5e3'), self.share('a4', 'r1', -1)]
        self.assertEqual(self.source.reasons('attributions', rows),
                         dict.fromkeys((2, 3, 4, 5), 'share_bp: a whole number from 1 to 10000 is expected'))

    def test_R5_until_before_from_and_30_february(self):
        rows = [self.share('a1', 'r1', 1, until='2025-12-31'), self.share('a2', 'r1', 1, until='2026-02-30')]
        self.assertEqual(self.source.reasons('attributions', rows), {2: 'until: lies before from', 3: 'until: no such day'})

    def test_L11_an_unknown_rep_waits_then_is_refused(self):
        operation = self.source.run('attributions', [self.share('a1', 'nobody', 1)])
        self.assertEqual(counts(operation['import']['report']), {'read': 1, 'waiting': 1})
        self.assertEqual(self.source.close('attributions'), 1)
        self.assertEqual([entry[:2] for entry in self.source.refusals(operation['id'])], [(2, 'rep_no: not known: nobody')])


if __name__ == '__main__':
    unittest.main()
