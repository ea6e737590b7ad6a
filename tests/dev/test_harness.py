"""The HTTP client of the end-to-end tests, against a small HTTPS server."""
import http.server
import json
import pathlib
import ssl
import tempfile
import threading
import unittest

import credentials
import harness


class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def answer(self):
        length = int(self.headers.get('Content-Length') or 0)
        body = self.rfile.read(length)
        self.server.seen += 1
        said = json.dumps({'method': self.command, 'path': self.path, 'headers': dict(self.headers),
                           'body': body.decode()}).encode()
        self.send_response(409 if self.path == '/conflict' else 200)
        self.send_header('Content-Length', str(len(said)))
        self.end_headers()
        self.wfile.write(said)
        if self.path == '/then-close':      # silently, as a gateway that was killed does
            self.close_connection = True

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


class ClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        tls = credentials.certificates(pathlib.Path(folder.name))
        cls.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Echo)
        cls.server.seen = 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls / 'gateway.pem', tls / 'gateway.key')
        cls.server.socket = context.wrap_socket(cls.server.socket, server_side=True)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.ca = tls / 'ca.pem'

    def setUp(self):
        self.client = harness.Client(f'https://127.0.0.1:{self.server.server_port}', self.ca, token='t0')
        self.addCleanup(self.client.close)

    def test_json_token_and_key(self):
        seen = self.client.post('/v1/leads', {'name': '王芳'}, key='k1', query={'a': ['1', '2']}).expect(200).json
        self.assertEqual((seen['method'], seen['path']), ('POST', '/v1/leads?a=1&a=2'))
        self.assertEqual(json.loads(seen['body']), {'name': '王芳'})
        self.assertEqual(seen['headers']['Authorization'], 'Bearer t0')
        self.assertEqual(seen['headers']['Idempotency-Key'], 'k1')
        self.assertEqual(seen['headers']['Content-Type'], 'application/json')

    def test_unexpected_status_says_what_came(self):
        with self.assertRaisesRegex(AssertionError, r'status 409, expected \(200,\)'):
            self.client.get('/conflict').expect(200)

    def test_upload_streams_a_file(self):
        with tempfile.NamedTemporaryFile('w', suffix='.csv', encoding='utf-8') as file:
            file.write('lead_no\n' + '0123456789\n' * 20000)
            file.flush()
            seen = self.client.upload('/v1/imports', {'kind': 'leads', 'source': 's'}, file.name, key='k').json
        self.assertIn('multipart/form-data; boundary=', seen['headers']['Content-Type'])
        self.assertEqual(int(seen['headers']['Content-Length']), len(seen['body']))
        self.assertIn('name="kind"\r\n\r\nleads\r\n', seen['body'])
        self.assertEqual(seen['body'].count('0123456789\n'), 20000)

    def test_read_is_sent_again_when_the_kept_connection_was_closed(self):
        self.client.get('/then-close').expect(200)
        self.client.get('/v1/x').expect(200)
        self.client.get('/then-close').expect(200)
        self.client.post('/v1/x', {}, key='k').expect(200)

    def test_write_without_a_key_is_never_sent_again(self):
        self.client.get('/then-close').expect(200)
        before = self.server.seen
        with self.assertRaises((ConnectionError, harness.http.client.HTTPException, ssl.SSLError)):
            self.client.post('/v1/x', {})
        self.assertEqual(self.server.seen, before)

    def test_eventually(self):
        left = [3]

        def counted():
            left[0] -= 1
            return left[0] == 0
        self.assertTrue(harness.eventually(5, counted))
        with self.assertRaisesRegex(AssertionError, 'the moon did not come true'):
            harness.eventually(0, lambda: False, 'the moon')
        with self.assertRaisesRegex(AssertionError, '1 != 2'):
            harness.eventually(0, lambda: self.assertEqual(1, 2))


if __name__ == '__main__':
    unittest.main()
