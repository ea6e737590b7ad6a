"""What one entry path refuses, every one refuses, in the same words (G4, G7, G8, L3): one table of bad values for routes, rows of files and
rows that wait; and what looks odd but is sound is taken by all of them."""
import datetime
import unittest

from files import Source, counts, eventually, idle
from harness import administrator, fresh
from people import account, code, phone
from test_bad_input import problem

SERVICES = ('identity', 'leads', 'referrals', 'membership', 'notifications')
NOW = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
AHEAD, EARLY, FAR = 'lies in the future: it has not happened yet (G7)', 'lies before 1990 (G7)', 'lies more than a year ahead (G7)'
NEVER = (('2062-01-05T10:00:00+08:00', AHEAD), ('9999-12-31T23:59:59Z', AHEAD), ('1800-01-01T00:00:00+14:00', EARLY),
         ((NOW + datetime.timedelta(days=2)).isoformat(), AHEAD), ('2026-02-30T10:00:00+08:00', 'no such day'),
         ('2026-05-04T10:00:00', 'not a time: RFC 3339 with an offset is expected'))
LATER = (('2062-05-05', FAR), ('9999-12-31', FAR), ('2026-02-30', 'no such day'))
LONG = 'x' * 61
TOO_LONG = 'must have at most 60 characters'


def says(character):
    return f'"{character}" is no part of a phone number there'


PHONES = (('138****8000', says('*')), ('1380013****', says('*')), ('138 0013 8XX0', says('X')), ('0755-****6789', says('*')), ('13800138OOO', says('O')),
          ('l3800138000', says('l')), ('13800138abc', says('a')), ('张先生13800138000', says('张')), ('1.3800138E10', says('E')), ('13800138000,00', says(',')),
          ('13800138000.0', 'ends like a decimal number: a spreadsheet made a number of it'),
          ('010-6655443-801', 'not a valid phone number before the extension'), ('00000000000', 'unknown country code'),
          *((text, 'no number of the mainland; if it is a foreign one, write it with +') for text in ('85291234567', '852-91234567', '886912345678',
                                                                                                   '853 6612 3456', '63 917 123 4567')),
          ('13800138', 'not a valid phone number: 11 digits of a mobile, or a landline with its area code and 0'))
NAMES = (('\u200b', 'is required'), ('\u3000\u00a0', 'is required'), ('王*', 'is masked: "*" is no part of a name'), (LONG, TOO_LONG))
BIRTHDAYS = (('2062-05-05', AHEAD), ('9999-12-31', AHEAD), ((NOW + datetime.timedelta(days=1)).date().isoformat(), AHEAD), ('1990-02-30', 'no such day'))
LUNAR = (('2015-09-01', 'lunar_leap', 'birthday: that lunar year has no such leap month'), ('1990-06-01', 'lunar_leap', 'birthday: that lunar year has no such leap month'),
         ('2033-07-01', 'lunar_leap', 'birthday: that lunar year has no such leap month'), ('2020-04-30', 'lunar_leap', 'birthday: that lunar month has 29 days'),
         ('', 'nonsense', 'birthday_calendar: must be one of solar, lunar, lunar_leap'))


def lead(**more):
    return {'lead_no': code('l'), 'consulted_at': '2026-05-04T10:00:00+08:00', 'channel': 'phone', 'customer_name': '王芳', 'phone': phone(), **more}


def settlement(**more):
    return {'settlement_no': code('s'), 'kind': 'sale', 'customer_no': code('c'), 'customer_name': '王芳', 'phone': phone(), 'line_no': '1',
            'occurred_at': '2026-05-04T10:00:00+08:00', 'settled_at': '2026-05-04T10:00:00+08:00', 'category': 'dental', 'amount': '10.00', **more}


def customer(**more):
    return {'customer_no': code('c'), 'name': '王芳', 'phone': phone(), **more}


def visit(**more):
    return {'visit_no': code('v'), 'customer_no': 'c1', 'arrived_at': '2026-05-04T10:00:00+08:00', 'department': 'dental', **more}


