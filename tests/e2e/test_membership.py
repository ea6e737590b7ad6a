"""Members (M1–M3) and points (M7), from the settlement on, through public routes alone."""
import concurrent.futures
import datetime
import unittest
import uuid

from files import Source, idle
from harness import administrator, eventually, fresh
from people import account, code, fen, phone

SERVICES = ('identity', 'leads', 'membership')

DAY1, DAY2 = '2024-05-01T10:00:00+08:00', '2024-05-02T10:00:00+08:00'
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
IN_TIME = 20


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='microseconds')


def problem(reply):
    """(status, reason, [(field, message)])."""
    body = reply.json
    return reply.status, body['reason'], [(error['field'], error['message']) for error in body.get('errors', ())]


class Customer:
    """Somebody new, and what happens to them."""

    def __init__(self):
        lead = account('front_desk').post('/v1/leads', {'channel': 'online', 'name': '王芳', 'phone': phone()}, key=fresh()).expect(201).json
        self.id = lead['lead']['customer_id']
        self.service = account('customer_service')

    def settle(self, amount, at=None, no=None, category='dental', refund_of='', settled=True, **line):
        at, no = at or now(), no or code('s')
        kind = 'SETTLEMENT_KIND_REFUND' if amount.startswith('-') else 'SETTLEMENT_KIND_SALE'
        body = {'settlement_no': no, 'kind': kind, 'customer_id': self.id, 'occurred_at': at, 'refund_of': refund_of,
                'lines': [{'line_no': '1', 'category': category, 'amount_fen': fen(amount), **line}], **({'settled_at': at} if settled else {})}
        made = account('front_desk').post('/v1/settlements', body, key=fresh()).expect(201).json
        return no, made['id']

    def path(self, more=''):
        return f'/v1/members/{self.id}{more}'

    def member(self):
        return self.service.get(self.path()).expect(200).json

    def becomes(self, wanted, **fields):
        """Waits until the member is of that class and bears those fields; answers the member."""
        def come():
            reply = self.service.get(self.path())
            if reply.status != 200:
                return None
            member = reply.json
            found = (member['member_class'].removeprefix('MEMBER_CLASS_'), *(member[name] for name in fields))
            if found != (wanted, *fields.values()):
                raise AssertionError(f'{found}, expected {(wanted, *fields.values())}')
            return member
        return eventually(IN_TIME, come, f'class {wanted}')

    def factors(self):
        return {row['factor']: (row['met'], row['reason']) for row in self.member()['factors']}

    def history(self):
        reply = account('customer_service_director').get(self.path('/history')).expect(200).json
        return [(row['from'].removeprefix('MEMBER_CLASS_'), row['to'].removeprefix('MEMBER_CLASS_'), row['fact'].removeprefix('FACT_KIND_'), row['fact_id'])
                for row in reply['changes']]

    def survey(self, satisfaction, **more):
        body = {'customer_id': self.id, 'satisfaction': f'SATISFACTION_{satisfaction}', **more}
        return self.service.post('/v1/surveys', body, key=fresh()).expect(201).json

    def complain(self):
        return self.service.post('/v1/complaints', {'customer_id': self.id, 'text': '术后红肿'}, key=fresh()).expect(201).json

    def resolve(self, complaint, outcome, satisfaction=None):
        path = f"/v1/complaints/{complaint['id']}"
        self.service.post(f'{path}:investigate', {}, key=fresh()).expect(200)
        body = {'outcome': f'COMPLAINT_OUTCOME_{outcome}', **({'satisfaction': f'SATISFACTION_{satisfaction}'} if satisfaction else {})}
        return self.service.post(f'{path}:resolve', body, key=fresh()).expect(200).json

    def points(self):
        return self.service.get(self.path('/points')).expect(200).json

    def redeem(self, points, key=None, reason='goods'):
        return self.service.post(self.path('/points:redeem'), {'points': points, 'reason': reason}, key=key or fresh())

    def has_points(self, balance, debt=0):
        def come():
            reply = self.points()
            if (reply['balance'], reply['debt']) != (str(balance), str(debt)):
                raise AssertionError(f"{reply['balance']} points, {reply['debt']} owed; expected {balance} and {debt}")
            return reply
        return eventually(IN_TIME, come, f'{balance} points')


