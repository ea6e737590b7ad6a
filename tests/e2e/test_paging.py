"""Every list route, read from /openapi.json, through the gateway: pages of one row give what a page of several gives, 0 is 50, more than
200 is refused, and so is a token that is no token of this list. A list that is added has to be in WHERE when it needs more than its path.
"""
import datetime
import unittest

from files import Source, idle
from harness import administrator, fresh
from people import account, code, own_account, phone, staff_by_number, today

SERVICES = ('every',)
ROWS = 3
# The field of an answer that is paged, where it has other rows too.
PAGED = {'/v1/customers/{id}/consents': 'entries', '/v1/members/{customer_id}/points': 'ledger'}
# An answer says more than one thing: a page of findings is cut by the rows that were looked at.
CUT_OTHERWISE = {'/v1/services/{service}/findings'}


def listed():
    """path -> (operation, the field of its rows) of every route that takes and gives page tokens."""
    document = administrator().get('/openapi.json').expect(200).json
    found = {}
    for path, methods in document['paths'].items():
        operation = methods.get('get', {})
        if {'page_size', 'page_token'} <= {parameter.get('name') for parameter in operation.get('parameters', ())}:
            schema = operation['responses']['200']['content']['application/json']['schema']['$ref'].rpartition('/')[2]
            fields = document['components']['schemas'][schema]['properties']
            rows = [name for name, kind in fields.items() if kind.get('type') == 'array' and '$ref' in kind['items']]
            found[path] = operation, PAGED.get(path) or rows[0]
    return found