def appointment(**more):
    return {'appointment_no': code('a'), 'lead_no': 'l1', 'booked_at': '2026-05-04T10:00:00+08:00', 'slot_start': '2026-05-05T09:00:00+08:00',
            'department': 'dental', 'status': 'booked', **more}


def staff(**more):
    return {'staff_no': code('r'), 'name': '李强', 'job': 'rep', 'joined_on': '2025-01-01', **more}


def attribution(**more):
    return {'attribution_no': code('at'), 'customer_no': 'c1', 'rep_no': 'r1', 'from': '2026-01-01', 'share_bp': '10000', **more}


class Refusals(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.source = Source()
        cls.source.take('staff', [staff(staff_no='r1')])
        cls.source.take('customers', [customer(customer_no='c1')])
        cls.source.take('leads', [lead(lead_no='l1')])
        idle()
        cls.desk = account('front_desk')
        made = cls.desk.post('/v1/leads', {'channel': 'phone', 'name': '王芳', 'phone': phone()}, key=fresh()).expect(201).json['lead']
        cls.customer, cls.lead = made['customer_id'], made['id']

    def by_file(self, kind, make, bad, waits=None):
        """All bad rows in one file, each alone refused; `waits` names what is unknown, so that the row would wait if it were sound."""
        rows = [make(**value, **(waits or {})) for value, _ in bad]
        with self.subTest(kind=kind, waits=bool(waits)):
            self.assertEqual(self.source.reasons(kind, rows), {index + 2: reason for index, (_, reason) in enumerate(bad)})

    def by_files(self, kind, make, bad, waits):
        self.by_file(kind, make, bad)
        self.by_file(kind, make, bad, waits)

    def by_route(self, path, body, bad, client=None):
        for value, reason in bad:
            with self.subTest(path=path, value=value):
                reply = (client or self.desk).post(path, {**body, **value}, key=fresh())
                status, _, errors = problem(reply)
                self.assertEqual((status, [f'{field}: {message}' for field, message in errors][:1]), (400, [reason]))

    def test_G4_a_phone_is_never_guessed(self):
        bad = [({'phone': text}, f'phone: {why}') for text, why in PHONES]
        self.by_route('/v1/leads', {'channel': 'phone', 'name': '王芳'}, bad)
        self.by_file('customers', customer, bad)
        self.by_files('leads', lead, bad, {'consultant_no': 'nobody'})
        self.by_files('settlements', settlement, bad, {'doctor_no': 'nobody'})

    def test_G8_a_name_that_shows_nothing_is_missing_and_a_masked_one_is_none(self):
        self.by_route('/v1/leads', {'channel': 'phone', 'phone': phone()}, [({'name': text}, f'name: {why}') for text, why in NAMES])
        self.by_route('/v1/staff', {**staff(), 'staff_no': code('r')}, [({'name': text}, f'name: {why}') for text, why in NAMES], account('personnel'))
        self.by_file('customers', customer, [({'name': text}, f'name: {why}') for text, why in NAMES])
        self.by_file('staff', staff, [({'name': text}, f'name: {why}') for text, why in NAMES])
        optional = [({'customer_name': text}, f'customer_name: {why}') for text, why in NAMES if why != 'is required']
        self.by_files('leads', lead, optional, {'consultant_no': 'nobody'})
        self.by_files('settlements', settlement, optional, {'doctor_no': 'nobody'})

    def test_L3_a_birthday_is_one_that_somebody_can_have(self):
        bad = [({'birthday': text}, f'birthday: {why}') for text, why in BIRTHDAYS]
        self.by_route('/v1/leads', {'channel': 'phone', 'name': '王芳', 'phone': phone()}, bad)
        bad += [({'birthday': text, 'birthday_calendar': calendar}, reason) for text, calendar, reason in LUNAR]
        self.by_file('customers', customer, bad)
        self.by_files('leads', lead, bad, {'consultant_no': 'nobody'})

    def test_G7_a_settlement_has_happened(self):
        for field in ('occurred_at', 'settled_at'):
            bad = [({field: text}, f'{field}: {why}') for text, why in NEVER]
            body = {'settlement_no': code('s'), 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': self.customer, 'occurred_at': '2026-05-04T10:00:00+08:00',
                    'lines': [{'line_no': '1', 'category': 'dental', 'amount_fen': 100}]}
            self.by_route('/v1/settlements', body, bad)
            self.by_files('settlements', settlement, bad, {'doctor_no': 'nobody'})

    def test_G7_a_consultation_an_arrival_and_a_booking_have_happened(self):
        self.by_files('leads', lead, [({'consulted_at': text}, f'consulted_at: {why}') for text, why in NEVER], {'consultant_no': 'nobody'})
        self.by_files('visits', visit, [({'arrived_at': text}, f'arrived_at: {why}') for text, why in NEVER], {'doctor_no': 'nobody'})
        for field in ('booked_at', 'status_at'):
            self.by_files('appointments', appointment, [({field: text}, f'{field}: {why}') for text, why in NEVER], {'lead_no': 'nothing'})
        self.by_files('appointments', appointment, [({'slot_start': '2062-01-05T10:00:00+08:00'}, f'slot_start: {FAR}')], {'lead_no': 'nothing'})
        self.by_route('/v1/appointments', {'lead_id': self.lead, 'department': 'dental'},
                      [({'slot_start': '2062-01-05T10:00:00+08:00'}, f'slot_start: {FAR}')])

    def test_G7_a_consent_an_answer_and_a_close_have_happened(self):
        client = account('customer_service')
        said = {'purpose': 'marketing', 'decision': 'given', 'source': 'a form', 'text_version': '1'}
        self.by_route(f'/v1/customers/{self.customer}/consents', said, [({'at': text}, f'at: {why}') for text, why in NEVER], client)
        self.by_file('customers', customer, [({'marketing_consent': 'true', 'consent_at': text}, f'consent_at: {why}') for text, why in NEVER])
        self.by_route('/v1/surveys', {'customer_id': self.customer, 'satisfaction': 'SATISFACTION_FAIR'},
                      [({'answered_at': text}, f'answered_at: {why}') for text, why in NEVER], client)

    def test_G7_a_member_of_staff_joins_and_leaves_a_year_ahead_at_most(self):
        client = account('personnel')
        for field in ('joined_on', 'left_on'):
            bad = [({field: text}, f'{field}: {why}') for text, why in LATER]
            self.by_route('/v1/staff', {**staff(), 'staff_no': code('r')}, bad, client)
            self.by_files('staff', staff, bad, {'supervisor_no': 'nobody'})
        early = [({'left_on': '2024-12-31'}, 'left_on: lies before joined_on')]
        self.by_route('/v1/staff', {**staff(), 'staff_no': code('r')}, early, client)
        self.by_files('staff', staff, early, {'supervisor_no': 'nobody'})

    def test_G7_C19_a_move_lies_behind_joining_and_a_year_ahead_at_most(self):
        client, bad = account('personnel'), [({'from': text}, f'from: {why}') for text, why in LATER]
        before = [({'from': '2024-12-31'}, 'from: lies before the day of joining')]
        made = client.post('/v1/staff', staff(), key=fresh()).expect(201).json
        self.by_route(f"/v1/staff/{made['id']}:move", {'plan': 'plan-b'}, bad + before, client)
        self.by_files('moves', lambda **more: {'staff_no': 'r1', 'plan': 'plan-b', **more}, bad + before, {'supervisor_no': 'nobody'})

    def test_G7_an_attribution_lies_a_year_ahead_at_most(self):
        for field in ('from', 'until'):
            bad = [({field: text}, f'{field}: {why}') for text, why in LATER]
            self.by_files('attributions', attribution, bad, {'rep_no': 'nobody'})

    def test_G8_codes_have_one_length(self):
        fields = ('source', 'campaign', 'project', 'city')
        bad = [({field: LONG}, f'{field}: {TOO_LONG}') for field in fields]
        self.by_route('/v1/leads', {'channel': 'phone', 'name': '王芳', 'phone': phone()}, bad)
        self.by_files('leads', lead, bad, {'consultant_no': 'nobody'})
        self.by_files('visits', visit, [({field: LONG}, f'{field}: {TOO_LONG}') for field in ('department', 'slip_no', 'card_no', 'partner_no')], {'doctor_no': 'nobody'})
        self.by_route('/v1/visits', {'customer_id': self.customer, 'department': 'dental'},
                      [({field: LONG}, f'{field}: {TOO_LONG}') for field in ('department', 'slip_no', 'card_no')])
        self.by_files('appointments', appointment, [({'department': LONG}, f'department: {TOO_LONG}')], {'lead_no': 'nothing'})
        self.by_files('settlements', settlement, [({field: LONG}, f'{field}: {TOO_LONG}') for field in ('department', 'course_no', 'activity')],
                      {'doctor_no': 'nobody'})
        self.by_file('settlements', settlement, [({'description': 'x' * 201}, 'description: line 2: must have at most 200 characters')])
        self.by_file('customers', customer, [({'marketing_consent': 'true', 'consent_source': LONG}, f'consent_source: {TOO_LONG}')])
        self.by_file('staff', staff, [({field: LONG}, f'{field}: {TOO_LONG}') for field in ('department', 'group_no', 'supervisor_no', 'plan')])

    def test_L1_P1_L7_a_code_that_policy_does_not_know(self):
        self.by_route('/v1/leads', {'name': '王芳', 'phone': phone()}, [({'channel': 'pigeon'}, 'channel: unknown code')])
        self.by_files('leads', lead, [({'channel': 'pigeon'}, 'channel: unknown code')], {'consultant_no': 'nobody'})
        self.by_route('/v1/staff', {**staff(), 'staff_no': code('r')}, [({'job': 'wizard'}, 'job: unknown code')], account('personnel'))
        self.by_files('staff', staff, [({'job': 'wizard'}, 'job: unknown code')], {'supervisor_no': 'nobody'})
        self.by_files('settlements', settlement, [({'payer': 'uncle'}, 'payer: unknown code')], {'doctor_no': 'nobody'})

    def test_an_explicit_nought_is_not_absent(self):
        body = {'settlement_no': code('s'), 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': self.customer, 'occurred_at': '2026-05-04T10:00:00+08:00'}
        line = {'line_no': '1', 'category': 'dental', 'amount_fen': 100}
        self.by_route('/v1/settlements', body, [({'lines': [{**line, 'quantity': '0'}]}, 'lines[0].quantity: must be at least 1')])
        made = self.desk.post('/v1/settlements', {**body, 'lines': [line]}, key=fresh()).expect(201).json
        self.assertEqual(made['lines'][0]['quantity'], '1')
        self.by_file('settlements', settlement, [({'quantity': '0'}, 'quantity: line 2: a whole number from 1 to 1000000 is expected')])


class Waiting(unittest.TestCase):
    """What can only be judged when the other record comes is judged then, in the words of the route."""

    def setUp(self):
        self.source = Source()

    def refused(self, operation, reason):
        def over():
            self.assertEqual([entry[1] for entry in self.source.refusals(operation['id'])], [reason])
            return True
        eventually(60, over, 'the refusal of what waited')
        self.assertEqual(counts(self.source.operation(operation['id'])['import']['report']), {'read': 1, 'refused': 1})

    def test_L6_another_customers_lead_on_a_visit(self):
        desk, words = account('front_desk'), "this lead is another customer's"
        one, other = (desk.post('/v1/leads', {'channel': 'phone', 'name': '王芳', 'phone': phone()}, key=fresh()).expect(201).json['lead'] for _ in range(2))
        reply = desk.post('/v1/visits', {'customer_id': one['customer_id'], 'lead_id': other['id'], 'department': 'dental'}, key=fresh())
        self.assertEqual(problem(reply), (400, 'invalid-field', [('lead_id', words)]))
        self.source.take('customers', [customer(customer_no='c1'), customer(customer_no='c2')])
        operation = self.source.run('visits', [visit(lead_no='l2')])
        self.assertEqual(counts(operation['import']['report']), {'read': 1, 'waiting': 1})
        self.source.take('leads', [lead(lead_no='l2', customer_no='c2', customer_name='', phone='')])
        self.refused(operation, f'lead_no: {words}')
        self.assertEqual(self.source.reasons('visits', [visit(lead_no='l2')]), {2: f'lead_no: {words}'})

    def test_C19_a_move_before_joining(self):
        operation = self.source.run('moves', [{'staff_no': 'r1', 'from': '2024-12-31', 'plan': 'plan-b'}])
        self.assertEqual(counts(operation['import']['report']), {'read': 1, 'waiting': 1})
        self.source.take('staff', [staff(staff_no='r1')])
        self.refused(operation, 'from: lies before the day of joining')


class Taken(unittest.TestCase):
    """What looks odd and is sound."""

    def setUp(self):
        self.source = Source()

    def test_G8_one_name_is_one_customer(self):
        desk = account('front_desk')
        for names in (('王芳', '王芳 ', ' 王芳', '王芳\u00a0', '\u3000王芳', '王芳\u200b', '\ufeff王芳'), ('王 芳', '王\u3000芳', '王  芳'),
                      ('John Smith', 'JOHN SMITH'), ('Jos\u00e9', 'Jose\u0301'),
                      tuple(f'阿依古丽{dot}买买提' for dot in '\u00b7\u2022\u30fb\uff0e\u2027')):
            number = phone()
            with self.subTest(names=names):
                made = [desk.post('/v1/leads', {'channel': 'phone', 'name': name, 'phone': number}, key=fresh()).expect(201).json for name in names]
                self.assertEqual({answer['lead']['customer_id'] for answer in made}, {made[0]['lead']['customer_id']})
                self.assertEqual(self.source.take('customers', [customer(name=name, phone=number) for name in names]),
                                 {'read': len(names), 'created': len(names)})         # records of their own, and no household

    def test_G8_a_name_is_kept_as_it_was_typed_but_trimmed(self):
        desk = account('front_desk')
        made = desk.post('/v1/leads', {'channel': 'phone', 'name': '\u3000JOHN  Smith\u200b', 'phone': phone()}, key=fresh()).expect(201).json
        self.assertEqual(revealed(made)['name'], 'JOHN  Smith')

    def test_G8_an_outside_number_is_one_however_it_is_typed(self):
        self.source.take('customers', [customer(customer_no='K1')])
        self.assertEqual(self.source.take('visits', [visit(customer_no=no) for no in ('K1\u00a0', 'Ｋ１', 'K\u200b1')]), {'read': 3, 'created': 3})
        self.assertEqual(self.source.take('visits', [visit(customer_no='k1')]), {'read': 1, 'waiting': 1})
        self.assertEqual(self.source.close('visits'), 1)
        self.assertEqual(self.source.take('settlements', [settlement(amount='100.00\u00a0', customer_no='\u3000K1')]), {'read': 1, 'created': 1})

    def test_G4_an_extension_is_kept_with_the_number_and_shown(self):
        desk = account('front_desk')
        for text, number, extension in (('0911-2345678-01', '+869112345678', '01'), ('400-820-8820-2', '+864008208820', '2'),
                                        ('0755-83456789-8012', '+8675583456789', '8012'), ('0755-83456789转8012', '+8675583456789', '8012'),
                                        ('0755-83456789 ext ８０１２', '+8675583456789', '8012')):
            with self.subTest(phone=text):
                name = code('name')
                made = desk.post('/v1/leads', {'channel': 'phone', 'name': name, 'phone': text}, key=fresh()).expect(201).json
                shown = revealed(made)
                self.assertEqual((shown['phone'], shown['phone_extension']), (number, extension))
                masked = desk.get(f"/v1/customers/{made['lead']['customer_id']}").expect(200).json
                self.assertEqual(masked['phone_extension'], '****')
                again = desk.post('/v1/leads', {'channel': 'phone', 'name': name, 'phone': number}, key=fresh()).expect(201).json
                self.assertEqual(again['lead']['customer_id'], made['lead']['customer_id'])       # no part of who it is

    def test_G7_times_are_read_with_any_number_of_decimals_and_a_leap_second(self):
        for text in ('2026-10-31T23:59:59.1234567+08:00', '2026-10-31T23:59:59.123456789Z', '2016-12-31T23:59:60Z'):
            with self.subTest(time=text):
                self.assertEqual(self.source.take('leads', [lead(consulted_at=text)]), {'read': 1, 'created': 1})
                body = {'settlement_no': code('s'), 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': some_customer(), 'occurred_at': text, 'settled_at': text,
                        'lines': [{'line_no': '1', 'category': 'dental', 'amount_fen': 100}]}
                account('front_desk').post('/v1/settlements', body, key=fresh()).expect(201)

    def test_G7_a_slot_and_a_move_may_lie_ahead(self):
        soon = (NOW + datetime.timedelta(days=200)).date().isoformat()
        self.source.take('leads', [lead(lead_no='l1')])
        self.assertEqual(self.source.take('appointments', [appointment(slot_start=f'{soon}T10:00:00+08:00')]), {'read': 1, 'created': 1})
        self.source.take('staff', [staff(staff_no='r1')])
        self.assertEqual(self.source.take('moves', [{'staff_no': 'r1', 'from': soon, 'plan': 'plan-b'}]), {'read': 1, 'created': 1})


def some_customer():
    return account('front_desk').post('/v1/leads', {'channel': 'phone', 'name': '王芳', 'phone': phone()}, key=fresh()).expect(201).json['lead']['customer_id']


def revealed(made):
    path = f"/v1/customers/{made['lead']['customer_id']}:reveal"
    return account('front_desk').post(path, {'reason': 'a test looks'}, key=fresh()).expect(200).json


class Placeholders(unittest.TestCase):
    def test_L11_a_likely_placeholder_is_taken_counted_and_not_greeted_until_it_is_confirmed(self):
        source, client = Source(), account('customer_service')
        days = ('1900-01-01', '1970-01-01', '1899-12-30', '1991-01-01')
        rows = [customer(customer_no=f'c{n}', birthday=day) for n, day in enumerate(days)]
        self.assertEqual(source.take('customers', rows), {'read': 4, 'created': 4, 'placeholder_birthdays': 3})
        # M1: a settled purchase makes a member; only members are greeted.
        source.take('settlements', [settlement(customer_no=f'c{n}', customer_name='', phone='') for n in range(len(days))])
        idle()
        count = lambda day: client.get('/v1/birthdays:count', query={'day': day, 'imported_from': source.name}).expect(200).json['members']
        self.assertEqual((count('2026-01-01'), count('2026-12-30')), ('1', '0'))
        ranked = administrator().get('/v1/settlements:rank', query={'imported_from': source.name, 'count': 9}).expect(200).json['customers']
        known = {row['customer_no']: row['customer_id'] for row in ranked}
        self.assertTrue(client.get(f"/v1/customers/{known['c1']}").expect(200).json['birthday_unconfirmed'])
        path = f"/v1/customers/{known['c1']}:confirmBirthday"
        self.assertEqual(problem(account('rep').post(path, {}, key=fresh()))[:2], (403, 'role-missing'))
        client.post(path, {'reason': 'showed their identity card'}, key=fresh()).expect(200)
        self.assertEqual(count('2026-01-01'), '2')
        self.assertFalse(client.get(f"/v1/customers/{known['c1']}").expect(200).json['birthday_unconfirmed'])
        self.assertEqual(problem(client.post(path, {'reason': 'once more'}, key=fresh()))[:2], (409, 'wrong-state'))
        history = account('auditor').get(f"/v1/history/customer/{known['c1']}").expect(200).json['entries']
        self.assertIn(('birthday confirmed', 'showed their identity card'), [(entry['to'], entry['why']) for entry in history])
        # The same file again does not take the confirmation back.
        source.take('customers', [{**rows[1], 'name': '王小芳'}])
        self.assertEqual(count('2026-01-01'), '2')


if __name__ == '__main__':
    unittest.main()
