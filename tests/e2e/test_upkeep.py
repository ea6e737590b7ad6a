"""What an operator would otherwise find in the third month: uploads that nobody completes, timers that fail for ever."""
import contextlib
import http.client
import os
import sqlite3
import ssl
import subprocess
import unittest
import urllib.parse

import harness
from harness import eventually, fresh
from people import new_account
from suite import Instance

SERVICES = ('identity', 'leads', 'cli')
OPEN_MOST = 8
A_DAY = 24 * 3600 * 1_000_000   # microseconds


class Upkeep(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = cls.enterClassContext(Instance(database=os.environ.get('RENXIN_E2E_DATABASE', 'sqlite')))
        cls.admin = harness.administrator_of(cls.suite)
        cls.suite.login()

    def change(self, sql):
        """Past leads, in its tables; answers the first column of the first row."""
        url = self.suite.database_url('leads', 'owner')
        if url.startswith('sqlite:'):
            with contextlib.closing(sqlite3.connect(url[7:], timeout=10)) as connection, connection:
                row = connection.execute(sql).fetchone()
                return str(row[0]) if row else ''
        done = subprocess.run(['psql', url, '-X', '-q', '-t', '-A', '-v', 'ON_ERROR_STOP=1', '-c', sql], capture_output=True, text=True,
                              timeout=60, check=True)
        return done.stdout.split('\n')[0].strip()

    def broken_off(self, client):
        """An upload whose client goes away after its first piece was stored."""
        gateway = urllib.parse.urlsplit(self.suite.url)
        connection = http.client.HTTPSConnection(gateway.hostname, gateway.port, timeout=30, context=ssl.create_default_context(cafile=self.suite.ca))
        boundary = 'b' * 20
        before = int(self.change('select count(*) from upload_chunks'))
        connection.putrequest('POST', '/v1/imports')
        for name, value in (('Authorization', f'Bearer {client.token}'), ('Content-Type', f'multipart/form-data; boundary={boundary}'),
                            ('Idempotency-Key', fresh()), ('Content-Length', '10000000')):
            connection.putheader(name, value)
        connection.endheaders()
        fields = {'kind': 'customers', 'source': fresh('s-')}
        head = ''.join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
        connection.send((head + f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="customers.csv"\r\n'
                         'Content-Type: text/csv\r\n\r\ncustomer_no,name\r\n').encode() + b'c1,x\r\n' * 50_000)
        eventually(10, lambda: int(self.change('select count(*) from upload_chunks')) > before)
        connection.close()

    def begin(self, client):
        return client.upload('/v1/imports', {'kind': 'customers', 'source': fresh('s-')}, ('customers.csv', b'customer_no,name\nc1,x\n'), key=fresh())

    def test_an_account_has_few_open_uploads_and_they_end_after_a_day(self):
        clerk = new_account(self.admin, 'operations')
        for _ in range(OPEN_MOST):
            self.broken_off(clerk)
        refused = self.begin(clerk).expect(429)
        self.assertEqual(refused.json['reason'], 'too-many-uploads')
        self.assertTrue(int(refused.headers['Retry-After']) > 0)
        self.begin(self.admin).expect(202)     # another account
        self.change(f"update operations set created_at = created_at - {A_DAY} where state <> 3 and ended_at is null")
        self.suite.restart('leads')
        self.suite.wait_ready()
        eventually(30, lambda: self.change('select count(*) from operations where ended_at is null') == '0')
        self.assertEqual(self.change('select count(*) from upload_chunks'), '0')
        eventually(30, lambda: self.begin(clerk).status == 202)

    def test_a_timer_that_was_given_up_is_seen_and_retried(self):
        self.change("insert into timers (kind, key, due_at, attempts, failure, failed_at) values "
                    "('import.retry', 'customers/nowhere', 1, 100, 'not today', 2)")
        operations, auditor = (new_account(self.admin, role) for role in ('operations', 'auditor'))
        path = '/v1/services/leads/failed-timers'
        for client in (operations, auditor):
            timers = client.get(path).expect(200).json['timers']
            self.assertEqual([(timer['kind'], timer['key'], timer['failure'], timer['attempts']) for timer in timers],
                             [('import.retry', 'customers/nowhere', 'not today', '100')])
        new_account(self.admin, 'rep').get(path).expect(403)
        self.assertEqual(operations.get('/v1/services/leads/status').expect(200).json['failed_timers'], '1')
        body = {'kind': 'import.retry', 'key': 'customers/nowhere'}
        auditor.post(f'{path}:retry', body, key=fresh()).expect(403)
        operations.post(f'{path}:retry', body | {'key': 'another'}, key=fresh()).expect(404)
        self.assertIn('customers/nowhere', self.suite.renxin('failed-timers', 'list').stdout)
        self.suite.renxin('failed-timers', 'retry', 'leads', 'import.retry', 'customers/nowhere')
        self.assertIn('no timer was given up', self.suite.renxin('failed-timers', 'list').stdout)
        eventually(30, lambda: self.change("select count(*) from timers where key = 'customers/nowhere'") == '0')


if __name__ == '__main__':
    unittest.main()