class Paging(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.routes = listed()
        source = Source()
        source.take('staff', [{'staff_no': 'r', 'name': '李强', 'job': 'rep', 'joined_on': '2025-01-01', 'plan': 'plan-a'}])
        idle()
        cls.rep = staff_by_number(administrator(), source.name)['r']
        cls.make()

    @classmethod
    def make(cls):
        """A customer with some of everything, made in no time: many of its rows are of one day and some of one moment."""
        service, desk, finance = account('customer_service'), account('front_desk'), account('finance')
        lead = desk.post('/v1/leads', {'channel': 'phone', 'name': '王芳', 'phone': phone()}, key=fresh()).expect(201).json['lead']
        cls.lead, cls.customer = lead['id'], lead['customer_id']
        tomorrow = f'{today() + datetime.timedelta(1)}T10:00:00+08:00'
        for _ in range(ROWS):
            desk.post('/v1/appointments', {'lead_id': cls.lead, 'department': 'dental', 'slot_start': tomorrow}, key=fresh()).expect(201)
        for i in range(ROWS):
            desk.post('/v1/visits', {'customer_id': cls.customer, 'department': 'dental', 'rep_id': cls.rep}, key=fresh()).expect(201)
            finance.post('/v1/settlements', {
                'settlement_no': code('p'), 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': cls.customer, 'course_no': code('c'),
                'occurred_at': '2026-05-02T10:00:00+08:00', 'settled_at': '2026-05-02T11:00:00+08:00',
                'lines': [{'line_no': '1', 'category': 'dental', 'amount_fen': 100_000}]}, key=fresh()).expect(201)
            service.post(f'/v1/customers/{cls.customer}/consents', {'purpose': 'marketing', 'decision': 'given', 'at': '2026-05-02T10:00:00+08:00',
                                                                    'source': 'a form', 'text_version': str(i)}, key=fresh()).expect(201)
            service.post(f'/v1/customers/{cls.customer}:mark', {'mark': 'compassion', 'set': i % 2 == 0, 'reason': 'a test'}, key=fresh()).expect(200)
            service.post('/v1/surveys', {'customer_id': cls.customer, 'satisfaction': 'SATISFACTION_DISSATISFIED'}, key=fresh()).expect(201)
            complaint = service.post('/v1/complaints', {'customer_id': cls.customer, 'text': '术后红肿'}, key=fresh()).expect(201).json
        cls.complaint = complaint['id']
        service.post(f'/v1/complaints/{cls.complaint}:investigate', {'note': 'asked'}, key=fresh()).expect(200)
        idle()

    def query(self, path):
        """What a route needs besides its paging."""
        if path in ('/v1/courses', '/v1/settlements', '/v1/surveys'):
            return {'customer_id': self.customer}
        if path == '/v1/birthdays':
            return {'day': str(today())}
        if path == '/v1/operations':
            return {'service': 'leads'}
        return {}

    def where(self, path):
        """The path of a record that is there."""
        known = {'/v1/customers/{id}': self.customer, '/v1/leads/{id}': self.lead, '/v1/complaints/{id}': self.complaint, '/v1/history/{kind}/{id}': self.lead}
        for prefix, value in known.items():
            if path.startswith(prefix):
                path = path.replace('{id}', value)
        values = {'{customer_id}': self.customer, '{kind}': 'lead', '{service}': 'leads', '{period}': '2026-05', '{payee}': self.rep}
        for name, value in values.items():
            path = path.replace(name, value)
        self.assertNotIn('{', path, 'a list that this table does not know')
        return path

    def client(self, operation):
        roles = operation['x-roles']
        return administrator() if '*' in roles or 'administrator' in roles else account(roles[0])

    def each(self):
        for path, (operation, rows) in self.routes.items():
            with self.subTest(path):
                client, where, query = self.client(operation), self.where(path), self.query(path)
                yield path, rows, lambda get=client.get, at=where, base=query, **more: get(at, query={**base, **more})

    def test_pages_of_one_row_are_what_a_page_of_several_is(self):
        full = set()
        for path, rows, ask in self.each():
            if path in CUT_OTHERWISE:
                continue
            first = ask(page_size=ROWS).expect(200).json
            found, token = [], ''
            while len(found) < ROWS:
                page = ask(page_size=1, **({'page_token': token} if token else {})).expect(200).json
                self.assertLessEqual(len(page[rows]), 1)
                found += page[rows]
                token = page['next_page_token']
                if not token:
                    break
            self.assertEqual(found, first[rows])
            if len(found) == ROWS:
                full.add(path)
        # They are not all empty.
        self.assertLessEqual({'/v1/staff', '/v1/accounts', '/v1/appointments', '/v1/visits', '/v1/settlements', '/v1/courses', '/v1/surveys',
                              '/v1/customers/{id}/consents', '/v1/customers/{id}/marks', '/v1/complaints'}, full)

    def test_no_size_is_fifty(self):
        for _, rows, ask in self.each():
            self.assertEqual(ask(page_size=0).expect(200).json[rows], ask(page_size=50).expect(200).json[rows])

    def test_more_than_two_hundred_is_refused(self):
        for _, _, ask in self.each():
            for size in (201, -1):
                self.assertEqual([error['field'] for error in ask(page_size=size).expect(400).json['errors']], ['page_size'])

    def test_a_token_of_another_list_is_refused(self):
        foreign = {path: administrator().get(path, query={'page_size': 1}).expect(200).json['next_page_token'] for path in ('/v1/staff', '/v1/visits')}
        self.assertTrue(all(foreign.values()))
        for path, _, ask in self.each():
            for token in ('made-up', *(token for of, token in foreign.items() if of != path)):
                reply = ask(page_token=token).expect(400).json
                self.assertEqual((reply['reason'], [error['field'] for error in reply['errors']]), ('invalid-field', ['page_token']))

    def test_a_filter_goes_with_every_page(self):
        """P1 too: a rep's pages are of their own visits."""
        rep = own_account('rep', self.rep)
        found, token = [], ''
        while True:
            page = rep.get('/v1/visits', query={'page_size': 2, **({'page_token': token} if token else {})}).expect(200).json
            found += page['visits']
            token = page['next_page_token']
            if not token:
                break
        self.assertEqual(({row['rep_id'] for row in found}, len(found)), ({self.rep}, ROWS))


if __name__ == '__main__':
    unittest.main()
