"""Overlay single, run: every container as a process with the environment, files and arguments of its YAML, secrets as k8s/README.md makes them. Its own
probes say when it is ready. A real Prometheus with the rules of `monitoring` watches it; every panel that asks our own processes has figures."""
import json
import os
import pathlib
import re
import secrets
import shlex
import signal
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

import credentials
import deps
import kubernetes
import kubernetes_tools as tools
import monitoring
import ports
import probes
from base import BIN, ROOT, eventually, run
from build import BUSINESS, SERVICES, command_line
from documents import Documents
from processes import Container
from supervisor import die_with_parent

tools.ensure()
README = (ROOT / 'k8s/README.md').read_text(encoding='utf-8')
# What nobody counts in a suite that is hardly used: no errors, no messages, no failures, no commands that share a commit.
QUIET = re.compile(r'5\.\.|"401"|failures|dead_letters|resets|errors|refused|reused|unreadable|_messages_|deferred|live_sockets_closed|live_events|operations_ended|lane_group'
                   r'|kube_|kubelet|container_|certmanager|barman')


class Single(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix='renxin-single-')
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        cls.documents = Documents(kubernetes.parse([kubernetes.render('single')])[0], 'single')
        cls.names = [*SERVICES, 'nats']
        cls.health = dict(zip(cls.names, ports.free_ports(len(cls.names))))
        cls.https, cls.client, cls.prometheus = ports.free_ports(3)
        cls.processes = []
        cls.addClassCleanup(lambda: [(process.kill(), process.wait()) for process in reversed(cls.processes)])
        cls.make_secrets()
        cls.begin('StatefulSet', 'nats')
        cls.finish('Job', 'nats-provision')
        cls.finish('Deployment', 'identity', kind='initContainers')
        for name in SERVICES:
            cls.begin('Deployment', name)

    @classmethod
    def make_secrets(cls):
        tls = credentials.certificates(cls.folder / 'tls')
        text = {path.name: path.read_text(encoding='ascii') for path in tls.iterdir()}
        cls.secrets = {'nats-tls': {'ca.crt': text['ca.pem'], 'tls.crt': text['nats.pem'], 'tls.key': text['nats.key']},
                       'gateway-tls': {'tls.crt': text['gateway.pem'], 'tls.key': text['gateway.key']},
                       'administrator': {'password': secrets.token_hex(12) + '\n'}}
        for user in (*SERVICES, 'provision', 'sys'):
            path = cls.folder / f'{user}.password'
            cls.secrets[user] = {'nats-password': credentials.password(path) + '\n'}
            if user in BUSINESS:
                cls.secrets[user]['keys'] = credentials.key_file(cls.folder / f'{user}.keys').read_text(encoding='ascii')
        command = re.search(r'renxin (nats-config (?:[^\n]|\\\n)*?--out renxin\.conf)', README)[1]
        run([command_line(), *shlex.split(command.replace('\\\n', ' '))], what='renxin nats-config', cwd=cls.folder)
        cls.secrets['nats-config'] = {'renxin.conf': (cls.folder / 'renxin.conf').read_text(encoding='utf-8')}

    @classmethod
    def container(cls, kind, name, part='containers'):
        elsewhere = {'0.0.0.0:9090': f'127.0.0.1:{cls.health.get(name, 0)}', '0.0.0.0:8443': f'127.0.0.1:{cls.https}', 'nats://nats:4222': f'nats://127.0.0.1:{cls.client}',
                     'port: 4222': f'port: {cls.client}', '0.0.0.0:8222': f'127.0.0.1:{cls.health["nats"]}', 'renxin.hospital.example': f'127.0.0.1:{cls.https}'}
        made = Container(cls.documents, cls.documents.find(kind, name), cls.secrets, cls.folder / 'roots' / name, cls.folder / 'claims', part, elsewhere)
        made.mount()
        return made.command(lambda path: deps.nats_server() if path.endswith('/nats-server') else BIN / path.removeprefix('/usr/bin/')), {
            'PATH': os.defpath, **made.environment()}

    @classmethod
    def begin(cls, kind, name):
        command, environment = cls.container(kind, name)
        with open(cls.folder / f'{name}.log', 'wb') as log:
            cls.processes.append(subprocess.Popen(command, env=environment, cwd='/', stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                  preexec_fn=die_with_parent(signal.SIGKILL)))

    @classmethod
    def finish(cls, owner, name, kind='containers'):
        """To its end, as often as the kubelet would start it again."""
        command, environment = cls.container(owner, name, kind)
        options = {'env': environment, 'cwd': '/', 'stdin': subprocess.DEVNULL, 'stdout': subprocess.DEVNULL, 'check': False}
        assert eventually(30, lambda: subprocess.run(command, **options).returncode == 0), name

    def probes_of(self, name):
        owner = self.documents.find('StatefulSet' if name == 'nats' else 'Deployment', name)
        container, = owner['spec']['template']['spec']['containers']
        return [container[probe]['httpGet']['path'] for probe in ('startupProbe', 'readinessProbe', 'livenessProbe')]

    def wait_until_ready(self):
        for name in self.names:
            for path in self.probes_of(name):
                self.assertTrue(eventually(60, lambda: probes.http_ok(self.health[name], path)),
                                f'{name} {path}: {(self.folder / f"{name}.log").read_text(encoding="utf-8")[-2000:]}')

    def renxin(self, *arguments):
        environment = {'HOME': str(self.folder), 'RENXIN_CA': str(self.folder / 'tls/ca.pem'), 'RENXIN_URL': f'https://127.0.0.1:{self.https}'}
        return run([command_line(), *arguments], what=f'renxin {arguments[0]}', env=environment)

    def test_every_process_becomes_ready_and_the_first_account_signs_in(self):
        self.wait_until_ready()
        (self.folder / 'administrator').write_text(self.secrets['administrator']['password'], encoding='ascii')
        self.renxin('login', '--username', 'admin', '--password-file', self.folder / 'administrator')
        self.renxin('status', '--wait-idle', '--timeout', '60')
        files = {str(path.relative_to(self.folder / 'claims')) for path in (self.folder / 'claims').rglob('service.db')}
        self.assertEqual(files, {f'data/{service}/service.db' for service in BUSINESS})
        self.assertTrue((self.folder / 'claims/notifications-messages').is_dir())

    # ---- Prometheus

    def watch(self):
        """A Prometheus with the rules of the component; jobs and labels are those that the PodMonitor would give."""
        monitor, = (each for each in kubernetes.parse([kubernetes.render_with('monitoring')])[0] if each['kind'] == 'PodMonitor')
        self.assertEqual(monitor['spec']['jobLabel'], 'app.kubernetes.io/name')
        endpoint, = monitor['spec']['podMetricsEndpoints']
        jobs = [{'job_name': name, 'metrics_path': endpoint['path'], 'static_configs': [
            {'targets': [f'127.0.0.1:{self.health[name]}'], 'labels': {'namespace': 'renxin', 'pod': f'{name}-1', 'container': 'service'}}]} for name in SERVICES]
        home = self.folder / 'prometheus'
        home.mkdir()
        for name, content in {'rules.json': {'groups': monitoring.groups(kubernetes.parse)}, 'prometheus.json': {
                'global': {'scrape_interval': '1s', 'evaluation_interval': '1s'}, 'rule_files': [str(home / 'rules.json')], 'scrape_configs': jobs}}.items():
            (home / name).write_text(json.dumps(content), encoding='utf-8')
        with open(home / 'log', 'wb') as log:
            self.processes.append(subprocess.Popen([
                str(tools.promtool().with_name('prometheus')), f'--config.file={home / "prometheus.json"}', f'--storage.tsdb.path={home / "data"}',
                f'--web.listen-address=127.0.0.1:{self.prometheus}'], stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent(signal.SIGKILL)))

    def ask(self, path, **fields):
        with urllib.request.urlopen(f'http://127.0.0.1:{self.prometheus}{path}?{urllib.parse.urlencode(fields)}', timeout=5) as answer:
            return json.load(answer)['data']

    def figures(self, expression):
        return [each['value'][1] for each in self.ask('/api/v1/query', query=expression)['result'] if each['value'][1] != 'NaN']

    def test_prometheus_reads_the_rules_and_every_panel_of_ours_has_figures(self):
        self.wait_until_ready()
        self.watch()
        self.assertTrue(eventually(30, lambda: probes.http_ok(self.prometheus, '/-/ready')))
        (self.folder / 'administrator').write_text(self.secrets['administrator']['password'], encoding='ascii')

        def seen():
            self.renxin('login', '--username', 'admin', '--password-file', self.folder / 'administrator')
            self.renxin('status')
            return self.figures('sum(rate(renxin_http_requests_total[5m])) > 0')
        self.assertTrue(eventually(40, seen, every=1))
        panels = list(monitoring.expressions_of(monitoring.read_dashboards()))
        answered = [(title, expression) for title, expression in panels if not QUIET.search(expression)]
        self.assertGreaterEqual(len(answered), 12)
        empty = [title for title, expression in answered if not eventually(20, lambda: self.figures(expression), every=0.5)]
        self.assertEqual([], empty)
        rules = [rule for group in self.ask('/api/v1/rules')['groups'] for rule in group['rules']]
        self.assertEqual({rule['name'] for rule in rules}, {rule['alert'] for rule in monitoring.alerts(monitoring.groups(kubernetes.parse))})
        self.assertEqual([], [rule['name'] for rule in rules if rule['health'] == 'err'])
        self.assertEqual([], [alert['labels']['alertname'] for alert in self.ask('/api/v1/alerts')['alerts'] if alert['state'] == 'firing'])


if __name__ == '__main__':
    unittest.main()
