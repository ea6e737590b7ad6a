"""A whole instance with the real nats-server and PostgreSQL, and stand-ins for the suite's programs."""
import contextlib
import io
import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import build
import credentials
import fakes
import memory
import ports
import runner
import suite as suite_module
from base import ROOT, DevError, eventually
from cluster import Cluster
from fakes import alive
from jobs import Job
from suite import Instance

UP = '''
import pathlib, sys
sys.path.insert(0, {dev!r})
import base, build, up
build.BIN = pathlib.Path({programs!r})
sys.exit(base.main_guard(lambda: up.up({var!r}, {database!r}, {port!r}, skip_build=True)))
'''


class WithFakes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / 'bin').mkdir()
        self.programs = fakes.install(self.folder / 'bin')
        patch = mock.patch.object(build, 'BIN', self.programs)
        patch.start()
        self.addCleanup(patch.stop)


class InstanceTest(WithFakes):
    def test_sqlite_comes_up_is_described_and_leaves_nothing(self):
        with Instance() as suite:
            self.assertEqual({suite.state(name) for name in suite.names()}, {'ready'})
            self.assertEqual(set(suite.names()), {'gateway', 'identity', 'leads', 'referrals', 'commissions', 'membership', 'notifications', 'nats'})
            described = json.loads(suite.file.read_text(encoding='utf-8'))
            self.assertEqual(described['url'], suite.url)
            self.assertEqual({name: row['pid'] for name, row in described['processes'].items()}, suite.pids())
            self.assertGreater(suite.pss('leads'), 1 << 20)
            self.assertIn('sqlite:', suite.environment('leads')['RENXIN_DATABASE_URL'])
            self.assertNotIn('RENXIN_DATABASE_URL', suite.environment('gateway'))
            for secret in [suite.password_file, *suite.folder.glob('keys/*'), *suite.folder.glob('secrets/*.password')]:
                self.assertEqual(secret.stat().st_mode & 0o777, 0o600, secret)
            folder, pids = suite.folder, suite.pids()
        self.assertFalse(folder.exists())
        for pid in pids.values():
            self.assertFalse(pathlib.Path(f'/proc/{pid}').exists())

    def test_postgres_comes_up_twice_on_the_same_data(self):
        folder = self.folder / 'var'
        first = Instance(folder, 'postgres')
        self.addCleanup(first.cluster.destroy)
        with first as suite:
            suite.cluster.psql('-c', 'set role renxin_leads_owner', '-c', 'create table leads.kept (a int)')
            reported = suite.environment('leads')
            self.assertIn('renxin_leads_app:', reported['RENXIN_DATABASE_URL'])
            self.assertIn('renxin_leads_owner:', reported['RENXIN_MIGRATION_DATABASE_URL'])
            password = suite.password
        with Instance(folder, 'postgres') as suite:
            self.assertEqual(suite.password, password)
            self.assertEqual(suite.cluster.psql('-Atc', 'select count(*) from leads.kept').strip(), '0')
            for setting in ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums'):
                self.assertEqual(suite.cluster.psql('-Atc', f'show {setting}').strip(), 'on')
            self.assertEqual(suite.cluster.psql('-Atc', 'show listen_addresses').strip(), '127.0.0.1')
            self.assertGreater(suite.pss('postgres'), memory.pss(suite.pids()['postgres']))     # its backends count
            suite.kill('postgres')
            suite.kill('nats')
            self.assertTrue(eventually(10, lambda: suite.restarts('postgres') == suite.restarts('nats') == 1))
            suite.wait_ready()

    def test_app_role_writes_rows_and_changes_no_table(self):
        folder = self.folder / 'var'
        instance = Instance(folder, 'postgres')
        self.addCleanup(instance.cluster.destroy)
        with instance as suite:
            suite.cluster.psql('-c', 'set role renxin_leads_owner', '-c', 'create table leads.t (a int)')
            suite.cluster.psql('-c', 'set role renxin_leads_app', '-c', 'insert into leads.t values (1)',
                               '-c', 'update leads.t set a = 2', '-c', 'delete from leads.t')
            for refused in ('create table leads.x (a int)', 'drop table leads.t', 'alter table leads.t add b int',
                            'select * from identity.t', 'create table public.x (a int)'):
                with self.subTest(refused), self.assertRaisesRegex(DevError, 'permission denied|must be owner'):
                    suite.cluster.psql('-c', 'set role renxin_leads_app', '-c', refused)

    def test_hold_keeps_down_and_release_brings_back(self):
        with Instance() as suite:
            suite.hold('nats')
            self.assertEqual(suite.state('nats'), 'stopped')
            self.assertNotIn('nats', suite.pids())
            suite.release('nats')
            suite.wait_ready()
            pid = suite.pids()['leads']
            suite.restart('leads')
            suite.wait_ready()
            self.assertNotEqual(suite.pids()['leads'], pid)

    def test_service_that_dies_is_named_with_its_log(self):
        extra = {'referrals': {'FAKE_DIES': 'the migration is broken'}}
        with self.assertRaisesRegex(DevError, r'referrals: dies at once \(exit 3\)(?s:.*)the migration is broken'):
            with Instance(extra=extra):
                self.fail('came up')

    def test_not_ready_in_time_is_named(self):
        with mock.patch.object(suite_module, 'READY_SECONDS', 0.5), \
                mock.patch.object(suite_module.probes, 'http_ok', lambda port, path: False), \
                self.assertRaisesRegex(DevError, 'nats: not ready'):
            with Instance():
                self.fail('came up')


