"""The Jobs of overlay hospital, run as processes with exactly what their YAML gives them: environment, files of Secrets, arguments. PostgreSQL is our
own, over TLS, with a certificate for the host that the overlay names."""
import os
import pathlib
import secrets
import subprocess
import tempfile
import unittest

import certificates
import credentials
import kubernetes
import kubernetes_tools as tools
import ports
from base import BIN, eventually
from build import BUSINESS
from cluster import SETTINGS, Cluster
from documents import Documents
from processes import Container
from supervisor import READY, Supervisor

tools.ensure()


def secrets_of(folder):
    """As k8s/README.md makes them."""
    made = {'administrator': {'password': secrets.token_hex(12) + '\n'}, 'postgres-ca': {'ca.crt': (folder / 'ca.crt').read_text(encoding='ascii')}}
    for service in BUSINESS:
        keys = credentials.key_file(folder / f'{service}.keys').read_text(encoding='ascii')
        made[service] = {'keys': keys, 'nats-password': 'x\n', 'database-password': secrets.token_hex(24)}
        made[f'{service}-owner'] = {'database-password': secrets.token_hex(24)}
    return made


class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix='renxin-jobs-')
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        cls.hospital = Documents(kubernetes.parse([kubernetes.render('hospital')])[0], 'hospital')
        certificates.make(cls.folder, [f'DNS:{cls.hospital.find("ConfigMap", "postgres")["data"]["PGHOST"]}'])
        cls.secrets = secrets_of(cls.folder)
        cls.port, = ports.free_ports(1)
        cls.cluster = Cluster(cls.folder, cls.port, cls.folder / 'postgres.log')
        cls.addClassCleanup(cls.cluster.destroy)
        cls.start_postgres()
        cls.cluster.psql('-c', 'create database renxin', database='postgres')
        for service in BUSINESS:
            cls.cluster.psql('-v', f'service={service}', '-f', SETTINGS / 'service.sql', environment={
                'RENXIN_OWNER_PASSWORD': cls.secrets[f'{service}-owner']['database-password'],
                'RENXIN_APP_PASSWORD': cls.secrets[service]['database-password']})

    @classmethod
    def start_postgres(cls):
        cls.cluster.prepare()
        for name in ('tls.crt', 'tls.key'):
            cls.cluster._place(cls.folder / name, cls.cluster.data / name)      # with the owner and mode that PostgreSQL asks for
        spec = cls.cluster.spec()
        plain = spec.command
        spec.command = lambda: [*plain(), '-c', 'ssl=on', '-c', 'ssl_cert_file=tls.crt', '-c', 'ssl_key_file=tls.key']
        cls.cluster.forget(spec)
        supervisor = Supervisor([spec])
        cls.addClassCleanup(supervisor.close)
        cls.addClassCleanup(supervisor.stop, 'postgres')
        supervisor.start('postgres')
        assert eventually(30, lambda: supervisor.children['postgres'].state == READY), (cls.folder / 'postgres.log').read_text(encoding='utf-8')

    def execute(self, container, **environment):
        container.mount()
        return subprocess.run(container.command(lambda path: BIN / path.removeprefix('/usr/bin/')), cwd=self.folder, stdin=subprocess.DEVNULL,
                              env={'PATH': os.defpath, **container.environment(), **environment}, capture_output=True, text=True, timeout=120, check=False)

    def job(self, name, **environment):
        """In a root of its own. The address stands in for DNS; the name that TLS checks stays the overlay's."""
        container = Container(self.hospital, self.hospital.find('Job', name), self.secrets, pathlib.Path(tempfile.mkdtemp(dir=self.folder)))
        return self.execute(container, PGHOSTADDR='127.0.0.1', PGPORT=str(self.port), **environment)

    def tables(self, service):
        return set(self.cluster.psql('-Atc', f"select tablename from pg_tables where schemaname = '{service}'").split())

    def test_every_migration_job_makes_the_tables_of_its_service_and_may_run_again(self):
        for service in BUSINESS:
            for _ in range(2):
                done = self.job(f'{service}-migrate')
                self.assertEqual(done.returncode, 0, done.stderr)
            self.assertLessEqual({'migrations', 'outbox', 'history'}, self.tables(service))

    def test_the_first_account_is_made_once(self):
        self.assertEqual(self.job('identity-migrate').returncode, 0)
        for _ in range(2):
            done = self.job('administrator')
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.cluster.psql('-Atc', 'select username, roles from identity.accounts').count('admin|'), 1)

    def test_a_server_of_another_authority_gets_no_password(self):
        other = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        certificates.make(other, ['DNS:postgres.hospital.example'])
        self.assertEqual(self.job('leads-migrate', PGSSLROOTCERT=str(other / 'ca.crt')).returncode, 1)
        self.assertIn('unknown ca', (self.folder / 'postgres.log').read_text(encoding='utf-8'))
        self.assertEqual(self.job('leads-migrate', PGHOST='elsewhere.example').returncode, 1)
        self.assertEqual(self.job('leads-migrate').returncode, 0)


if __name__ == '__main__':
    unittest.main()
