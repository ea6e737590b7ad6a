"""Every route of the contract, as everybody: nobody, somebody with a spoiled token, and an account of each role alone.

What the routes are and who may call them is read from /openapi.json of the running suite, so a new route is held to it from its
first day. Nothing here changes anything: commands are sent with a field that does not exist.
"""
import unittest
import uuid

from harness import administrator, anonymous, fresh, suite
from people import ROLES, account

SERVICES = ('every',)
BODY = {'no_such_field_at_all': 1}
# Fields that only a service writes: no request has one, but where a person says when something took effect or which version they saw.
SERVER_OWNED = ('version', 'created_at', 'updated_at', 'recorded_at', 'recorded_by', 'created_by', 'approver', 'locked_at', 'account_id',
                'state', 'status', 'masked', 'score', 'member_class', 'total_fen', 'share_bp', 'phone_index', 'data_key', 'outbox', 'owner_id')
VALUES = {'uuid': lambda: str(uuid.uuid4()), 'date': lambda: '2001-02-03', 'date-time': lambda: '2001-02-03T04:05:06Z'}
SAMPLES = {'^[0-9]{4}-[0-9]{2}$': '2001-02', '^[0-9]{4}-[0-9]{2}-[0-9]{2}$': '2001-02-03'}


def operations():
    document = administrator().get('/openapi.json').expect(200).json
    for path, methods in document['paths'].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation, document


def resolved(schema, document):
    if '$ref' not in schema:
        return schema
    node = document
    for step in schema['$ref'].removeprefix('#/').split('/'):
        node = node[step]
    return node


def filled(path, operation, document):
    """The path with a value for each of its parameters that is of the right shape and means nobody."""
    for given in operation.get('parameters', ()):
        parameter = resolved(given, document)
        if parameter['in'] != 'path':
            continue
        schema = resolved(parameter['schema'], document)
        value = (VALUES[schema['format']]() if schema.get('format') in VALUES else
                 SAMPLES.get(schema.get('pattern')) or (schema['enum'][-1] if schema.get('enum') else 'nobody'))
        path = path.replace('{' + parameter['name'] + '}', value)
    return path


def call(client, method, path):
    return client.request(method, path, None if method == 'GET' else BODY, key=None if method == 'GET' else fresh())


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.routes = [(method, filled(path, operation, document), operation) for method, path, operation, document in operations()]

    def test_there_are_routes_and_every_role_has_some(self):
        self.assertGreater(len(self.routes), 90)
        named = {role for _, _, operation in self.routes for role in operation.get('x-roles', ())}
        self.assertLessEqual(named - {'*'}, set(ROLES))

    def test_nobody_and_a_spoiled_token(self):
        nobody = anonymous(suite())
        good = account('finance')
        header, claims, signature = good.token.split('.')
        spoiled = nobody.with_token('.'.join((header, claims, ('A' if signature[0] != 'A' else 'B') + signature[1:])))
        for method, path, operation in self.routes:
            with self.subTest(f'{method} {path}'):
                if 'x-roles' not in operation:
                    self.assertEqual(operation['security'], [])
                    self.assertNotIn(call(nobody, method, path).status, (401, 403))
                    continue
                for client, reason in ((nobody, 'no-token'), (spoiled, 'bad-token')):
                    reply = call(client, method, path)
                    self.assertEqual((reply.status, reply.json['reason']), (401, reason))

    def test_each_role_alone_is_let_in_where_the_contract_names_it_and_nowhere_else(self):
        for role in ROLES:
            client = account(role)
            for method, path, operation in self.routes:
                roles = operation.get('x-roles')
                if roles is None:
                    continue
                with self.subTest(f'{role}: {method} {path}'):
                    reply = call(client, method, path)
                    if role in roles or roles == ['*']:
                        # A query of nobody finds nobody or nothing; a command with such a field is not begun.
                        upload = 'multipart/form-data' in operation.get('requestBody', {}).get('content', {})
                        self.assertIn(reply.status, (200, 400, 404) if method == 'GET' else (415,) if upload else (400,), reply)
                    else:
                        self.assertEqual((reply.status, reply.json['reason']), (403, 'role-missing'))

    def test_no_request_has_a_field_that_only_a_service_writes(self):
        for method, path, operation, document in operations():
            body = operation.get('requestBody', {}).get('content', {}).get('application/json')
            if body is None:
                continue
            with self.subTest(f'{method} {path}'):
                schema = resolved(body['schema'], document)
                self.assertEqual(schema['additionalProperties'], False)
                self.assertEqual(set(schema['properties']) & set(SERVER_OWNED), set())

    def test_such_a_field_is_refused_by_its_name(self):
        for field in SERVER_OWNED:
            reply = account('front_desk').post('/v1/leads', {'channel': 'online', 'name': '王芳', field: '7'}, key=fresh())
            self.assertEqual((reply.status, [error['field'] for error in reply.json['errors']]), (400, [field]))


if __name__ == '__main__':
    unittest.main()
