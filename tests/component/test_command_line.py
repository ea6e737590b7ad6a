"""`renxin` over a real TLS connection, against a gateway of a few lines that misbehaves as gateways do."""
import hashlib
import http.server
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

import base
import credentials

SERVICES = ('cli',)
RENXIN = pathlib.Path(os.environ.get('RENXIN_PROGRAM') or base.BIN / 'renxin')
MEGABYTE = 1024 * 1024


class Gateway(http.server.ThreadingHTTPServer):
    """`trouble` is a list of what goes wrong with the next uploads: reset, refuse, 503."""
    daemon_threads = True

    def __init__(self, folder, host='127.0.0.1'):
        super().__init__((host, 0), Handler)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(folder / 'gateway.pem', folder / 'gateway.key')
        self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.trouble = []
        self.uploads = []
        self.connections = 0
        self.url = f'https://{host}:{self.server_address[1]}'

    def handle_error(self, request, client_address):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def setup(self):
        super().setup()
        self.server.connections += 1

    def answer(self, status, value, close=False):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        if close:
            self.send_header('Connection', 'close')
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or close

    def file_in(self, size):
        """SHA-256 of the file in the form: behind the last head of a part, before the closing boundary."""
        boundary = self.headers['Content-Type'].split('boundary=')[1].encode()
        head = b''
        while not head.endswith(b'Content-Type: text/csv\r\n\r\n'):
            head += self.rfile.readline()
        tail = b'\r\n--' + boundary + b'--\r\n'
        digest = hashlib.sha256()
        left = size - len(head) - len(tail)
        while left > 0:
            part = self.rfile.read(min(left, 64 * 1024))
            digest.update(part)
            left -= len(part)
        assert self.rfile.read(len(tail)) == tail
        return digest.hexdigest()

    def do_POST(self):
        size = int(self.headers['Content-Length'])
        if self.path == '/v1/imports':
            return self.upload(size)
        body = json.loads(self.rfile.read(size))
        if self.path == '/v1/sessions':
            good = body['password'] == 'correct horse'
            return self.answer(201 if good else 401, {'access_token': 'token', 'expires_in': '600'} if good else {'title': 'Wrong'})
        return self.answer(200, {})

    def upload(self, size):
        trouble = self.server.trouble.pop(0) if self.server.trouble else ''
        self.server.uploads.append({'key': self.headers['Idempotency-Key'], 'size': size, 'trouble': trouble})
        if trouble == 'reset':
            self.rfile.read(size // 4)
            self.close_connection = True
            self.connection.close()
        elif trouble == 'refuse':       # said at once, while most of the file is still to come
            self.rfile.read(1000)
            self.answer(403, {'title': 'Not allowed', 'reason': 'role-missing'}, close=True)
            self.connection.shutdown(socket.SHUT_WR)    # as the gateway closes: a reset could take the answer away
            while self.rfile.read1(MEGABYTE):
                pass
        elif trouble == '503':
            self.file_in(size)
            self.answer(503, {'title': 'Not now'})
        else:
            self.server.uploads[-1]['sha256'] = self.file_in(size)
            self.answer(202, {'id': 'leads.1', 'state': 'OPERATION_STATE_RUNNING'})

    def do_GET(self):
        if self.path.startswith('/v1/operations/'):
            return self.answer(200, {'id': 'leads.1', 'state': 'OPERATION_STATE_DONE', 'import': {'report': {'read': '1', 'created': '1'}}})
        # Says nothing of closing, and closes: the next call finds out.
        self.answer(200, {'periods': [{'period': '2011-01'}]})
        self.close_connection = True

    def log_message(self, *_):
        pass


class CommandLineTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='renxin-cli-'))
        credentials.certificates(cls.folder / 'tls')
        credentials.certificates(cls.folder / 'other')
        (cls.folder / 'password').write_text('correct horse\n', encoding='ascii')
        cls.file = cls.folder / 'leads.csv'
        cls.file.write_bytes(os.urandom(20 * MEGABYTE))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.gateway = self.serve()
        self.assertEqual(self.renxin('login', '--username', 'admin', '--password-file', self.folder / 'password').returncode, 0)

    def serve(self, **options):
        gateway = Gateway(self.folder / 'tls', **options)
        thread = threading.Thread(target=gateway.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(gateway.server_close)
        self.addCleanup(gateway.shutdown)
        return gateway

    def renxin(self, *words, ca='tls', url=None, environment=None):
        return subprocess.run([str(RENXIN), '--url', url or self.gateway.url, '--ca', str(self.folder / ca / 'ca.pem'),
                               '--session', str(self.folder / 'session.json'), *map(str, words)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
                              env={**os.environ, **(environment or {})})

    def upload(self):
        return self.renxin('import', 'leads', self.file, '--source', 'old', '--json')

    def test_a_file_arrives_as_it_is(self):
        done = self.upload()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)['files'][0]['report']['created'], 1)
        self.assertEqual(self.gateway.uploads[0]['sha256'], hashlib.sha256(self.file.read_bytes()).hexdigest())

    def test_a_connection_is_kept(self):
        self.upload()
        self.assertEqual(self.gateway.connections, 2, 'one to sign in, one for the upload and what follows')

    def test_a_gateway_that_breaks_in_the_middle_does_not_fail_the_import(self):
        self.gateway.trouble = ['reset', '503']
        done = self.upload()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([upload['trouble'] for upload in self.gateway.uploads], ['reset', '503', ''])
        self.assertEqual(len({upload['key'] for upload in self.gateway.uploads}), 1)

    def test_a_refusal_is_heard_before_the_last_byte(self):
        self.gateway.trouble = ['refuse']
        done = self.upload()
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn('Not allowed (role-missing)', done.stderr)
        self.assertEqual(len(self.gateway.uploads), 1)

    def test_an_old_connection_that_was_closed_is_made_anew(self):
        for _ in range(2):
            self.assertEqual(self.renxin('period', 'list').returncode, 0)
        letters = self.renxin('dead-letters', 'list')     # several calls one after the other
        self.assertEqual(letters.returncode, 0, letters.stderr)

    def test_an_authority_that_is_not_trusted_ends_it_at_once(self):
        done = self.renxin('period', 'list', ca='other')
        self.assertEqual(done.returncode, 6)
        self.assertIn('no TLS with', done.stderr)

    def test_a_certificate_for_another_host_is_refused(self):
        elsewhere = self.serve(host='127.0.0.2')    # with the certificate of 127.0.0.1
        done = self.renxin('login', '--username', 'admin', '--password-file', self.folder / 'password', url=elsewhere.url)
        self.assertEqual(done.returncode, 6)
        self.assertIn('no TLS with', done.stderr)

    def test_the_proxy_of_the_environment_is_not_asked(self):
        for name in ('https_proxy', 'HTTPS_PROXY', 'all_proxy'):
            self.assertEqual(self.renxin('period', 'list', environment={name: 'http://127.0.0.1:1'}).returncode, 0, name)

    def test_a_gateway_that_takes_the_connection_and_says_nothing(self):
        with socket.create_server(('127.0.0.1', 0)) as silent:
            done = self.renxin('login', '--username', 'admin', '--password-file', self.folder / 'password',
                               url=f'https://127.0.0.1:{silent.getsockname()[1]}')
        self.assertEqual(done.returncode, 6)
        self.assertIn('timeout', done.stderr)

    def test_nobody_there(self):
        self.gateway.shutdown()
        self.gateway.server_close()
        done = self.renxin('period', 'list')
        self.assertEqual(done.returncode, 6)
        self.assertIn('Connection refused', done.stderr)

    def test_wrong_password(self):
        (self.folder / 'wrong').write_text('x\n', encoding='ascii')
        done = self.renxin('login', '--username', 'admin', '--password-file', self.folder / 'wrong')
        self.assertEqual(done.returncode, 1)
        self.assertIn('Wrong', done.stderr)


if __name__ == '__main__':
    unittest.main()
