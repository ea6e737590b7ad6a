"""Bad requests, each with the exact answer: status, reason and the field that is wrong."""
import base64
import json
import time
import unittest
import uuid

from files import Source
from harness import administrator, anonymous, fresh, suite
from people import account, code, phone

SERVICES = ('identity', 'leads', 'referrals', 'commissions')
LEADS = '/v1/leads'


def lead(**more):
    return {'channel': 'online', 'name': '王芳', 'phone': phone(), **more}


def problem(reply):
    """(status, reason, [(field, message)])."""
    body = reply.json
    return reply.status, body['reason'], [(error['field'], error['message']) for error in body['errors']]


def coded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip('=')


def decoded(text):
    return json.loads(base64.urlsafe_b64decode(text + '=' * (-len(text) % 4)))


class Bodies(unittest.TestCase):
    def setUp(self):
        self.client = account('consultant')

    def refused(self, raw):
        return problem(self.client.request('POST', LEADS, raw=raw, key=fresh()))

    def test_10_mb_of_json_is_too_large(self):
        raw = json.dumps(lead(name='x' * 10_000_000)).encode()
        try:
            reply = self.client.request('POST', LEADS, raw=raw, key=fresh())
        except (ConnectionError, OSError):
            self.client.close()     # the gateway answered before it had read all that we sent
            reply = self.client.request('POST', LEADS, raw=b'', key=fresh(), headers={'Content-Length': str(len(raw))})
        self.assertEqual(problem(reply), (413, 'body-too-large', []))
        self.client.get('/v1/sessions/current').expect(200)     # the next request is served

    def test_40_kb_of_nested_arrays_is_refused_at_once(self):
        began = time.monotonic()
        self.assertEqual(self.refused(b'{"name": ' + b'[' * 40_000), (400, 'malformed-json', []))
        self.assertEqual(self.refused(b'{"name": ' + b'[' * 20_000 + b']' * 20_000 + b'}'), (400, 'malformed-json', []))
        self.assertLess(time.monotonic() - began, 1)

    def test_json_that_is_not_strict(self):
        for raw in (b'{"channel":"online",}', b'{"a":1,"a":2}', b'[]', b'"x"', b'', b'{} {}', b'{"name":"\xff"}', b"{'name':1}",
                    b'{"name": NaN}', b'{"name":"\\u0000"}'):
            with self.subTest(raw=raw):
                status, reason, _ = self.refused(raw)
                self.assertEqual((status, reason), (400, 'invalid-field' if raw == b'' else 'malformed-json'))

    def test_an_unknown_field_is_refused_with_its_path(self):
        reply = self.client.post(LEADS, lead(shoe_size=38), key=fresh())
        self.assertEqual(problem(reply), (400, 'invalid-field', [('shoe_size', 'is no field of this request')]))
        body = {'document': {'code': 'plan-x', 'title': 'x', 'table': {'rule': 'C3', 'rates': []}}, 'effective_from': '2026-01-01'}
        reply = account('finance').post('/v1/plans', body, key=fresh())
        self.assertEqual(problem(reply), (400, 'invalid-field', [('document.table.rates', 'is no field of this request')]))

    def test_a_value_of_the_wrong_type(self):
        self.assertEqual(problem(self.client.post(LEADS, lead(name=7), key=fresh())),
                         (400, 'invalid-field', [('name', 'has a value of the wrong type')]))

    def test_an_unknown_query_is_refused(self):
        reply = self.client.get(LEADS, query={'colour': 'red'})
        self.assertEqual(problem(reply), (400, 'invalid-field', [('colour', 'is no parameter of this request')]))
        reply = self.client.post(LEADS + '?colour=red', lead(), key=fresh())
        self.assertEqual(problem(reply), (400, 'invalid-field', [('?', 'this method takes no query: everything stands in the body')]))

    def test_every_missing_field_is_named_at_once(self):
        self.assertEqual(problem(self.client.post(LEADS, {}, key=fresh())),
                         (400, 'invalid-field', [(field, 'is required') for field in ('channel', 'name', 'phone')]))

    def test_another_content_type(self):
        reply = self.client.request('POST', LEADS, raw=b'a=1', key=fresh(), headers={'Content-Type': 'application/x-www-form-urlencoded'})
        self.assertEqual(problem(reply), (415, 'wrong-media-type', []))

    def test_G4_an_impossible_phone(self):
        for text, why in (('12', 'too short for a phone number'), ('hello', '"h" is no part of a phone number there'), ('+86 138 0013 80001234567', 'too long for a phone number')):
            with self.subTest(phone=text):
                self.assertEqual(problem(self.client.post(LEADS, lead(phone=text), key=fresh())), (400, 'invalid-field', [('phone', why)]))

    def test_L1_an_unknown_channel(self):
        self.assertEqual(problem(self.client.post(LEADS, lead(channel='pigeon'), key=fresh())),
                         (400, 'invalid-field', [('channel', 'unknown code')]))

    def test_G3_30_february(self):
        self.assertEqual(problem(self.client.post(LEADS, lead(birthday='1990-02-30'), key=fresh())),
                         (400, 'invalid-field', [('birthday', 'no such day')]))


