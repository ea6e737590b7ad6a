"""`./dev package`: its README's commands and its units' own lines, run with paths and ports of a scratch folder, bring the whole suite up; and the
units allow what the manifests allow. With RENXIN_TEST_LONG=1 `systemd-analyze verify` reads the units too, where systemd is."""
import os
import pathlib
import re
import shlex
import signal
import subprocess
import tarfile
import tempfile
import unittest

import image
import kubernetes
import kubernetes_tools as tools
import package
import ports
import probes
from base import BIN, eventually
from build import BUSINESS, SERVICES
from documents import Documents, quantity, variables
from supervisor import die_with_parent

LONG = bool(os.environ.get('RENXIN_TEST_LONG'))
UNITS = {path.name: path.read_text(encoding='utf-8') for path in (package.SOURCE / 'units').iterdir()}
README = (package.SOURCE / 'README.md').read_text(encoding='utf-8')
PORTS = ['4222', '8222', '8443', *(str(number) for number in range(9090, 9097))]


def fields(unit):
    """{name: [value, …]} of a unit."""
    found = {}
    for name, value in re.findall(r'^(\w+)=(.*)$', unit, re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def variables_of(text):
    return dict(line.split('=', 1) for line in text.splitlines() if line and not line.startswith('#'))


class Text(unittest.TestCase):
    def test_the_target_has_every_service_and_each_has_its_settings(self):
        wanted = ' '.join(fields(UNITS['renxin.target'])['Wants']).split()
        self.assertEqual(set(wanted), {f'renxin@{name}.service' for name in BUSINESS} | set(UNITS) - {'renxin.target', 'renxin@.service'})
        self.assertEqual({path.stem for path in (package.SOURCE / 'etc').iterdir()}, {*SERVICES, 'renxin'})

    def test_every_name_in_an_environment_is_documented_and_every_port_is_of_one_process(self):
        taken = []
        for path in (package.SOURCE / 'etc').iterdir():
            found = variables_of(path.read_text(encoding='utf-8'))
            self.assertLessEqual(set(found), variables(), path.name)
            taken += re.findall(r':(\d+)$', found.get('RENXIN_HTTP_ADDRESS', ''))
        self.assertEqual(sorted(taken), PORTS[3:])
        for name, unit in UNITS.items():
            self.assertLessEqual({each.split('=')[0] for each in fields(unit).get('Environment', [])}, variables(), name)

    def test_units_and_manifests_give_the_same_memory_and_time(self):
        tools.ensure()
        documents = Documents(kubernetes.parse([kubernetes.render('single')])[0], 'single')
        for unit, kind, name in (('renxin@.service', 'Deployment', 'leads'), ('renxin-gateway.service', 'Deployment', 'gateway'),
                                 ('renxin-nats.service', 'StatefulSet', 'nats'), ('renxin-provision.service', 'Job', 'nats-provision')):
            pod, found = documents.find(kind, name)['spec']['template']['spec'], fields(UNITS[unit])
            limit = quantity(pod['containers'][0]['resources']['limits']['memory'])
            self.assertEqual(found['MemoryMax'], [f'{limit >> 20}M'], unit)
            if kind != 'Job':
                self.assertEqual(found['TimeoutStopSec'], [str(pod['terminationGracePeriodSeconds'])], unit)

    def test_every_process_is_confined(self):
        for name, unit in UNITS.items():
            found = fields(unit)
            if name != 'renxin.target':
                for key, value in {'User': 'renxin', 'NoNewPrivileges': 'yes', 'ProtectSystem': 'strict', 'CapabilityBoundingSet': '',
                                   'SystemCallFilter': '@system-service'}.items():
                    self.assertEqual(found.get(key), [value], (name, key))

    def test_the_readme_names_the_libraries_by_debian_s_names(self):
        found = package.contents(image.programs_in(BIN), '9.9.9')
        readme = found['README.md'][0].decode()
        self.assertRegex(readme, r'apt-get install --no-install-recommends .*\blibpq5\b.*\blibssl3\b.*\btzdata\b')
        self.assertIn('/opt/renxin/9.9.9', readme)
        self.assertEqual({path for path in found if path.startswith('bin/')}, {f'bin/{name}' for name in (*image.PROGRAMS, 'nats-server')})


class Started(unittest.TestCase):
    """The archive unpacked, the README's blocks marked sh executed, each unit started by its own ExecStart."""

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix='renxin-package-test-')
        cls.addClassCleanup(scratch.cleanup)
        cls.root = pathlib.Path(scratch.name)
        archive = package.make(image.programs_in(BIN), cls.root, '9.9.9')
        with tarfile.open(archive) as found:
            found.extractall(cls.root)
        cls.unpacked = cls.root / 'renxin-9.9.9'
        for path in ('etc/renxin/secrets', 'opt/renxin', 'var/lib/renxin', 'var/lib/renxin-nats', 'run/credentials'):
            (cls.root / path).mkdir(parents=True)
        (cls.root / 'opt/renxin/current').symlink_to('../../renxin-9.9.9')
        for path in (cls.unpacked / 'etc').iterdir():
            (cls.root / 'etc/renxin' / path.name).write_text(cls.here(path.read_text(encoding='utf-8')), encoding='utf-8')
        cls.processes = []
        cls.addClassCleanup(lambda: [(process.kill(), process.wait()) for process in reversed(cls.processes)])

    numbers = dict(zip(PORTS, map(str, ports.free_ports(len(PORTS)))))

    @classmethod
    def here(cls, text):
        """Paths and ports of the machine that the README speaks of, as those of this test."""
        text = re.sub(r'(?<![\w/])/(etc/renxin|opt/renxin|var/lib/renxin|run/credentials)', rf'{cls.root}/\1', text)
        return re.sub(r'(?<=[: ])(' + '|'.join(PORTS) + r')\b', lambda match: cls.numbers[match.group(1)], text)

    def command(self, name, instance=''):
        """(arguments, environment) as systemd would make them; credentials are copied to where %d is."""
        unit = fields(UNITS[name].replace('%i', instance))
        credentials = self.root / 'run/credentials' / name.replace('@', f'@{instance}')
        credentials.mkdir(exist_ok=True)
        for each in unit.get('LoadCredential', []):
            key, source = each.split(':')
            (credentials / key).write_bytes(pathlib.Path(self.here(source)).read_bytes())
        given = dict(each.split('=', 1) for each in unit.get('Environment', []))
        for each in unit.get('EnvironmentFile', []):
            given |= variables_of(pathlib.Path(self.here(each.removeprefix('-'))).read_text(encoding='utf-8'))
        environment = {key: self.here(value.replace('%d', str(credentials))) for key, value in given.items()}
        return shlex.split(self.here(unit['ExecStart'][0].replace('%d', str(credentials)))), environment

    def start(self, name, instance='', seconds=30):
        """A oneshot to its end, else in the background."""
        arguments, environment = self.command(name, instance)
        options = {'env': {'PATH': os.defpath, **environment}, 'cwd': '/', 'stdin': subprocess.DEVNULL}
        if 'oneshot' in UNITS[name]:
            for _ in range(2):      # may be done again at any time
                done = subprocess.run(arguments, capture_output=True, text=True, timeout=seconds, check=False, **options)
                self.assertEqual(done.returncode, 0, (name, done.stderr))
            return
        with open(self.root / f'{name}{instance}.log', 'wb') as log:
            self.processes.append(subprocess.Popen(arguments, stdout=log, stderr=log, preexec_fn=die_with_parent(signal.SIGKILL), **options))

    def test_the_commands_of_the_readme_and_the_lines_of_the_units_bring_the_suite_up(self):
        blocks = re.findall(r'^```sh\n(.*?)^```', README, re.MULTILINE | re.DOTALL)
        self.assertEqual(len(blocks), 3)
        for block in blocks:
            done = subprocess.run(['bash', '-euc', self.here(block)], cwd=self.root, capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.start('renxin-nats.service')
        self.assertTrue(eventually(20, lambda: probes.http_ok(int(self.numbers['8222']), '/healthz?js-enabled-only=true')),
                        (self.root / 'renxin-nats.service.log').read_text())
        self.start('renxin-provision.service')
        self.start('renxin-administrator.service')
        for service in BUSINESS:
            self.start('renxin@.service', service)
        self.start('renxin-gateway.service')
        for number in PORTS[3:]:
            self.assertTrue(eventually(60, lambda: probes.http_ok(int(self.numbers[number]), '/readyz')), f'{number} is not ready')
        login = re.search(r'^RENXIN_CA=\S+ (.*)$', README, re.MULTILINE)
        done = subprocess.run([*shlex.split(self.here(login[1])), '--json'], capture_output=True, text=True, check=False, timeout=30, env={
            'HOME': str(self.root), 'RENXIN_CA': self.here('/etc/renxin/ca.crt'), 'RENXIN_URL': f'https://127.0.0.1:{self.numbers["8443"]}'})
        self.assertEqual(done.returncode, 0, done.stderr)

    def units_are_understood_by_systemd(self):
        place = self.root / 'etc/systemd/system'
        place.mkdir(parents=True)
        for name, unit in UNITS.items():
            (place / name).write_text(unit, encoding='utf-8')
        done = subprocess.run(['systemd-analyze', 'verify', f'--root={self.root}', '--recursive-errors=no', '--man=no',
                               *(str(place / name.replace('@.', '@leads.')) for name in UNITS)], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ''))

    if LONG:
        test_units_are_understood_by_systemd = units_are_understood_by_systemd


if __name__ == '__main__':
    unittest.main()
