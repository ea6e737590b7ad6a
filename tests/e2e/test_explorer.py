"""/docs: the API explorer as a browser fetches it: every file that the page names, from us alone."""
import re
import unittest

from harness import administrator

SERVICES = ('gateway',)


class Explorer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = administrator().with_token(None)

    def test_the_page_and_each_file_it_names(self):
        page = self.client.get('/docs').expect(200)
        self.assertEqual(page.headers['content-type'], 'text/html; charset=utf-8')
        named = re.findall(r'(?:href|src)="([^"]+)"', page.body.decode())
        self.assertEqual(len(named), 5)
        for path in named:
            self.assertTrue(path.startswith('/') and not path.startswith('//'), path)
            reply = self.client.get(path).expect(200)
            self.assertEqual(reply.headers['x-content-type-options'], 'nosniff', path)
            kind = {'css': 'text/css; charset=utf-8', 'js': 'text/javascript; charset=utf-8', 'png': 'image/png', 'json': 'application/json'}
            self.assertEqual(reply.headers['content-type'], kind[path.rsplit('.', 1)[1]], path)
            self.assertEqual(int(reply.headers['content-length']), len(reply.body), path)

    def test_start_script_and_policy_name_nobody_else(self):
        page = self.client.get('/docs').expect(200)
        self.assertNotIn('unsafe', page.headers['content-security-policy'])
        self.assertRegex(page.headers['content-security-policy'], r"script-src 'self';.*connect-src 'self'")
        self.assertNotIn('//', re.sub(r'(?m)^//.*', '', self.client.get('/docs/start.js').expect(200).body.decode()))

    def test_who_has_it_is_spared_it(self):
        first = self.client.get('/docs/swagger-ui.css').expect(200)
        self.assertEqual(first.headers['cache-control'], 'no-cache')
        again = self.client.get('/docs/swagger-ui.css', headers={'If-None-Match': first.headers['etag']}).expect(304)
        self.assertEqual(again.body, b'')

    def test_nothing_lies_beside_it(self):
        for path in ('/docs/nothing', '/docs/../openapi.json', '/docs/%2e%2e/openapi.json', '/docs/%2e%2e%2fetc%2fpasswd', '/docs/package.json'):
            self.assertIn(self.client.get(path).status, (400, 404), path)

    def test_the_interface_it_shows_is_ours(self):
        document = self.client.get('/openapi.json').expect(200).json
        self.assertEqual(document['servers'][0]['url'], '/')
        self.assertEqual(document['components']['securitySchemes']['bearer']['scheme'], 'bearer')


if __name__ == '__main__':
    unittest.main()