class Classes(unittest.TestCase):
    def test_M3_from_the_first_purchase_to_the_archive(self):
        customer = Customer()
        self.assertEqual(problem(customer.service.get(customer.path())), (404, 'not-found', []))
        _, first = customer.settle('100.00', DAY1)
        member = customer.becomes('B')
        self.assertEqual((member['member_since'], member['net_spend_fen'], member['source']), ('2024-05-01T02:00:00Z', '10000', 'renxin'))
        self.assertEqual(member['class_reason'], 'M3: 0 of 3 factors are met')
        _, second = customer.settle('100.00', DAY2)
        customer.becomes('A')
        self.assertEqual(customer.factors(), {'A': (True, 'sale settlements on 2 days'), 'B': (False, 'net spend 200.00 of 28000.00'),
                                              'C': (False, 'no survey')})
        survey = customer.survey('SATISFIED')
        customer.becomes('AA')
        dispute = customer.complain()
        self.assertEqual(customer.becomes('C', dispute_open=True)['class_reason'], 'M3: a dispute is open')
        customer.resolve(dispute, 'REPAIRED', 'FAIR')
        self.assertEqual(customer.becomes('B', dispute_open=False)['class_reason'], 'M3: repaired, ended with 一般; no settlement since')
        _, after = customer.settle('100.00')
        customer.becomes('AA')
        refunded = customer.complain()
        customer.becomes('C')
        customer.resolve(refunded, 'REFUNDED')
        self.assertEqual(customer.becomes('J')['class_reason'], 'M3: was refunded in a dispute')
        customer.settle('40000.00')
        customer.becomes('J', net_spend_fen='4030000')
        self.assertEqual(customer.history(), [
            ('UNSPECIFIED', 'B', 'SETTLEMENT', first), ('B', 'A', 'SETTLEMENT', second), ('A', 'AA', 'SURVEY', survey['id']),
            ('AA', 'C', 'COMPLAINT', dispute['id']), ('C', 'B', 'COMPLAINT', dispute['id']), ('B', 'AA', 'SETTLEMENT', after),
            ('AA', 'C', 'COMPLAINT', refunded['id']), ('C', 'J', 'COMPLAINT', refunded['id'])])
        self.assertEqual(problem(customer.redeem(1))[:2], (409, 'wrong-state'))

    def test_M2_all_three_factors(self):
        customer = Customer()
        customer.settle('27999.99', DAY1, category='skin_course', quantity=5)
        customer.survey('FAIR', answered_at=DAY1)
        customer.becomes('A')
        no, _ = customer.settle('0.01', DAY1, category='skin_course', quantity=1)
        customer.becomes('AA')
        self.assertEqual(customer.factors()['B'], (True, 'net spend 28000.00 of 28000.00'))
        customer.settle('0.01', DAY1, no=no, category='skin_course', quantity=6)
        customer.becomes('AAA')
        self.assertEqual(customer.factors()['A'], (True, 'a skin course of 6 sessions'))
        customer.survey('DISSATISFIED', answered_at=DAY2)
        customer.becomes('AA')
        customer.settle('-0.01', DAY2)
        customer.becomes('A')

    def test_M1_in_treatment_is_no_purchase_and_a_refund_ends_nothing(self):
        customer = Customer()
        no, _ = customer.settle('100.00', DAY1, settled=False)
        self.assertEqual(eventually(IN_TIME, lambda: customer.service.get(customer.path()).status == 200 and customer.member())['member_since'], '')
        customer.settle('100.00', DAY1, no=no)
        customer.becomes('B')
        customer.settle('-100.00', DAY2, refund_of=no)
        customer.becomes('B', net_spend_fen='0')
        customer.settle('100.00', DAY1, no=no, settled=False)
        self.assertEqual(customer.becomes('UNSPECIFIED')['class_reason'], 'M1: no settled purchase')
        self.assertEqual([change[:2] for change in customer.history()], [('UNSPECIFIED', 'B'), ('B', 'UNSPECIFIED')])

    def test_counts_and_lists_by_the_source_that_made_them_members(self):
        source = Source()
        source.take('customers', [{'customer_no': name, 'name': '王芳', 'phone': phone()} for name in ('a', 'b', 'c', 'd')])

        def row(customer, no, at, amount, **more):
            return {'settlement_no': no, 'kind': 'refund' if amount.startswith('-') else 'sale', 'customer_no': customer, 'occurred_at': at,
                    'settled_at': at, 'line_no': '1', 'category': 'skin_course', 'amount': amount, **more}
        source.take('settlements', [row('a', '1', DAY1, '28000.00', quantity='6'), row('b', '2', DAY1, '1.00', quantity='5'),
                                    row('c', '3', DAY1, '1.00'), row('c', '4', DAY2, '1.00'), row('d', '5', DAY1, '-1.00')])
        idle()
        leader = account('leader')
        reply = leader.get('/v1/members:count', query={'imported_from': source.name, 'group_by': 'class'}).expect(200).json
        self.assertEqual([reply[name] for name in ('members', 'factor_a', 'factor_b', 'factor_c')], ['3', '2', '1', '0'])
        self.assertEqual([(row['key'], row['count']) for row in reply['counts']], [('AA', '1'), ('A', '1'), ('B', '1')])
        found, token = [], ''
        while True:
            page = leader.get('/v1/members', query={'imported_from': source.name, 'page_size': 2, **({'page_token': token} if token else {})}).expect(200).json
            found += [row['member_class'] for row in page.get('members', ())]
            token = page.get('next_page_token')
            if not token:
                break
        self.assertEqual(sorted(found), ['MEMBER_CLASS_A', 'MEMBER_CLASS_AA', 'MEMBER_CLASS_B'])
        only = leader.get('/v1/members', query={'imported_from': source.name, 'member_class': 'MEMBER_CLASS_AA'}).expect(200).json['members']
        self.assertEqual([row['net_spend_fen'] for row in only], ['2800000'])
        self.assertEqual(source.reasons('settlements', [row('a', '9', DAY1, '1.00', quantity='0'), row('a', '8', DAY1, '1.00', quantity='1.5')]), {
            2: 'quantity: line 2: a whole number from 1 to 1000000 is expected', 3: 'quantity: line 3: a whole number from 1 to 1000000 is expected'})


