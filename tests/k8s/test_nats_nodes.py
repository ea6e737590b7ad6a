"""Three nats-servers started as the overlay hospital says: its nats.conf on top of what `renxin nats-config` writes, certificates with the
names and usages of its Certificate. Paths, ports and addresses are of this machine; everything else is the manifests'."""
import json
import os
import pathlib
import re
import shlex
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest
import urllib.request

import certificates
import deps
import kubernetes
import kubernetes_tools as tools
import ports
from base import ROOT, eventually, run
from build import SERVICES, command_line
from documents import Documents
from supervisor import die_with_parent

tools.ensure()
ARGUMENTS = ['--bind', '0.0.0.0', '--port', '4222', '--http-port', '8222', '--store', '/var/lib/nats',
             '--tls-cert', '/run/renxin/tls/tls.crt', '--tls-key', '/run/renxin/tls/tls.key']     # as k8s/README.md has them


def read_until(connection, wanted):
    """Raises when it ends, or says nothing for the connection's time, before that."""
    heard = b''
    while wanted not in heard:
        more = connection.recv(8192)
        if not more:
            raise ConnectionError(f'closed after {heard!r}')
        heard += more


class Nodes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix='renxin-nodes-')
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        cls.documents = Documents(kubernetes.parse([kubernetes.render('hospital')])[0], 'hospital')
        asked = cls.documents.find('Certificate', 'nats')['spec']
        certificates.make(cls.folder, ['IP:127.0.0.1', *(f'DNS:{name}' for name in asked['dnsNames'])], asked['usages'])
        for user in (*SERVICES, 'provision', 'sys'):
            (cls.folder / f'{user}.password').write_text(f'password-of-{user}\n', encoding='ascii')
        run([command_line(), 'nats-config', *ARGUMENTS, '--secrets', cls.folder, '--out', cls.folder / 'renxin.conf'], what='renxin nats-config')
        cls.client, cls.monitor, cls.cluster = (cls.three(ports.free_ports(3)) for _ in range(3))
        cls.processes = {}
        for node in cls.client:
            cls.write(node)
            cls.start(node)
        cls.addClassCleanup(lambda: [cls.stop(node) for node in cls.client])

    @staticmethod
    def three(numbers):
        return {f'nats-{index}': number for index, number in enumerate(numbers)}

    @classmethod
    def write(cls, node):
        """The files of a pod, in a folder of its own."""
        config = next(each for each in cls.documents.of_kind('ConfigMap') if 'nats.conf' in each['data'])['data']['nats.conf']
        home = cls.folder / node
        home.mkdir()
        for name, text in (('nats.conf', config), ('renxin.conf', (cls.folder / 'renxin.conf').read_text(encoding='utf-8'))):
            for other, port in cls.cluster.items():
                text = text.replace(f'{other}.nats-nodes:6222', f'127.0.0.1:{port}')
            for before, after in {'0.0.0.0:8222': f'127.0.0.1:{cls.monitor[node]}', '0.0.0.0:6222': f'127.0.0.1:{cls.cluster[node]}',
                                  'port: 4222': f'port: {cls.client[node]}', '/run/renxin/tls': str(cls.folder), '/var/lib/nats': str(home / 'streams'),
                                  '/run/nats': str(home)}.items():
                text = text.replace(before, after)
            (home / name).write_text(text, encoding='utf-8')

    @classmethod
    def start(cls, node):
        with open(cls.folder / node / 'log', 'ab') as log:
            cls.processes[node] = subprocess.Popen([str(deps.nats_server()), '-c', str(cls.folder / node / 'nats.conf')], stdout=log, stderr=log,
                                                   stdin=subprocess.DEVNULL, env={'POD_NAME': node, 'PATH': os.defpath},
                                                   preexec_fn=die_with_parent(signal.SIGKILL))

    @classmethod
    def stop(cls, node):
        cls.processes[node].kill()
        cls.processes[node].wait()

    def ask(self, node, path):
        with urllib.request.urlopen(f'http://127.0.0.1:{self.monitor[node]}{path}', timeout=2) as answer:
            return json.load(answer)

    def fine(self, node, path):
        try:
            return self.ask(node, path).get('status') == 'ok'
        except OSError:
            return False

    def provision(self):
        environment = {**os.environ, 'RENXIN_NATS_URL': ','.join(f'nats://127.0.0.1:{port}' for port in self.client.values()),
                       'RENXIN_NATS_CA_FILE': str(self.folder / 'ca.crt'), 'RENXIN_NATS_USER': 'provision',
                       'RENXIN_NATS_PASSWORD_FILE': str(self.folder / 'provision.password')}
        return subprocess.run([str(command_line()), 'provision'], env=environment, capture_output=True, text=True, check=False, timeout=60)

    def test_the_nodes_make_a_cluster_answer_every_probe_and_lose_one_without_a_word(self):
        probes = self.documents.find('StatefulSet', 'nats')['spec']['template']['spec']['containers'][0]
        paths = [probes[name]['httpGet']['path'] for name in ('startupProbe', 'readinessProbe', 'livenessProbe')]
        for node in self.client:
            for path in paths:
                self.assertTrue(eventually(40, lambda: self.fine(node, path)), (node, path, (self.folder / node / 'log').read_text()[-2000:]))
        for node in self.client:
            answer = self.ask(node, '/varz')
            self.assertEqual((answer['server_name'], answer['cluster']['name'], answer['tls_required']), (node, 'renxin', True))
            self.assertEqual({route['remote_name'] for route in self.ask(node, '/routez')['routes']}, set(self.client) - {node})
        done = self.provision()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.stop('nats-0')
        others = ('nats-1', 'nats-2')
        self.assertTrue(eventually(40, lambda: all(self.fine(node, path) for node in others for path in paths)))
        self.start('nats-0')
        self.assertTrue(eventually(40, lambda: self.fine('nats-0', '/healthz')), 'it catches up and counts as started')

    def signal(self, node, command):
        """A command of the manifests or the runbooks that has the pid file of the pod in it."""
        local = [part.replace('/run/nats', str(self.folder / node)) for part in command[1:]]
        self.assertEqual(command[0], '/usr/bin/nats-server')
        return subprocess.run([str(deps.nats_server()), *local], capture_output=True, text=True, check=False, timeout=20)

    def said(self, node, text):
        return text in (self.folder / node / 'log').read_text(encoding='utf-8')

    def test_a_node_that_is_stopped_moves_its_clients_away_and_one_that_is_reloaded_stays(self):
        self.assertTrue(eventually(40, lambda: self.fine('nats-2', '/healthz')))
        page = (ROOT / 'k8s/runbooks/nats-errors.md').read_text(encoding='utf-8')
        self.assertEqual(self.signal('nats-2', shlex.split(re.search(r'exec nats-0 -- (/usr/bin/nats-server [^`]+)`', page)[1])).returncode, 0)
        self.assertTrue(eventually(10, lambda: self.said('nats-2', 'Reloaded server configuration')))
        hook = self.documents.find('StatefulSet', 'nats')['spec']['template']['spec']['containers'][0]['lifecycle']['preStop']['exec']['command']
        with self.connected('nats-2') as client:
            self.assertEqual(self.signal('nats-2', hook).returncode, 0)
            read_until(client, b'"ldm":true')        # the client is asked to go elsewhere
            self.processes['nats-2'].terminate()        # as the kubelet does when the hook has ended: it does not cut the move short
            self.assertIsNone(eventually(2, lambda: self.processes['nats-2'].poll()))
        self.stop('nats-2')
        self.start('nats-2')
        self.assertTrue(eventually(40, lambda: self.fine('nats-2', '/healthz')))

    def connected(self, node):
        """A client of the user provision, signed in."""
        plain = socket.create_connection(('127.0.0.1', self.client[node]), timeout=15)
        plain.recv(8192)
        secured = ssl.create_default_context(cafile=str(self.folder / 'ca.crt')).wrap_socket(plain, server_hostname='127.0.0.1')
        secured.sendall(b'CONNECT {"user":"provision","pass":"password-of-provision","verbose":false,"protocol":1}\r\nPING\r\n')
        read_until(secured, b'PONG')
        return secured

    def first_word_of_a_route(self, with_certificate):
        context = ssl.create_default_context(cafile=str(self.folder / 'ca.crt'))
        if with_certificate:
            context.load_cert_chain(self.folder / 'tls.crt', self.folder / 'tls.key')
        with socket.create_connection(('127.0.0.1', self.cluster['nats-1']), timeout=15) as plain:
            with context.wrap_socket(plain, server_hostname='127.0.0.1') as secured:
                return secured.recv(4)

    def test_a_node_without_a_certificate_of_the_authority_is_turned_away(self):
        self.assertTrue(eventually(40, lambda: self.fine('nats-1', '/healthz?js-server-only=true')))
        self.assertEqual(self.first_word_of_a_route(with_certificate=True), b'INFO')
        with self.assertRaisesRegex(ssl.SSLError, '(?i)certificate'):
            self.first_word_of_a_route(with_certificate=False)


if __name__ == '__main__':
    unittest.main()
