"""One running suite: its folder, its processes, and how to reach and disturb them.

`./dev up`, the end-to-end tests, bench, real and chaos all run this same Instance; they differ only in
the folder and in what they do while it runs.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import credentials
import ports
import probes
from base import DevError, eventually, run, started, tail, write_atomically
from broker import Broker
from build import BUSINESS, SERVICES, command_line, service_program
from cluster import Cluster
from memory import children, pss_of_tree
from supervisor import BACKOFF_MOST, READY, STOPPED, Spec, Supervisor

GATEWAY_PORT = 8443
READY_SECONDS = 30
TRIES_AT_START = 4      # a process that dies that often while the suite comes up will not come up
LOG_LIMIT = 32 * 1024 * 1024
STOP_ORDER = (('gateway',), BUSINESS, ('nats',), ('postgres',))     # of services and of what they stand on
ADMINISTRATOR = 'admin'


class Instance:
    """with Instance(database='postgres') as suite: suite.renxin('status') …

    Without a folder it lives in a temporary one, which is removed when it stops. `extra` maps a
    process name to environment variables of its own; they are read at every start of that process.
    With `replicas` each service runs that often on PostgreSQL, as leads, leads-2 …; `beside` is the
    folder of the programs that every process but the first of a service runs, say those of another release. A process that dies
    again and again is started after `backoff_most` seconds at the latest: a test that kills on purpose need not wait. Tests sign in
    as often as they like from one address; `throttled`: as often as the gateway lets people by default.
    """

    def __init__(self, folder=None, database='sqlite', gateway_port=None, on_change=None, extra=None, replicas=1, beside=None,
                 backoff_most=BACKOFF_MOST, throttled=False):
        if database not in ('sqlite', 'postgres'):
            raise DevError(f'unknown database {database}: sqlite or postgres')
        if replicas > 1 and database == 'sqlite':
            raise DevError('a SQLite file belongs to one process: several replicas need PostgreSQL')
        self.temporary = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix='renxin-')).resolve()
        self.database = database
        self.extra = {} if extra is None else extra     # the caller may fill it later
        self.supervisor = None
        self.cluster = None
        self.services = {service if number == 1 else f'{service}-{number}': service
                         for service in SERVICES for number in range(1, replicas + 1)}     # process name -> service
        self._beside = pathlib.Path(beside).resolve() if beside else None
        self._backoff_most = backoff_most
        self._throttled = throttled
        self._watcher = on_change or (lambda child: None)
        self._ports = self._choose_ports(gateway_port)
        self.broker = Broker(self.folder, self._ports['nats'], self._ports['monitor'], self.log('nats'))
        if database == 'postgres':
            self.cluster = Cluster(self.folder, self._ports['postgres'], self.log('postgres'))

    # ---- where things are

    @property
    def url(self):
        return f'https://127.0.0.1:{self._ports["gateway"]}'

    def urls(self):
        """Of every gateway."""
        return [f'https://127.0.0.1:{self._ports[name]}' for name, service in self.services.items() if service == 'gateway']

    @property
    def ca(self):
        return self.folder / 'tls/ca.pem'

    @property
    def password_file(self):
        return self.folder / 'administrator.password'

    @property
    def password(self):
        return self.password_file.read_text(encoding='ascii').strip()

    @property
    def file(self):
        """instance.json: how other processes find this suite while it runs."""
        return self.folder / 'instance.json'

    def log(self, name):
        return self.folder / 'log' / f'{name}.log'

    def port(self, name):
        """The port of /readyz and /metrics for a service, the client port for nats and postgres."""
        return self._ports[f'{name}.http' if name in self.services else name]

    def database_url(self, service, part='app'):
        if self.cluster:
            return self.cluster.service_url(service, part)
        return f'sqlite:{self.folder}/db/{service}.db'

    def names(self):
        return [name for group in self._stop_order() for name in group]

    def _stop_order(self):
        """STOP_ORDER as the processes of this suite."""
        stands_on = ['nats'] + (['postgres'] if self.cluster else [])
        served = {**self.services, **{name: name for name in stands_on}}
        return [[name for name, service in served.items() if service in group] for group in STOP_ORDER]

    # ---- life

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self._prepare_folder()
        specs = [self._service_spec(name) for name in self.services] + [self.broker.spec()]
        if self.cluster:
            self.cluster.prepare()
            specs.append(self.cluster.spec())
        self.broker.prepare()
        self.supervisor = Supervisor(specs, self._changed, self._backoff_most)
        self._start_and_wait(*(['postgres'] if self.cluster else []), 'nats')
        if self.cluster:
            self.cluster.provision()
        self.broker.provision()
        self._bootstrap_administrator()
        # One of each first: two that migrate an empty database at once would only wait for each other.
        self._start_and_wait(*SERVICES)
        self._start_and_wait(*(name for name in self.services if name not in SERVICES))
        return self

    def stop(self):
        """Ends everything in order, whatever state it is in; bounded by each process's own limit."""
        if self.supervisor:
            if self.temporary and self.cluster:
                self.cluster.forget(self._child('postgres').spec)
            for group in self._stop_order():
                self.supervisor.stop(*group)
            self.supervisor.close()
            self.supervisor = None
            self.file.unlink(missing_ok=True)
        if self.temporary:
            if self.cluster:
                self.cluster.destroy()
            shutil.rmtree(self.folder, ignore_errors=True)

    def wait_ready(self, *names, seconds=READY_SECONDS):
        """Until all (or the named) are ready; says which was not, with the end of its log."""
        names = names or tuple(self.names())
        if not eventually(seconds, lambda: all(self.state(name) == READY for name in names)):
            self._fail(next(name for name in names if self.state(name) != READY), f'not ready after {seconds} s')

    # ---- looking at it and disturbing it

    def state(self, name):
        return self._child(name).state

    def restarts(self, name):
        return self._child(name).restarts

    def pids(self):
        """name -> pid of what runs at this moment."""
        children = self.supervisor.children.items()
        return {name: child.pid for name, child in children if child.pid}

    def backends(self):
        """Pids of the processes that PostgreSQL has started."""
        return children(self.pids().get('postgres')) if self.cluster else []

    def wake(self):
        """Whoever was sent SIGSTOP goes on."""
        for name in self.names():
            self.kill(name, signal.SIGCONT)
        for pid in self.backends():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def pss(self, name):
        """Bytes of memory that are this process's own share, its children included; 0 if it is down."""
        return pss_of_tree(self.pids().get(name))

    def kill(self, name, signum=signal.SIGKILL):
        """Sends a signal; a process that dies of it is restarted. Answers its pid, None if it was down."""
        return self.supervisor.kill(name, signum)

    def hold_others(self):
        """Keeps the programs of the other release down."""
        for name, service in self.services.items():
            if self._beside and name != service:
                self.hold(name)

    def hold(self, name):
        """Stops a process in good order and keeps it down until release()."""
        self.supervisor.stop(name)

    def release(self, name):
        self.supervisor.start(name)

    def restart(self, name):
        self.hold(name)
        self.release(name)

    def renxin(self, *arguments, check=True, timeout=600):
        """The command line against this suite, with a session file of its own."""
        home = credentials.private_folder(self.folder / 'cli')
        done = subprocess.run(
            [str(command_line()), '--url', self.url, '--ca', str(self.ca), *map(str, arguments)],
            env={**clean_environment(), 'HOME': str(home), 'XDG_CONFIG_HOME': str(home), 'XDG_STATE_HOME': str(home)},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False)
        if check and done.returncode != 0:
            raise DevError(f'renxin {" ".join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}')
        return done

    def login(self):
        return self.renxin('login', '--username', ADMINISTRATOR, '--password-file', self.password_file)

    # ---- inside

    def _child(self, name):
        return self.supervisor.children[name]

    def _choose_ports(self, gateway_port):
        try:
            last = json.loads((self.folder / 'ports.json').read_text(encoding='ascii'))
        except (OSError, ValueError):
            last = {}
        if self.temporary:
            wanted = gateway_port
        else:
            wanted = gateway_port or last.get('gateway') or GATEWAY_PORT
        if gateway_port and not ports.is_free(gateway_port):
            raise DevError(f'port {gateway_port} is taken')
        gateways = [name for name, service in self.services.items() if service == 'gateway' and name != 'gateway']
        names = [f'{name}.http' for name in self.services] + [*gateways, 'nats', 'monitor', 'postgres']
        return ports.prefer({'gateway': wanted, **{name: last.get(name) for name in names}})

    def _prepare_folder(self):
        for name in ('db', 'keys', 'secrets', 'tls', 'log'):
            credentials.private_folder(self.folder / name)
        for log in (self.folder / 'log').glob('*.log'):
            if log.stat().st_size > LOG_LIMIT:
                log.replace(log.with_suffix('.log.1'))
        credentials.certificates(self.folder / 'tls')
        for service in BUSINESS:
            credentials.key_file(self.folder / 'keys' / f'{service}.keys')
        credentials.password(self.password_file)
        write_atomically(self.folder / 'ports.json', json.dumps(self._ports, indent=1) + '\n')

    def _service_spec(self, name):
        http, service = self.port(name), self.services[name]
        return Spec(
            name=name, port=self._ports[name] if service == 'gateway' else http, log=self.log(name),
            command=lambda: [self._program(name)], environment=lambda: self.environment(name),
            ready=lambda: probes.http_ok(http, '/readyz'), cwd=str(self.folder))

    def _program(self, name):
        service = self.services[name]
        return self._beside / f'renxin-{service}' if self._beside and name != service else service_program(service)

    def environment(self, name):
        """The whole environment of a process of a service; the README of shared/runtime lists the same names."""
        service = self.services[name]
        reported = {**clean_environment(), **self.broker.environment(service),
                'RENXIN_HTTP_ADDRESS': f'127.0.0.1:{self.port(name)}',
                'RENXIN_LOG_LEVEL': os.environ.get('RENXIN_LOG_LEVEL', 'info')}
        if service == 'gateway':
            reported |= {'RENXIN_GATEWAY_ADDRESS': f'127.0.0.1:{self._ports[name]}',
                     'RENXIN_TLS_CERT_FILE': str(self.folder / 'tls/gateway.pem'),
                     'RENXIN_TLS_KEY_FILE': str(self.folder / 'tls/gateway.key')}
            if not self._throttled:
                reported |= {'RENXIN_GATEWAY_ANONYMOUS_BURST': '100000', 'RENXIN_GATEWAY_ATTEMPTS_BURST': '100000'}
        else:
            reported |= {'RENXIN_KEY_FILE': str(self.folder / 'keys' / f'{service}.keys'),
                     'RENXIN_DATABASE_URL': self.database_url(service)}
            if self.cluster:
                reported['RENXIN_MIGRATION_DATABASE_URL'] = self.database_url(service, 'owner')
        if service == 'notifications':
            reported['RENXIN_MESSAGE_LOG_FILE'] = str(self.folder / 'db/notifications.messages.jsonl')
        return {**reported, **self.extra.get(name, {})}

    def _bootstrap_administrator(self):
        run([service_program('identity'), '--bootstrap-administrator', ADMINISTRATOR,
             '--password-file', self.password_file], what='making the first administrator',
            env=self.environment('identity'), cwd=self.folder)

    def _start_and_wait(self, *names):
        self.supervisor.start(*names)
        dying = []

        def settled():
            dying[:] = [name for name in names if self._child(name).starts >= TRIES_AT_START]
            return dying or all(self.state(name) == READY for name in names)
        if eventually(READY_SECONDS, settled) and not dying:
            return
        if dying:
            self._fail(dying[0], f'dies at once ({self._child(dying[0]).last_exit})')
        self.wait_ready(*names, seconds=0)

    def _fail(self, name, why):
        raise DevError(f'{name}: {why}; the end of {self.log(name)}:\n{tail(self.log(name))}')

    def _changed(self, child):
        self._write_file()
        self._watcher(child)

    def _write_file(self):
        processes = {name: {'pid': child.pid, 'port': child.spec.port, 'state': child.state,
                            'restarts': child.restarts, 'since': child.since, 'log': str(child.spec.log)}
                     for name, child in self.supervisor.children.items()} if self.supervisor else {}
        for name in self.services:
            if name in processes:
                processes[name]['http'] = f'http://127.0.0.1:{self.port(name)}'
        running = any(process['state'] != STOPPED for process in processes.values())
        write_atomically(self.file, json.dumps({
            'folder': str(self.folder), 'database': self.database,
            'database_folder': str(self.cluster.data if self.cluster else self.folder / 'db'), 'dev': os.getpid(),
            'dev_started': started(os.getpid()), 'running': running,
            'url': self.url, 'ca': str(self.ca),
            'administrator': {'username': ADMINISTRATOR, 'password_file': str(self.password_file)},
            'nats': {'port': self.port('nats'), 'monitor': self._ports['monitor']},
            'processes': processes}, indent=1) + '\n')


def clean_environment():
    """Ours without anything meant for another suite."""
    return {name: value for name, value in os.environ.items() if not name.startswith('RENXIN_')}
