"""The nats-server of one instance: its users' passwords, its generated configuration, its streams."""
import os
import signal

import credentials
import deps
import probes
from base import ROOT, run
from build import SERVICES, command_line
from supervisor import Spec

USERS = (*SERVICES, 'provision', 'sys')
SCRATCH = ROOT / 'infra/nats/scratch.conf'


class Broker:
    def __init__(self, folder, port, monitor_port, log):
        self.folder = folder
        self.port = port
        self.monitor_port = monitor_port
        self.log = log
        self.secrets = folder / 'secrets'
        self.tls = folder / 'tls'
        self.store = folder / 'nats'
        self.config = folder / 'nats.conf'
        self.url = f'nats://127.0.0.1:{port}'

    def password_file(self, user):
        return self.secrets / f'{user}.password'

    def environment(self, user):
        """How a process finds the server and says who it is."""
        return {'RENXIN_NATS_URL': self.url, 'RENXIN_NATS_USER': user,
                'RENXIN_NATS_PASSWORD_FILE': str(self.password_file(user)),
                'RENXIN_NATS_CA_FILE': str(self.tls / 'ca.pem')}

    def prepare(self):
        """Passwords once; the configuration each time, since the contract decides who may say what."""
        credentials.private_folder(self.secrets)
        credentials.private_folder(self.store)
        credentials.certificates(self.tls)
        for user in USERS:
            credentials.password(self.password_file(user))
        run([command_line(), 'nats-config', '--store', self.store, '--port', self.port,
             '--http-port', self.monitor_port, '--secrets', self.secrets, '--out', self.config,
             '--tls-cert', self.tls / 'nats.pem', '--tls-key', self.tls / 'nats.key'],
            what='renxin nats-config')
        self.config.chmod(0o600)

    def prepare_scratch(self):
        """An open house for tests that need a server and no contract; user test, password test."""
        credentials.private_folder(self.store)
        text = SCRATCH.read_text(encoding='utf-8')
        for name, value in {'PORT': self.port, 'MONITOR': self.monitor_port, 'STORE': self.store}.items():
            text = text.replace(f'@{name}@', str(value))
        self.config.write_text(text, encoding='utf-8')
        self.url = f'nats://test:test@127.0.0.1:{self.port}'

    def spec(self):
        return Spec(
            name='nats', port=self.port, log=self.log,
            stop_signal=signal.SIGINT, stop_seconds=10,      # on SIGTERM it ends as well as on this, but with status 1
            command=lambda: [deps.nats_server(), '-c', self.config],
            environment=lambda: {'PATH': os.environ.get('PATH', os.defpath)},
            # The server, not its streams: one whose description a power cut has corrupted is recreated by provision(), and
            # the relays publish again what it lacks.
            ready=lambda: probes.http_ok(self.monitor_port, '/healthz?js-enabled-only=true'))

    def provision(self):
        """Creates or updates the streams."""
        run([command_line(), 'provision'], what='renxin provision',
            env={**os.environ, **self.environment('provision')})