class UpTest(WithFakes):
    def start_up(self, database='sqlite', port=None):
        program = UP.format(dev=str(ROOT / 'infra/dev'), programs=str(self.programs), var=str(self.folder / 'var'),
                            database=database, port=port)
        dev = subprocess.Popen([sys.executable, '-c', program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, env={**os.environ, 'PYTHONUNBUFFERED': '1'})
        self.addCleanup(dev.stdout.close)
        self.addCleanup(dev.wait)
        self.addCleanup(dev.kill)
        return dev

    def read_until(self, dev, text):
        said = []
        for line in dev.stdout:
            said.append(line)
            if text in line:
                return ''.join(said)
        self.fail(f'never said {text!r}:\n{"".join(said)}')

    def described(self):
        return json.loads((self.folder / 'var/instance.json').read_text(encoding='utf-8'))

    def test_up_once_and_ctrl_c(self):
        dev = self.start_up()
        said = self.read_until(dev, 'Ctrl-C ends it')
        self.assertIn('administrator.password', said)
        for name in ('gateway', 'identity', 'leads', 'referrals', 'commissions', 'membership', 'notifications', 'nats'):
            self.assertRegex(said, rf'{name} +\d+ +\d+ +ready +0')
        second = self.start_up()
        self.assertIn(f'already (dev has pid {dev.pid})', second.stdout.read())
        self.assertEqual(second.wait(10), 1)

        os.kill(self.described()['processes']['leads']['pid'], signal.SIGKILL)
        self.read_until(dev, 'leads waiting (SIGKILL)')
        self.read_until(dev, 'leads ready')
        pids = [row['pid'] for row in self.described()['processes'].values()]
        dev.send_signal(signal.SIGINT)
        said = dev.stdout.read()
        self.assertEqual(dev.wait(30), 0, said)
        order = [said.index(f'{name} stopped') for name in ('gateway', 'leads', 'nats')]
        self.assertEqual(order, sorted(order))
        self.assertFalse([pid for pid in pids if pathlib.Path(f'/proc/{pid}').exists()])

    def test_up_again_after_a_kill(self):
        self.addCleanup(Cluster(self.folder / 'var', 0, None).destroy)
        port, = ports.free_ports(1)     # 8443 may be another test's by the second start
        dev = self.start_up('postgres', port)
        self.read_until(dev, 'Ctrl-C ends it')
        first = self.described()
        password = (self.folder / 'var/administrator.password').read_text(encoding='ascii')
        dev.kill()
        dev.wait()
        pids = [row['pid'] for row in first['processes'].values()]
        self.assertTrue(eventually(5, lambda: not any(alive(pid) for pid in pids)), 'somebody outlived dev')
        again = self.start_up('postgres', port)
        self.read_until(again, 'Ctrl-C ends it')
        self.assertEqual((self.folder / 'var/administrator.password').read_text(encoding='ascii'), password)
        self.assertEqual(self.described()['url'], first['url'])
        again.send_signal(signal.SIGTERM)
        again.stdout.read()
        self.assertEqual(again.wait(30), 0)


E2E = '''
import os, unittest
import harness
class T(unittest.TestCase):
    def test_knows_the_suite(self):
        self.assertEqual(harness.suite()['database'], os.environ['RENXIN_E2E_DATABASE'])
        self.assertEqual({row['state'] for row in harness.suite()['processes'].values()}, {'ready'})
'''


class EndToEndTest(WithFakes):
    """The runner's part that starts a suite per database for all end-to-end modules."""

    def run_modules(self, databases):
        module = self.folder / 'test_e2e.py'
        module.write_text(E2E, encoding='utf-8')
        selection = mock.Mock()
        selection.jobs = lambda folder, reported, end_to_end, tag='': [
            Job(f'e2e [{tag}]', module, folder / 'report.json', reported, 60)]
        with contextlib.redirect_stdout(io.StringIO()):
            return [result for database in databases for result in runner.EndToEnd(
                selection, self.folder, runner.environment_for({}, False, False), database).run()]

    def test_once_per_database(self):
        results = self.run_modules(('sqlite', 'postgres'))
        self.assertEqual([(result.name, result.passed, result.failures) for result in results],
                         [('e2e [sqlite]', 1, []), ('e2e [postgres]', 1, [])])

    def test_suite_that_does_not_come_up_is_a_failure(self):
        (self.programs / 'renxin-leads').write_text('#!/bin/sh\necho broken; exit 3\n', encoding='utf-8')
        results = self.run_modules(('sqlite',))
        self.assertEqual([(result.passed, result.failed) for result in results], [(0, 1)])
        self.assertIn('broken', results[0].failures[0][1])


class CertificatesTest(unittest.TestCase):
    def test_made_once_and_good_for_the_loopback(self):
        with tempfile.TemporaryDirectory() as name:
            folder = credentials.certificates(pathlib.Path(name))
            made = sorted(folder.glob('*.pem'))
            self.assertEqual([path.name for path in made], ['ca.pem', 'gateway.pem', 'nats.pem'])
            before = [path.read_bytes() for path in made]
            credentials.certificates(folder)
            self.assertEqual([path.read_bytes() for path in made], before)
            self.assertEqual((folder / 'ca.key').stat().st_mode & 0o777, 0o600)
            self.assertEqual((folder / 'gateway.key').stat().st_mode & 0o777, 0o600)
            self.handshake(folder)

    def handshake(self, folder):
        """In memory, as the strictest client would: names and chain checked."""
        server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_side.load_cert_chain(folder / 'gateway.pem', folder / 'gateway.key')
        client_side = ssl.create_default_context(cafile=str(folder / 'ca.pem'))
        client_side.verify_flags |= ssl.VERIFY_X509_STRICT
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = server_side.wrap_bio(to_server, to_client, server_side=True)
        client = client_side.wrap_bio(to_client, to_server, server_hostname='127.0.0.1')
        for _ in range(4):
            for side in (client, server):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    pass
        self.assertIn(('DNS', 'localhost'), client.getpeercert()['subjectAltName'])


if __name__ == '__main__':
    unittest.main()