class Points(unittest.TestCase):
    def test_M7_earned_redeemed_refunded_into_debt_and_paid(self):
        customer = Customer()
        first_no, first = customer.settle('100.99')
        customer.has_points(100)
        _, second = customer.settle('50.00')
        customer.has_points(150)
        key = fresh()
        redeemed = customer.redeem(120, key).expect(201).json
        self.assertEqual(([(draw['settlement_id'], draw['points']) for draw in redeemed['allocations']], redeemed['balance']),
                         ([(first, '100'), (second, '20')], '30'))
        self.assertEqual(customer.redeem(120, key).expect(201).json, redeemed)
        self.assertEqual(problem(customer.redeem(31)), (400, 'rule-broken', [('points', 'the balance is 30 points')]))
        _, refund = customer.settle('-100.99', refund_of=first_no)
        self.assertEqual(customer.has_points(0, 70).get('lots', []), [])
        customer.settle('80.00')
        ledger = customer.has_points(10)['ledger']
        self.assertEqual(sum(int(entry['points']) for entry in ledger), 10)
        self.assertEqual(sum(int(entry['points']) for entry in ledger if not entry['settlement_id']), 0)
        self.assertNotIn(refund, {entry['settlement_id'] for entry in ledger})
        reverse = {'redemption_id': redeemed['id'], 'reason': 'returned'}
        director = account('customer_service_director')
        back = director.post(customer.path('/points:reverse'), reverse, key=fresh()).expect(200).json
        self.assertEqual((back['balance'], back['reversal_reason'], back['reversed_by']), ('130', 'returned', director.username))
        self.assertEqual(problem(director.post(customer.path('/points:reverse'), reverse, key=fresh())), (409, 'wrong-state', []))
        self.assertEqual(customer.member()['points_balance'], '130')

    def test_M7_points_that_expired_cannot_be_spent(self):
        customer = Customer()
        customer.settle('100.00', '2020-02-29T10:00:00+08:00')
        customer.becomes('B', points_balance='0', points_debt='0')
        self.assertEqual(problem(customer.redeem(1)), (400, 'rule-broken', [('points', 'the balance is 0 points')]))
        self.assertEqual([entry['kind'] for entry in customer.points()['ledger']], ['POINT_ENTRY_KIND_EXPIRED', 'POINT_ENTRY_KIND_EARNED'])

    def test_M7_a_lot_says_when_it_lapses(self):
        customer = Customer()
        # The last second of a day that every month has, so that two years on it is the same one.
        day = (datetime.datetime.now(SHANGHAI).replace(day=1) - datetime.timedelta(days=1)).replace(day=28)
        customer.settle('100.00', f'{day:%Y-%m-%d}T23:59:59+08:00')
        lot, = customer.has_points(100)['lots']
        self.assertEqual((lot['earned_at'], lot['expires_at']), (f'{day:%Y-%m-%d}T15:59:59Z', f'{day.year + 2}-{day:%m-%d}T16:00:00Z'))

    def test_M7_many_at_once_never_spend_the_same_point(self):
        customer = Customer()
        customer.settle('105.00')
        customer.has_points(105)
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            statuses = sorted(reply.status for reply in pool.map(lambda _: customer.redeem(10), range(20)))
        self.assertEqual(statuses, [201] * 10 + [400] * 10)
        customer.has_points(5)


