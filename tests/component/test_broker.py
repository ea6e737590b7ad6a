"""The broker as `renxin nats-config` and `renxin provision` set it up, on a real nats-server: every user can
do its own work and nobody can do another's."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

import base
import credentials
import deps
import ports

SERVICES = ('cli',)
RENXIN = pathlib.Path(os.environ.get('RENXIN_PROGRAM') or base.BIN / 'renxin')
USERS = ('identity', 'leads', 'referrals', 'commissions', 'membership', 'notifications', 'gateway', 'provision', 'sys')


def encrypted(port, authority):
    """The server speaks first and in clear, to ask for TLS; then everything else is said inside."""
    plain = socket.create_connection(('127.0.0.1', port), timeout=5)
    said = b''
    while not said.endswith(b'\r\n'):
        said += plain.recv(1)
    try:
        return ssl.create_default_context(cafile=str(authority)).wrap_socket(plain, server_hostname='127.0.0.1'), json.loads(said[5:])
    except BaseException:
        plain.close()
        raise


class User:
    """NATS by hand: what a client library would hide (who was refused what) is what is asked here."""

    def __init__(self, port, authority, name, password):
        self.name = name
        self.socket, self.info = encrypted(port, authority)
        self.lines = self.socket.makefile('rb')
        self.inbox = f'_INBOX_{name}.t.1'
        self.listens = False
        self.refusals = []
        self.messages = []
        try:
            self._sign_in(name, password)
        except BaseException:
            self.close()
            raise

    def _sign_in(self, name, password):
        login = {'user': name, 'pass': password} if name else {}
        self.send('CONNECT ' + json.dumps({'verbose': False, 'pedantic': False, 'headers': True, 'no_responders': True, **login}))
        self.flush()

    def send(self, line, payload=None):
        self.socket.sendall(line.encode() + b'\r\n' + (payload + b'\r\n' if payload is not None else b''))

    def flush(self):
        """Until the server has dealt with everything sent; keeps what it said meanwhile."""
        self.send('PING')
        while self._read() != 'PONG':
            pass
        return self

    def _read(self):
        line = self.lines.readline().decode().rstrip('\r\n')
        if not line:
            raise ConnectionError(f'{self.name or "nobody"} was thrown out: {self.refusals}')
        if line.startswith('-ERR'):
            self.refusals.append(line)
        elif line.startswith(('MSG ', 'HMSG ')):
            words = line.split()
            size = int(words[-1])
            body = self.lines.read(size + 2)[:size]
            head = int(words[-2]) if words[0] == 'HMSG' else 0
            with_reply = len(words) == (6 if words[0] == 'HMSG' else 5)
            self.messages.append((words[1], words[3] if with_reply else '', body[:head], body[head:]))
        elif line == 'PING':
            self.send('PONG')
        return line

    def subscribe(self, subject, sid=1):
        self.send(f'SUB {subject} {sid}')
        return self.flush()

    def publish(self, subject, body=b'', reply=''):
        self.send(f'PUB {subject} {reply + " " if reply else ""}{len(body)}', body)
        return self.flush()

    def next(self, seconds=3):
        self.socket.settimeout(seconds)
        try:
            while not self.messages:
                self._read()
        except TimeoutError:
            return None
        finally:
            self.socket.settimeout(5)
        return self.messages.pop(0)

    def ask(self, subject, value=None):
        """A JetStream request; its answer, or None when it was refused."""
        if not self.listens:
            self.subscribe(self.inbox + '.>', 9)
            self.listens = True
        before = len(self.refusals)
        self.publish(subject, json.dumps(value).encode() if value is not None else b'', self.inbox + '.a')
        if len(self.refusals) > before:
            return None
        message = self.next()
        return json.loads(message[3]) if message and message[3] else None

    def may_publish(self, subject):
        before = len(self.refusals)
        self.publish(subject)
        return len(self.refusals) == before

    def may_subscribe(self, subject):
        before = len(self.refusals)
        self.subscribe(subject, 77)
        if len(self.refusals) > before:
            return False
        self.send('UNSUB 77')
        return True

    def close(self):
        self.lines.close()
        self.socket.close()


class BrokerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='renxin-broker-'))
        cls.port, cls.monitor = ports.free_ports(2)
        cls.passwords = {user: credentials.password(credentials.private_folder(cls.folder / 'secrets') / f'{user}.password')
                         for user in USERS}
        cls.tls = credentials.certificates(cls.folder / 'tls')
        cls.config = cls.configure('nats')
        cls.log = open(cls.folder / 'nats.log', 'wb')
        cls.server = cls.serve(cls.config)
        cls.provisioned = cls.provision()

    @classmethod
    def configure(cls, name, *more):
        config = cls.folder / f'{name}.conf'
        base.run([RENXIN, 'nats-config', *more, '--store', cls.folder / f'{name}.store', '--port', cls.port, '--http-port', cls.monitor,
                  '--secrets', cls.folder / 'secrets', '--out', config,
                  '--tls-cert', cls.tls / 'nats.pem', '--tls-key', cls.tls / 'nats.key'], what='renxin nats-config')
        return config

    @classmethod
    def serve(cls, config):
        return subprocess.Popen([str(deps.nats_server()), '-c', str(config)], stdout=cls.log, stderr=cls.log)

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.wait(10)
        cls.log.close()
        shutil.rmtree(cls.folder)

    @classmethod
    def provision(cls, user='provision', **changed):
        reported = {'RENXIN_NATS_URL': f'nats://127.0.0.1:{cls.port}', 'RENXIN_NATS_USER': user,
                'RENXIN_NATS_PASSWORD_FILE': str(cls.folder / 'secrets' / f'{user}.password'),
                'RENXIN_NATS_CA_FILE': str(cls.tls / 'ca.pem'), **changed}
        return subprocess.run([str(RENXIN), 'provision', '--json'], env={**os.environ, **reported}, capture_output=True, text=True,
                              timeout=30, check=False)

    def user(self, name):
        user = User(self.port, self.tls / 'ca.pem', name, self.passwords[name])
        self.addCleanup(user.close)
        return user

    def test_configuration_is_private_and_holds_no_password(self):
        self.assertEqual(self.config.stat().st_mode & 0o777, 0o600)
        text = self.config.read_text(encoding='utf-8')
        for password in self.passwords.values():
            self.assertNotIn(password, text)
        checked = subprocess.run([str(deps.nats_server()), '-t', '-c', str(self.config)], capture_output=True, text=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_provision_makes_a_stream_per_service_and_may_come_again(self):
        self.assertEqual(self.provisioned.returncode, 0, self.provisioned.stderr)
        streams = json.loads(self.provisioned.stdout)['streams']
        self.assertLessEqual({'EV_IDENTITY', 'EV_LEADS', 'EV_REFERRALS', 'EV_COMMISSIONS'}, set(streams))
        self.assertEqual(json.loads(self.provision().stdout)['streams'], streams)
        info = self.user('leads').ask('$JS.API.STREAM.INFO.EV_LEADS')
        self.assertEqual(info['config']['subjects'], ['ev.renxin.leads.v1.>', 'rp.renxin.leads.v1.>'])
        self.assertEqual(info['config']['storage'], 'file')

    def test_without_the_password_nobody_gets_in(self):
        for name, password in (('', ''), ('leads', 'wrong'), ('leads', ''), ('nobody', 'x')):
            with self.subTest(name=name, password=password), self.assertRaises((ConnectionError, OSError)):
                User(self.port, self.tls / 'ca.pem', name, password)

    def test_nothing_is_said_in_clear(self):
        self.assertTrue(self.user('leads').info['tls_required'])
        with socket.create_connection(('127.0.0.1', self.port), timeout=5) as plain:
            plain.sendall(b'CONNECT {"user":"leads","pass":"' + self.passwords['leads'].encode() + b'"}\r\nPING\r\n')
            said = b''
            with contextlib.suppress(ConnectionError):
                while more := plain.recv(4096):
                    said += more
        self.assertNotIn(b'PONG', said)

    def test_a_server_of_another_authority_or_of_another_name_is_not_believed(self):
        other = credentials.certificates(self.folder / 'other')
        self.assertEqual(self.provision(RENXIN_NATS_CA_FILE=str(other / 'ca.pem')).returncode, 6)
        self.assertEqual(self.provision(RENXIN_NATS_CA_FILE=str(self.folder / 'absent.pem')).returncode, 6)

    def test_a_server_under_a_name_that_its_certificate_does_not_bear_is_not_believed(self):
        # The same port, user and authority; the certificate is for localhost and 127.0.0.1.
        config = self.configure('second', '--bind', '127.0.0.2')
        config.write_text(re.sub('^http: .*', '', config.read_text(encoding='utf-8'), flags=re.M), encoding='utf-8')
        server = self.serve(config)
        try:
            there = base.eventually(10, lambda: self.listens('127.0.0.2'))
            self.assertTrue(there)
            self.assertEqual(self.provision(RENXIN_NATS_URL=f'nats://127.0.0.2:{self.port}').returncode, 6)
        finally:
            server.terminate()
            server.wait(10)

    def listens(self, address):
        try:
            socket.create_connection((address, self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def test_nobody_else_may_make_or_empty_a_stream(self):
        for name in ('leads', 'gateway'):
            user = self.user(name)
            for call in ('STREAM.CREATE.EV_X', 'STREAM.UPDATE.EV_LEADS', 'STREAM.DELETE.EV_LEADS', 'STREAM.PURGE.EV_LEADS',
                         'STREAM.RESTORE.EV_LEADS', 'STREAM.SNAPSHOT.EV_LEADS', 'STREAM.MSG.DELETE.EV_LEADS'):
                self.assertFalse(user.may_publish('$JS.API.' + call), (name, call))
        self.assertFalse(self.user('provision').may_publish('$JS.API.STREAM.DELETE.EV_LEADS'))

    def test_who_may_say_what(self):
        allowed = {
            'gateway': ['rpc.renxin.leads.v1.LeadService.GetLead'],
            'leads': ['ev.renxin.leads.v1.visit_registered', 'rp.renxin.leads.v1.referrals_on-visit.visit_registered',
                      '_INBOX_gateway.x.1', '_INBOX_referrals.x.1', '_INBOX_commissions.x.1',
                      'int.renxin.identity.v1.StaffService.ResolveStaff'],
            'commissions': ['int.renxin.leads.v1.SettlementService.GetControlTotal', 'int.renxin.referrals.v1.RecognitionService.GetControlTotal',
                            'int.renxin.identity.v1.StaffService.GetControlTotal', '_INBOX_gateway.x.1'],
            'notifications': ['int.renxin.leads.v1.PersonService.GetContacts', '_INBOX_gateway.x.1']}
        refused = {
            'gateway': ['ev.renxin.leads.v1.visit_registered', 'int.renxin.identity.v1.StaffService.ResolveStaff', '_INBOX_leads.x'],
            'leads': ['ev.renxin.identity.v1.staff_changed', 'ev.renxin.leadsx.v1.y', 'rpc.renxin.identity.v1.AccountService.CreateAccount',
                      'rpc.renxin.leads.v1.LeadService.GetLead', 'int.renxin.leads.v1.SettlementService.GetControlTotal',
                      'rp.renxin.identity.v1.leads_roster.staff_changed', '$SYS.REQ.SERVER.PING', '_INBOX_identity.x.1'],
            'referrals': ['int.renxin.leads.v1.SettlementService.GetControlTotal', 'int.renxin.identity.v1.StaffService.GetControlTotal', 'int.renxin.leads.v1.PersonService.GetContacts', '_INBOX_leads.x'],
            'provision': ['ev.renxin.leads.v1.visit_registered', 'rpc.renxin.leads.v1.LeadService.GetLead']}
        for name, subjects in allowed.items():
            for subject in subjects:
                self.assertTrue(self.user(name).may_publish(subject), (name, subject))
        for name, subjects in refused.items():
            for subject in subjects:
                self.assertFalse(self.user(name).may_publish(subject), (name, subject))

    def test_who_may_hear_what(self):
        for name, subject, may in (
                ('leads', 'rpc.renxin.leads.>', True), ('leads', 'int.renxin.leads.>', True), ('leads', '_INBOX_leads.>', True),
                ('leads', 'rpc.renxin.>', False), ('leads', 'rpc.renxin.identity.>', False), ('leads', '_INBOX_gateway.>', False),
                ('leads', 'ev.renxin.>', False), ('leads', '>', False), ('leads', '$JS.>', False),
                ('gateway', 'ev.renxin.>', True), ('gateway', '_INBOX_gateway.>', True), ('gateway', 'rpc.renxin.>', False),
                ('gateway', '_INBOX_leads.>', False), ('provision', 'ev.renxin.>', False)):
            self.assertEqual(self.user(name).may_subscribe(subject), may, (name, subject))

    def consumer(self, name, event, stream):
        return {'stream_name': stream, 'config': {'durable_name': name, 'name': name, 'ack_policy': 'explicit', 'deliver_policy': 'all',
                                                  'filter_subjects': [event, f'rp.{event[3:].rsplit(".", 1)[0]}.{name}.x']}}

    def test_an_event_goes_from_its_publisher_through_a_consumer_to_its_acknowledgement(self):
        cases = (('leads', 'identity', 'leads_roster', 'staff_changed'), ('referrals', 'leads', 'referrals_on-visit', 'visit_registered'),
                 ('commissions', 'leads', 'commissions_on-settlement', 'settlement_recorded'),
                 ('commissions', 'referrals', 'commissions_on-recognition', 'referral_recognised'))
        for service, publisher, durable, event in cases:
            with self.subTest(durable=durable):
                subject, stream = f'ev.renxin.{publisher}.v1.{event}', 'EV_' + publisher.upper()
                stored = self.user(publisher).ask(subject, {'n': durable})
                self.assertEqual(stored['stream'], stream)
                user = self.user(service)
                made = user.ask(f'$JS.API.CONSUMER.CREATE.{stream}.{durable}', self.consumer(durable, subject, stream))
                self.assertNotIn('error', made)
                seq = user.ask(f'$JS.API.STREAM.MSG.GET.{stream}', {'seq': stored['seq']})
                self.assertEqual(seq['message']['subject'], subject)
                user.publish(f'$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}', b'{"batch":1,"expires":2000000000}', user.inbox + '.pull')
                message = user.next()
                self.assertEqual(json.loads(message[3]), {'n': durable})
                self.assertTrue(message[1].startswith(f'$JS.ACK.{stream}.{durable}.'))
                user.publish(message[1], b'+ACK')
                self.assertEqual(user.refusals, [])
                self.assertTrue(base.eventually(
                    3, lambda: user.ask(f'$JS.API.CONSUMER.INFO.{stream}.{durable}')['num_ack_pending'] == 0))
                self.assertTrue(user.ask(f'$JS.API.CONSUMER.DELETE.{stream}.{durable}')['success'])

    def test_consumers_are_their_services_own(self):
        leads = self.user('leads')
        for call in ('CONSUMER.CREATE.EV_IDENTITY.commissions_roster', 'CONSUMER.CREATE.EV_IDENTITY', 'CONSUMER.CREATE.EV_LEADS.leads_own',
                     'CONSUMER.DURABLE.CREATE.EV_IDENTITY.leads_roster', 'CONSUMER.DELETE.EV_IDENTITY.commissions_roster',
                     'CONSUMER.MSG.NEXT.EV_IDENTITY.commissions_roster', 'CONSUMER.CREATE.EV_REFERRALS.leads_x'):
            self.assertFalse(leads.may_publish('$JS.API.' + call), call)
        self.assertFalse(leads.may_publish('$JS.ACK.EV_IDENTITY.commissions_roster.1.1.1.1.1'))
        self.assertFalse(self.user('identity').may_publish('$JS.API.STREAM.MSG.GET.EV_LEADS'))

    def test_the_largest_event_fits_and_a_larger_one_does_not(self):
        leads = self.user('leads')
        self.assertEqual(leads.info['max_payload'], 300 * 1024)
        self.assertTrue(leads.may_publish('ev.renxin.leads.v1.x'))
        leads.publish('ev.renxin.leads.v1.x', b'x' * 256 * 1000)
        self.assertEqual(leads.refusals, [])
        with contextlib.suppress(OSError), self.assertRaises(ConnectionError):
            leads.publish('ev.renxin.leads.v1.x', b'x' * 301 * 1024)

    def test_provision_gives_up_on_a_broker_that_is_away(self):
        began = time.monotonic()
        (port,) = ports.free_ports(1)
        done = self.provision(RENXIN_NATS_URL=f'nats://127.0.0.1:{port}')
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertLess(time.monotonic() - began, 15)


if __name__ == '__main__':
    unittest.main()
