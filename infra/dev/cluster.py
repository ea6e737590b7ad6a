"""A PostgreSQL cluster of our own: made, configured, described to the supervisor, provisioned."""
import hashlib
import os
import pathlib
import shutil
import signal
import urllib.parse

import credentials
import probes
from base import ROOT, DevError, run
from build import BUSINESS
from supervisor import Spec

PROGRAMS = pathlib.Path('/usr/lib/postgresql/15/bin')
SETTINGS = ROOT / 'infra/postgres'
DATABASE = 'renxin'
ACCOUNT = 'postgres'        # the system user PostgreSQL runs as when we are root; it refuses to be root


class Cluster:
    """`folder` is where the instance keeps its things; the data lies there too, unless we are root:
    then it lies in `homes`, where user postgres can reach it, under a name derived from the folder."""

    def __init__(self, folder, port, log, homes=pathlib.Path('/var/tmp')):
        self.folder = pathlib.Path(folder).resolve()
        self.port = port
        self.log = log
        self.secrets = self.folder / 'secrets' / 'postgres'
        self.account = ACCOUNT if os.geteuid() == 0 else None
        tag = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        self.home = homes / f'renxin-{tag}' if self.account else self.folder / 'postgres'
        self.data = self.home / 'data'
        # A socket's path is bound to 107 bytes: where the folder lies too deep, the loopback it is.
        self.socket = self.home / 'socket'
        self.by_socket = len(os.fsencode(self.socket)) + len(f'/.s.PGSQL.{port}') < 107

    # ---- passwords and addresses

    def password(self, role):
        return credentials.password(self.secrets / f'{role}.password')

    def url(self, role, database=DATABASE):
        if self.by_socket:
            return f'postgresql://{role}:{self.password(role)}@/{database}?host={urllib.parse.quote(str(self.socket), safe="")}&port={self.port}'
        return f'postgresql://{role}:{self.password(role)}@127.0.0.1:{self.port}/{database}'

    def superuser_url(self):
        return self.url('postgres', 'postgres')

    def service_url(self, service, part):
        """part: 'owner' for migrations, 'app' for the running service."""
        return self.url(f'renxin_{service}_{part}')

    # ---- the cluster

    def prepare(self):
        """Makes the cluster when there is none, and puts the committed settings in place."""
        credentials.private_folder(self.folder / 'secrets')
        credentials.private_folder(self.secrets)
        self._own_home()
        if not self.data.exists():
            self._initdb()
        for name in ('postgresql.conf', 'pg_hba.conf'):
            self._place(SETTINGS / name, self.data / name)
        self.socket.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            shutil.chown(self.socket, self.account, self.account)

    def _own_home(self):
        """Where everybody may write, anybody could have made that folder before us."""
        try:
            self.home.mkdir(mode=0o700, parents=self.account is None)
            if self.account:
                shutil.chown(self.home, self.account, self.account)
        except FileExistsError:
            owner = self.home.lstat()
            if self.home.is_symlink() or not self.home.is_dir() or (self.account and self.home.owner() != ACCOUNT):
                raise DevError(f'{self.home} is not ours (uid {owner.st_uid}); remove it') from None

    def _initdb(self):
        part = self.home / 'data.part'      # renamed once it is whole
        shutil.rmtree(part, ignore_errors=True)
        secret = self.home / 'superuser.password'
        secret.write_text(self.password('postgres') + '\n', encoding='ascii')
        secret.chmod(0o600)
        if self.account:
            shutil.chown(secret, self.account)
        try:
            run([PROGRAMS / 'initdb', '-D', part, '-U', 'postgres', '--pwfile', secret, '--data-checksums',
                 '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'], what='initdb', **self._identity())
        finally:
            secret.unlink()
        part.rename(self.data)

    def _place(self, source, target):
        shutil.copyfile(source, target)
        target.chmod(0o600)
        if self.account:
            shutil.chown(target, self.account, self.account)

    def _identity(self):
        if not self.account:
            return {'cwd': self.home}
        return {'cwd': self.home, 'user': self.account, 'group': self.account, 'extra_groups': []}

    def spec(self):
        return Spec(
            name='postgres', port=self.port, log=self.log, user=self.account, cwd=str(self.home),
            command=lambda: [PROGRAMS / 'postgres', '-D', self.data, '-p', self.port,
                             '-c', 'listen_addresses=127.0.0.1', '-c', f'unix_socket_directories={self.socket if self.by_socket else ""}'],
            environment=lambda: {'PATH': os.environ.get('PATH', os.defpath), 'LC_ALL': 'C'},
            ready=lambda: probes.postgres_accepts(self.port),
            stop_signal=signal.SIGINT,          # fast: ends the sessions, keeps everything committed
            stop_seconds=20, death_signal=signal.SIGQUIT)       # takes its backends along, recovers next time

    # ---- what is in it

    def psql(self, *arguments, database=DATABASE, environment=None):
        return run([PROGRAMS / 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', *arguments], what='psql', env={
            **os.environ, 'PGHOST': '127.0.0.1', 'PGPORT': str(self.port), 'PGUSER': 'postgres',
            'PGPASSWORD': self.password('postgres'), 'PGDATABASE': database, **(environment or {})})

    def provision(self):
        """Database, schemas and roles; changes nothing that is there, except passwords back to the kept ones."""
        present = self.psql('-Atc', f"select 1 from pg_database where datname = '{DATABASE}'", database='postgres')
        if not present.strip():
            self.psql('-c', f'create database {DATABASE}', database='postgres')
        for service in BUSINESS:
            self.psql('-v', f'service={service}', '-f', SETTINGS / 'service.sql', environment={
                'RENXIN_OWNER_PASSWORD': self.password(f'renxin_{service}_owner'),
                'RENXIN_APP_PASSWORD': self.password(f'renxin_{service}_app')})

    @staticmethod
    def forget(spec):
        """Its stop writes nothing down any more: the data is about to be removed."""
        spec.stop_signal = signal.SIGQUIT

    def destroy(self):
        """For instances that were only for a test; the server has to be stopped."""
        shutil.rmtree(self.home, ignore_errors=True)