class Complaints(unittest.TestCase):
    def test_M11_its_way_its_history_and_what_was_written(self):
        customer = Customer()
        complaint = customer.complain()
        self.assertEqual((complaint['state'], complaint['outcome']), ('COMPLAINT_STATE_OPEN', 'COMPLAINT_OUTCOME_UNSPECIFIED'))
        path = f"/v1/complaints/{complaint['id']}"
        skipped = customer.service.post(f'{path}:resolve', {'outcome': 'COMPLAINT_OUTCOME_UNFOUNDED'}, key=fresh())
        self.assertEqual((problem(skipped), skipped.json['detail']), ((409, 'wrong-state', []), 'M11: from open there is no way to resolved'))
        customer.service.post(f'{path}:investigate', {'note': '已电话回访'}, key=fresh()).expect(200)
        for body, why in (({'outcome': 'COMPLAINT_OUTCOME_REPAIRED'}, 'a repair names the satisfaction it ended with'),
                          ({'outcome': 'COMPLAINT_OUTCOME_REFUNDED', 'satisfaction': 'SATISFACTION_FAIR'}, 'belongs to the outcome repaired alone')):
            self.assertEqual(problem(customer.service.post(f'{path}:resolve', body, key=fresh())), (400, 'rule-broken', [('satisfaction', why)]))
        done = customer.service.post(f'{path}:resolve', {'outcome': 'COMPLAINT_OUTCOME_UNFOUNDED'}, key=fresh()).expect(200).json
        self.assertEqual((done['state'], done['version']), ('COMPLAINT_STATE_RESOLVED', '3'))
        entries = customer.service.get(f'{path}/history').expect(200).json['entries']
        self.assertEqual([(row['from'], row['to'], row['why'], row['by']) for row in entries], [
            ('', 'open', '', customer.service.username), ('open', 'investigating', '', customer.service.username),
            ('investigating', 'resolved', 'unfounded', customer.service.username)])
        reported = customer.service.post(f'{path}:reveal', {'reason': 'the customer asked'}, key=fresh()).expect(200).json
        self.assertEqual([note['text'] for note in reported['notes']], ['术后红肿', '已电话回访'])
        last = customer.service.get(f'{path}/history').expect(200).json['entries'][-1]
        self.assertEqual((last['to'], last['why']), ('revealed', 'the customer asked'))
        for text in (customer.service.get(path).body, customer.service.get(f'{path}/history').body):
            self.assertNotIn('术后红肿'.encode(), text)
        second = customer.complain()
        listed = customer.service.get('/v1/complaints', query={'customer_id': customer.id}).expect(200).json['complaints']
        self.assertEqual([row['id'] for row in listed], [second['id'], complaint['id']])
        listed = customer.service.get('/v1/complaints', query={'customer_id': customer.id, 'state': 'COMPLAINT_STATE_OPEN'}).expect(200).json['complaints']
        self.assertEqual([row['id'] for row in listed], [second['id']])

    def test_M2_a_survey_is_recorded_once_for_its_key(self):
        customer = Customer()
        key, body = fresh(), {'customer_id': customer.id, 'satisfaction': 'SATISFACTION_FAIR', 'answered_at': DAY1}
        made = [customer.service.post('/v1/surveys', body, key=key).expect(201).json for _ in range(2)]
        self.assertEqual(made[0], made[1])
        later = customer.survey('SATISFIED')
        listed = customer.service.get('/v1/surveys', query={'customer_id': customer.id}).expect(200).json['surveys']
        self.assertEqual([row['id'] for row in listed], [later['id'], made[0]['id']])