class SettlementAmounts(unittest.TestCase):
    def test_G1_amounts_that_are_none(self):
        front_desk = account('front_desk')
        customer = front_desk.post(LEADS, lead(), key=fresh()).expect(201).json['lead']['customer_id']
        for amount, why in ((None, 'is required'), ('100000000000001', 'must be at most 100000000000000'), ('-100000000000001', 'must be at least -100000000000000')):
            with self.subTest(amount=amount):
                lines = [{'line_no': '1', 'category': 'dental', 'amount_fen': 100}, {'line_no': '2', 'category': 'dental', 'amount_fen': amount}]
                body = {'settlement_no': code('s'), 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': customer,
                        'occurred_at': '2026-05-04T10:00:00+08:00', 'lines': lines}
                self.assertEqual(problem(front_desk.post('/v1/settlements', body, key=fresh())),
                                 (400, 'invalid-field', [('lines[1].amount_fen', why)]))


class Tokens(unittest.TestCase):
    def asked_with(self, token):
        return problem(administrator().with_token(token).get('/v1/sessions/current'))

    def setUp(self):
        self.head, self.claims, self.signature = administrator().token.split('.')

    def test_no_token(self):
        self.assertEqual(self.asked_with(None), (401, 'no-token', []))

    def test_alg_none(self):
        for signature in ('', self.signature):
            token = '.'.join((coded({**decoded(self.head), 'alg': 'none'}), self.claims, signature))
            self.assertEqual(self.asked_with(token), (401, 'bad-token', []))

    def test_a_key_that_is_not_ours(self):
        self.assertEqual(self.asked_with('.'.join((coded({**decoded(self.head), 'kid': 'mine'}), self.claims, self.signature))),
                         (401, 'bad-token', []))
        other = base64.urlsafe_b64encode(bytes(64)).decode().rstrip('=')
        self.assertEqual(self.asked_with('.'.join((self.head, self.claims, other))), (401, 'bad-token', []))

    def test_claims_that_were_altered(self):
        claims = decoded(self.claims)
        for altered in ({**claims, 'roles': ['finance']}, {**claims, 'exp': claims['exp'] + 86_400}, {**claims, 'exp': claims['exp'] - 86_400}):
            self.assertEqual(self.asked_with('.'.join((self.head, coded(altered), self.signature))), (401, 'bad-token', []))

    def test_what_is_no_token_at_all(self):
        for token in ('x', 'a.b.c', '..', self.head + '.' + self.claims, administrator().token + '.x'):
            self.assertEqual(self.asked_with(token), (401, 'bad-token', []))
        reply = administrator().with_token(None).get('/v1/sessions/current', headers={'Authorization': 'Basic YWRtaW46eA=='})
        self.assertEqual(problem(reply), (401, 'bad-token', []))

    def test_a_wrong_password_tells_no_more_than_an_unknown_name(self):
        client = anonymous(suite())
        answers = {problem(client.post('/v1/sessions', {'username': name, 'password': 'wrong' * 4}))[:2] for name in (code('nobody'), account('auditor').username)}
        self.assertEqual(answers, {(401, 'wrong-credentials')})


