"""docs/api.md has the statuses and codes of the code, and names no route that the contract has not."""
import json
import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ.get('RENXIN_ROOT') or pathlib.Path(__file__).resolve().parents[2])
DOCUMENT = (ROOT / 'docs/api.md').read_text(encoding='utf-8')
CODE = re.compile(r'^RENXIN_CODE\(\w+, "(\w+)", (\d+)\)$', re.MULTILINE)
ROW = re.compile(r'^\| (\d+) \| `(\w+)` \|', re.MULTILINE)
ROUTE = re.compile(r'`(?:(GET|POST) )?(/v1/[^`?]+)`')


class ApiDocument(unittest.TestCase):
    def test_the_table_of_statuses_is_the_codes(self):
        codes = CODE.findall((ROOT / 'shared/core/codes.def').read_text(encoding='utf-8'))
        self.assertEqual(ROW.findall(DOCUMENT), [(status, name) for name, status in codes if name != 'OK'])

    def test_every_route_is_one_of_the_contract(self):
        paths = json.loads((ROOT / 'docs/generated/openapi.json').read_text(encoding='utf-8'))['paths']
        services = [path.rsplit('/', 1)[1] for path in paths if re.fullmatch(r'/v1/policies/\w+', path)]
        self.assertGreater(len(services), 2)
        known = {(method.upper(), path) for path, methods in paths.items() for method in methods} | {('GET', '/v1/live')}
        named = ROUTE.findall(DOCUMENT)
        self.assertGreater(len(named), 15)
        for method, path in named:
            for service in services if path.startswith('/v1/policies/') else ['']:
                wanted = path.replace('{service}', service) if service else path
                self.assertTrue(any(wanted == each and method in ('', verb) for verb, each in known), f'{method} {path}')

    def test_the_contract_has_no_other_methods(self):
        paths = json.loads((ROOT / 'docs/generated/openapi.json').read_text(encoding='utf-8'))['paths']
        self.assertEqual({method for methods in paths.values() for method in methods}, {'get', 'post'})


if __name__ == '__main__':
    unittest.main()