class WhoAndWhat(unittest.TestCase):
    def test_P1_a_rep_sees_no_member(self):
        somebody = uuid.uuid4()
        rep = account('rep')
        for path in ('/v1/members', '/v1/members:count', f'/v1/members/{somebody}', f'/v1/members/{somebody}/history', f'/v1/members/{somebody}/points',
                     '/v1/complaints', f'/v1/complaints/{somebody}', f'/v1/surveys?customer_id={somebody}', '/v1/policies/membership'):
            with self.subTest(path=path):
                self.assertEqual(problem(rep.get(path)), (403, 'role-missing', []))
        self.assertEqual(problem(rep.post(f'/v1/members/{somebody}/points:redeem', {'points': 1, 'reason': 'goods'}, key=fresh())), (403, 'role-missing', []))
        reverse = account('customer_service').post(f'/v1/members/{somebody}/points:reverse', {'redemption_id': str(somebody), 'reason': 'returned'}, key=fresh())
        self.assertEqual(problem(reverse), (403, 'role-missing', []))

    def test_bad_input_is_told_by_field(self):
        service, somebody = account('customer_service'), str(uuid.uuid4())
        survey = {'customer_id': somebody, 'satisfaction': 'SATISFACTION_FAIR'}
        future = '2999-01-01T00:00:00Z'
        cases = ((f'/v1/members/{somebody}/points:redeem', {'points': 0, 'reason': 'goods'}, ('points', 'must be at least 1')),
                 (f'/v1/members/{somebody}/points:redeem', {'points': 1, 'reason': 'cash'}, ('reason', 'must be one of service, goods')),
                 ('/v1/members/7/points:redeem', {'points': 1, 'reason': 'goods'}, ('customer_id', 'must be a UUID')),
                 ('/v1/surveys', {**survey, 'customer_id': '7'}, ('customer_id', 'must be a UUID')),
                 ('/v1/surveys', {'customer_id': somebody}, ('satisfaction', 'is required')),
                 ('/v1/surveys', {**survey, 'answered_at': future}, ('answered_at', 'lies in the future: it has not happened yet (G7)')),
                 ('/v1/complaints', {'customer_id': somebody, 'text': 'ouch'[:3]}, ('text', 'must have at least 4 characters')),
                 (f'/v1/complaints/{somebody}:resolve', {}, ('outcome', 'is required')))
        for path, body, error in cases:
            with self.subTest(path=path, error=error):
                self.assertEqual(problem(service.post(path, body, key=fresh())), (400, 'invalid-field', [error]))
        for path, error in (('/v1/members?page_size=201', ('page_size', 'must be at most 200')), ('/v1/surveys', ('customer_id', 'is required')),
                            (f'/v1/members/{somebody}/points?page_token=x', None)):
            with self.subTest(path=path):
                self.assertEqual(problem(service.get(path)), (400, 'invalid-field', [error]) if error else (404, 'not-found', []))
        for path in (f'/v1/members/{somebody}', f'/v1/complaints/{somebody}'):
            self.assertEqual(problem(service.get(path)), (404, 'not-found', []))

    def test_a_policy_is_read_and_followed_never_edited(self):
        director = account('customer_service_director')
        first = director.get('/v1/policies/membership/versions', query={'page_size': 200}).expect(200).json['versions'][-1]
        self.assertEqual((first['version'], first['effective_from'], first['approver']), ('1', '1900-01-01', 'default'))
        policy = first['policy']
        self.assertEqual((policy['net_spend_fen'], policy['course_sessions'], policy['lowest_satisfaction'], policy['points_months']),
                         ('2800000', 6, 'SATISFACTION_FAIR', 24))
        refused = director.post('/v1/policies/membership', {'policy': policy, 'effective_from': '2020-01-01', 'reason': 'we decided so'}, key=fresh())
        self.assertEqual(problem(refused)[2][0][0], 'effective_from')
        wrong = director.post('/v1/policies/membership', {'policy': {**policy, 'course_sessions': 0}, 'effective_from': '2999-01-01', 'reason': 'we decided so'}, key=fresh())
        self.assertEqual(problem(wrong), (400, 'invalid-field', [('policy.course_sessions', 'must be at least 1')]))
        twice = {**policy, 'redemption_reasons': ['goods', 'goods']}
        wrong = director.post('/v1/policies/membership', {'policy': twice, 'effective_from': '2999-01-01', 'reason': 'we decided so'}, key=fresh())
        self.assertEqual(problem(wrong), (400, 'rule-broken', [('policy.redemption_reasons[1]', 'is named twice: goods')]))
        made = director.post('/v1/policies/membership', {'policy': {**policy, 'course_sessions': 7}, 'effective_from': '2999-01-01', 'reason': 'we decided so'}, key=fresh())
        version = made.expect(201).json
        self.assertEqual((version['policy']['course_sessions'], version['approver']), (7, director.username))
        listed = director.get('/v1/policies/membership/versions', query={'page_size': 200}).expect(200).json['versions']
        self.assertIn(version, listed)
        self.assertEqual(listed[-1], first)
        self.assertEqual(problem(account('customer_service').post('/v1/policies/membership', {'policy': policy, 'effective_from': '2999-01-01', 'reason': 'we decided so'}, key=fresh())),
                         (403, 'role-missing', []))

    def test_a_replay_of_what_is_known_changes_nothing(self):
        customer = Customer()
        customer.settle('100.00')
        before = customer.has_points(100)
        began = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)).isoformat()
        replayed = administrator().post('/v1/services/leads/events:replay', {'consumer': 'membership_on-settlement', 'from': began}, key=fresh())
        self.assertGreater(int(replayed.expect(200).json['events']), 0)
        idle()
        self.assertEqual(customer.points(), before)
        self.assertEqual(len(customer.history()), 1)


if __name__ == '__main__':
    unittest.main()
