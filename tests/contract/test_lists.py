"""Every list is paged in one shape and every policy is read and changed by one set of routes: docs/api.md, held against the committed
document of the interface, so that a route that is added later is held to it too."""
import copy
import json
import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ.get('RENXIN_ROOT') or pathlib.Path(__file__).resolve().parents[2])
DOCUMENT = ROOT / 'docs/generated/openapi.json'
SIZE = {'type': 'integer', 'format': 'int32', 'minimum': 0, 'maximum': 200}
POLICY = re.compile(r'/v1/policies/([^/]+)(/.+)?')
# Answers that hold rows and are no list: what they are parts of.
NO_LISTS = {
    '/v1/services/{service}/status': 'the consumers of one service, as many as its contract declares',
}


def rows_of(document, operation):
    """The fields of a GET's answer that are lists of messages."""
    schema = operation['responses'].get('200', {}).get('content', {}).get('application/json', {}).get('schema', {})
    name = schema.get('$ref', '').rpartition('/')[2]
    fields = document['components']['schemas'].get(name, {}).get('properties', {})
    return fields, {field for field, kind in fields.items() if kind.get('type') == 'array' and '$ref' in kind['items']}


def is_list(document, path, operation):
    """A record is one, its parts are parts of it: it ends in its id. A figure is a verb behind a colon. What is left is a list; so is what
    is called one, whatever its path ends in."""
    _, rows = rows_of(document, operation)
    called = operation['operationId'].rpartition('_')[2]
    last = path.rpartition('/')[2]
    return bool(rows) and ':' not in last and (called.startswith('List') or called.endswith('History') or not last.startswith('{'))


def lists(document):
    for path, methods in document['paths'].items():
        if 'get' in methods and is_list(document, path, methods['get']):
            yield path, methods['get']


def faults(document):
    """path -> what it lacks of the one shape"""
    found = {}
    for path, operation in lists(document):
        taken = {parameter['name']: parameter['schema'] for parameter in operation['parameters'] if 'name' in parameter}
        fields, _ = rows_of(document, operation)
        lacks = [name for name, there in (('page_size', taken.get('page_size') == SIZE),
                                          ('page_token', taken.get('page_token') == {'type': 'string', 'maxLength': 300}),
                                          ('next_page_token', fields.get('next_page_token', {}).get('type') == 'string')) if not there]
        if lacks:
            found[path] = lacks
    return found


def policy_routes(document):
    """service -> the verbs and ends of its routes, and what they answer"""
    found = {}
    for path, methods in document['paths'].items():
        if match := POLICY.fullmatch(path):
            for verb, operation in methods.items():
                query = tuple(sorted(parameter['name'] for parameter in operation['parameters'] if parameter.get('in') == 'query'))
                status = '201' if '201' in operation['responses'] else '200'
                answer = operation['responses'][status]['content']['application/json']['schema']['$ref'].rpartition('.')[2]
                found.setdefault(match[1], set()).add((verb, match[2] or '', query, status, answer))
    return found


class Lists(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.document = json.loads(DOCUMENT.read_text(encoding='utf-8'))

    def test_every_list_is_paged(self):
        self.assertEqual(set(faults(self.document)), set(NO_LISTS))
        self.assertGreater(sum(1 for _ in lists(self.document)), 25)

    def test_a_list_without_any_part_of_it_is_found(self):
        for lacking in ('page_size', 'page_token', 'next_page_token'):
            document = copy.deepcopy(self.document)
            operation = document['paths']['/v1/staff']['get']
            operation['parameters'] = [parameter for parameter in operation['parameters'] if parameter.get('name') != lacking]
            rows_of(document, operation)[0].pop(lacking, None)
            self.assertEqual(faults(document).get('/v1/staff'), [lacking])

    def test_a_larger_page_is_found(self):
        document = copy.deepcopy(self.document)
        size = next(parameter for parameter in document['paths']['/v1/leads']['get']['parameters'] if parameter.get('name') == 'page_size')
        size['schema'] = {**SIZE, 'maximum': 500}
        self.assertEqual(faults(document).get('/v1/leads'), ['page_size'])

    def test_what_is_paged_says_so_in_both_directions(self):
        for path, methods in self.document['paths'].items():
            for operation in methods.values():
                asks = {parameter.get('name') for parameter in operation.get('parameters', ())} & {'page_size', 'page_token'}
                answers = 'next_page_token' in rows_of(self.document, operation)[0]
                if 'text/csv' not in str(operation['responses']):
                    self.assertEqual(asks, {'page_size', 'page_token'} if answers and 'parameters' in operation and asks else set(), path)


class Policies(unittest.TestCase):
    SHAPE = {('get', '', ('on',), '200', 'PolicyVersion'), ('get', '/versions', ('page_size', 'page_token'), '200', 'ListPolicyVersionsResponse'),
             ('post', '', (), '201', 'PolicyVersion')}

    def test_every_policy_has_the_same_routes(self):
        found = policy_routes(json.loads(DOCUMENT.read_text(encoding='utf-8')))
        self.assertEqual(found, {service: self.SHAPE for service in ('leads', 'membership', 'notifications')})

    def test_every_service_with_a_policy_has_them(self):
        """A policy is a row of `policies`: whoever installs one (shared/policies/routes.h) has its routes."""
        installed = {path.parents[len(path.relative_to(ROOT / 'services').parts) - 2].name
                     for path in (ROOT / 'services').rglob('*.cc') if 'policies::Install<' in path.read_text(encoding='utf-8')}
        self.assertEqual(installed, set(policy_routes(json.loads(DOCUMENT.read_text(encoding='utf-8')))))


if __name__ == '__main__':
    unittest.main()