class Doors(unittest.TestCase):
    """Roles, ids and keys."""

    def test_P1_another_role_is_refused(self):
        self.assertEqual(problem(account('rep').post(LEADS, lead(), key=fresh())), (403, 'role-missing', []))
        self.assertEqual(problem(account('finance').get('/v1/accounts')), (403, 'role-missing', []))
        self.assertEqual(problem(administrator().post('/v1/periods/2020-01:lock', {}, key=fresh())), (403, 'role-missing', []))
        self.assertEqual(problem(account('auditor').post('/v1/plans', {}, key=fresh())), (403, 'role-missing', []))

    def test_an_unknown_id_is_not_found(self):
        for path in ('/v1/leads/{}', '/v1/leads/{}/history', '/v1/customers/{}', '/v1/visits/{}', '/v1/settlements/{}', '/v1/recognitions/{}',
                     '/v1/statements/2026-05/{}', '/v1/staff/{}', '/v1/operations/leads.{}'):
            with self.subTest(path=path):
                self.assertEqual(problem(administrator().get(path.format(uuid.uuid4()))), (404, 'not-found', []))

    def test_an_id_that_is_none(self):
        self.assertEqual(problem(administrator().get('/v1/leads/7')), (400, 'invalid-field', [('id', 'must be a UUID')]))

    def test_an_unknown_route_and_an_unknown_method(self):
        self.assertEqual(problem(administrator().get('/v1/horses')), (404, 'unknown-route', []))
        reply = administrator().delete('/v1/leads')
        self.assertEqual(problem(reply), (405, 'unknown-route', []))
        self.assertEqual(set(reply.headers['Allow'].replace(' ', '').split(',')), {'GET', 'POST'})

    def test_a_month_that_is_none(self):
        self.assertEqual(problem(administrator().get('/v1/statements/2026-13')), (400, 'invalid-field', [('period', 'not a month: YYYY-MM is expected')]))

    def test_the_same_key_and_body_acts_once(self):
        client, key, body = account('consultant'), fresh(), lead()
        first = client.post(LEADS, body, key=key).expect(201)
        again = client.post(LEADS, body, key=key).expect(201)
        self.assertEqual(again.json, first.json)
        found = administrator().get(f"{LEADS}/{first.json['lead']['id']}").expect(200).json
        self.assertEqual(found['touches'], '0')

    def test_the_same_key_with_another_body_is_refused(self):
        client, key = account('consultant'), fresh()
        client.post(LEADS, lead(), key=key).expect(201)
        self.assertEqual(problem(client.post(LEADS, lead(), key=key)), (400, 'idempotency-key-reused', []))

    def test_another_persons_key_is_another_key(self):
        key, body = fresh(), lead()
        first = account('consultant').post(LEADS, body, key=key).expect(201).json
        second = account('front_desk').post(LEADS, body, key=key).expect(201).json
        self.assertEqual((second['touch'], second['lead']['id']), (True, first['lead']['id']))

    def test_a_refusal_is_not_remembered(self):
        client, key = account('consultant'), fresh()
        client.post(LEADS, lead(channel='pigeon'), key=key).expect(400)
        client.post(LEADS, lead(), key=key).expect(201)

    def test_without_a_key_each_request_stands_alone(self):
        client, body = account('consultant'), lead()
        first = client.post(LEADS, body).expect(201).json
        second = client.post(LEADS, body).expect(201).json
        self.assertEqual((first['touch'], second['touch']), (False, True))

    def test_a_key_that_is_none(self):
        self.assertEqual(problem(account('consultant').post(LEADS, lead(), key='k' * 256)),
                         (400, 'invalid-field', [('Idempotency-Key', 'must be 1 to 255 visible ASCII characters')]))


class FourByteCharacters(unittest.TestCase):
    """A name with a character outside the first plane is taken, kept and masked to its first character."""
    NAME = '𠮷野家'

    def test_G6_in_a_request(self):
        consultant = account('consultant')
        made = consultant.post(LEADS, lead(name=self.NAME), key=fresh()).expect(201).json
        self.check(made['lead']['customer_id'])

    def test_G6_in_a_file(self):
        source, number = Source(), phone()
        row = {'customer_no': 'c1', 'name': self.NAME, 'phone': number}
        self.assertEqual(source.take('customers', [row]), {'read': 1, 'created': 1})
        # A live consultation of the same person finds the customer that was imported (L3).
        made = account('consultant').post(LEADS, lead(name=self.NAME, phone=number), key=fresh()).expect(201).json
        self.assertFalse(made['household_proposed'])
        self.check(made['lead']['customer_id'])

    def test_L11_bytes_that_are_no_text_are_refused(self):
        source = Source()
        self.assertEqual(source.reasons('customers', b'customer_no,name\nc1,\xff\xfe\nc2,ok\n'), {2: 'name: not UTF-8'})

    def check(self, customer_id):
        seen = account('consultant').get(f'/v1/customers/{customer_id}').expect(200).json
        self.assertRegex(seen['name'], r'^𠮷\*+$')
        reported = account('consultant').post(f'/v1/customers/{customer_id}:reveal', {'reason': 'calling back'}, key=fresh()).expect(200).json
        self.assertEqual(reported['name'], self.NAME)


if __name__ == '__main__':
    unittest.main()
