"""`./dev test`: every GoogleTest program and every Python test module, with what they need running."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import tempfile
import threading
import time

import changed
import deps
import ports
from base import BUILD, ROOT, DevError, eventually, say, tail
from broker import Broker
from cluster import Cluster
from jobs import Job, Result
from suite import Instance
from supervisor import READY, Supervisor

PARALLEL = 2
# Most jobs wait more than they compute (for a restart, for a message that comes again, for a disk), so there is one lane more than there
# are cores. Those that keep every core busy by themselves measure how fast something recovers: one of them at a time.
LANES = 3
UNDER_LOAD = tuple(f'tests/chaos/test_{name}' for name in ('chaos', 'drain', 'outages', 'twice'))
SLOWEST = 10
EXPECTED = {'tests/chaos/test_import_crashes': 250, 'suite on postgres': 200, 'suite on sqlite': 150, 'tests/chaos/test_chaos': 150,
            'tests/chaos/test_outages': 100, 'tests/chaos/test_drain': 50, 'tests/component/test_broker': 45, 'tests/dev/test_instance': 40,
            'tests/component/test_demo_up': 40, 'tests/component/test_console_browser': 200, 'tests/component/test_live_demo': 35, 'tests/chaos/test_birthday_crashes': 30,
            'notifications_store_test': 25}      # seconds, for the first run in a clone
SHARED_MEMORY, ROOMY = pathlib.Path('/dev/shm'), 4 << 30
DEADLINES = {'fuzz': 8 * 3600, 'chaos': 1500, 'e2e': 900, 'architecture': 900, 'component': 600}     # seconds, by folder of tests/
DEADLINE = 300
NOT_QUICK = ('test_console_browser', 'test_demo_up', 'test_live_demo')      # each brings up a suite of its own and fills it
TIMINGS = BUILD / 'test-seconds.json'
INDENT = '    '


def roomy_memory():
    """A file system in memory for what a thousand tests make and nobody reads again, where one has the room; else None."""
    try:
        free = shutil.disk_usage(SHARED_MEMORY).free
        with open('/proc/meminfo', encoding='ascii') as info:
            available = next(int(line.split()[1]) * 1024 for line in info if line.startswith('MemAvailable'))
    except OSError:
        return None
    return SHARED_MEMORY if min(free, available) > ROOMY else None


@contextlib.contextmanager
def scratch():
    """One PostgreSQL cluster and one nats-server for all tests that bring no suite of their own; answers
    the environment that tells of them. Tests make databases and streams of their own names in there."""
    shared_memory = roomy_memory()
    folder = pathlib.Path(tempfile.mkdtemp(prefix='renxin-test-', dir=shared_memory)).resolve()
    postgres_port, nats_port, monitor_port = ports.free_ports(3)
    cluster = Cluster(folder, postgres_port, folder / 'postgres.log', *([shared_memory] if shared_memory else []))
    broker = Broker(folder, nats_port, monitor_port, folder / 'nats.log')
    supervisor = None
    try:
        cluster.prepare()
        broker.prepare_scratch()
        supervisor = Supervisor([cluster.spec(), broker.spec()])
        supervisor.start('postgres', 'nats')
        children = supervisor.children.values()
        if not eventually(30, lambda: all(child.state == READY for child in children)):
            slow = next(child for child in children if child.state != READY)
            raise DevError(f'{slow.spec.name} for the tests does not start:\n{tail(slow.spec.log)}')
        yield {'RENXIN_TEST_POSTGRES_URL': cluster.superuser_url(), 'RENXIN_TEST_NATS_URL': broker.url,
               'RENXIN_TEST_NATS_SERVER': str(deps.nats_server())}
    finally:
        if supervisor:
            cluster.forget(supervisor.children['postgres'].spec)
            supervisor.stop('nats', 'postgres')
            supervisor.close()
        cluster.destroy()
        shutil.rmtree(folder, ignore_errors=True)


def acceptance_data():
    """The folder of real data beside the project, or None with a word about it."""
    given = os.environ.get('RENXIN_DATA')
    data = pathlib.Path(given) if given else ROOT.parent / 'shared' / 'data'
    if data.is_dir():
        return data.resolve()
    say(f'acceptance data absent ({data})')
    return None


def programs_of(build):
    """The GoogleTest programs of a build folder."""
    return [path for path in sorted((build / 'tests').glob('*')) if path.is_file() and os.access(path, os.X_OK)]


def touched_by_changes(programs, named):
    paths = changed.changed()
    modules = {name: changed.services_of(path) for name, path in named.items() if path.suffix == '.py'}
    names = changed.touched(paths, changed.closures(programs), modules)
    say(f'{len(paths)} files have changed since main; they touch {len(names)} of {len(named)} programs and modules')
    return {name: path for name, path in named.items() if name in names}


class Selection:
    """FILTER names programs and modules; when none bears it, test cases. `only_changed` leaves out what no change can touch."""

    def __init__(self, wanted, quick, only_changed=False):
        programs = programs_of(BUILD)
        modules = sorted((ROOT / 'tests').glob('*/test_*.py'))
        if quick:
            modules = [path for path in modules if path.parent.name != 'chaos' and path.stem not in NOT_QUICK]
        named = {path.name: path for path in programs}
        named |= {str(path.relative_to(ROOT).with_suffix('')): path for path in modules}
        if only_changed:
            named = touched_by_changes(programs, named)
        matching = {name: path for name, path in named.items() if not wanted or wanted in name}
        self.case = None if matching else wanted
        self.named = matching or named

    def jobs(self, folder, environment, end_to_end=False, tag=''):
        chosen = []
        for name, path in self.named.items():
            kind = path.parent.name if path.suffix == '.py' else 'program'
            if (kind == 'e2e') != end_to_end:
                continue
            report = folder / f'{name.replace("/", ".")}{tag and "." + tag}.json'
            chosen.append(Job(f'{name}{tag and f" [{tag}]"}', path, report, environment,
                              DEADLINES.get(kind, DEADLINE), self.case))
        return chosen


def environment_for(extra, quick, heavy):
    path = os.pathsep.join([str(ROOT / 'infra/dev'), str(ROOT / 'tests/e2e')])
    reported = {**os.environ, **extra, 'PYTHONPATH': path, 'PYTHONDONTWRITEBYTECODE': '1', 'RENXIN_ROOT': str(ROOT)}
    if quick:
        reported['RENXIN_TEST_QUICK'] = '1'
    if heavy:
        reported['RENXIN_TEST_LONG'] = '1'
    return reported


def known_times():
    try:
        return json.loads(TIMINGS.read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return {}


def slowest_first(jobs):
    """By the last run's times, else by what is expected, so that nobody waits at the end for one that began late."""
    known = EXPECTED | known_times()
    return sorted(jobs, key=lambda job: -known.get(job.name, 0))


class Queue:
    """The jobs that wait. Of those UNDER_LOAD one is given out at a time, and before all others: they make the longest chain."""

    def __init__(self, jobs):
        self._waiting = slowest_first(jobs)
        self._loaded = False
        self._lock = threading.Lock()

    def next_job(self):
        """The next job; None when nothing is left that this lane may run: who runs the one under load takes the next of them."""
        with self._lock:
            loading = [job for job in self._waiting if job.name in UNDER_LOAD]
            others = [job for job in self._waiting if job.name not in UNDER_LOAD]
            job = next(iter(others if self._loaded else loading + others), None)
            if job:
                self._waiting.remove(job)
                self._loaded = self._loaded or job.name in UNDER_LOAD
            return job

    def done(self, job):
        with self._lock:
            self._loaded = self._loaded and job.name not in UNDER_LOAD

    def clear(self):
        with self._lock:
            self._waiting.clear()


def run_jobs(jobs, parallel, remember=False):
    """`remember`: their times order the next run, so not those of a narrowed one."""
    queue, results, times = Queue(jobs), [], {}

    def lane():
        ran = []
        while job := queue.next_job():
            began = time.monotonic()
            try:
                ran += job.run() if isinstance(job, EndToEnd) else shown(job)
            finally:
                queue.done(job)
            times[job.name] = round(time.monotonic() - began, 1)
        return ran

    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        lanes = [pool.submit(lane) for _ in range(parallel)]
        try:
            for ended in concurrent.futures.as_completed(lanes):
                results += ended.result()
        except BaseException:
            queue.clear()
            for job in jobs:
                job.cancel()
            raise
    if remember:
        TIMINGS.write_text(json.dumps(known_times() | times, indent=1, sort_keys=True), encoding='utf-8')
    return results


def show(result):
    print(result.line(), flush=True)
    for test, text in result.failures:
        print(f'{INDENT}{test}\n' + '\n'.join(f'{INDENT * 2}{line}' for line in text.splitlines()), flush=True)


def shown(job):
    result = job.run()
    show(result)
    return [result]


class EndToEnd:
    """Every end-to-end module, one after the other, against one running suite on a database. It waits more than it
    computes, so other jobs run beside it."""
    seconds = DEADLINES['e2e']

    def __init__(self, selection, folder, environment, database):
        self.name = f'suite on {database}'
        self.database = database
        self.environment = environment
        self.cancelled = False
        self.jobs = selection.jobs(folder, environment, end_to_end=True, tag=database)

    def run(self):
        say(f'starting a suite on {self.database}')
        results = []
        if self.cancelled:
            return results
        try:
            with Instance(database=self.database) as suite:
                reported = {**self.environment, 'RENXIN_E2E_INSTANCE': str(suite.file), 'RENXIN_E2E_DATABASE': self.database}
                for job in self.jobs:
                    if self.cancelled:
                        break
                    job.environment = reported
                    results += shown(job)
        except DevError as error:
            results.append(Result(self.name, failures=[(self.name, str(error))]))
            show(results[-1])
        return results

    def cancel(self):
        self.cancelled = True
        for job in self.jobs:
            job.cancel()


def test(wanted, quick, heavy, only_changed=False):
    selection = Selection(wanted, quick, only_changed)
    data = acceptance_data()
    results = []
    if data is None and os.environ.get('CI') == 'true':
        results.append(Result('acceptance data', failures=[('acceptance data', 'absent, and this is CI')]))
    with tempfile.TemporaryDirectory(prefix='renxin-reports-') as folder, scratch() as reported:
        environment = environment_for({**reported, **({'RENXIN_DATA': str(data)} if data else {})}, quick, heavy)
        folder = pathlib.Path(folder)
        jobs = selection.jobs(folder, environment)
        suites = [EndToEnd(selection, folder, environment, database)
                  for database in (('sqlite',) if quick else ('sqlite', 'postgres'))]
        results += run_jobs(jobs + [suite for suite in suites if suite.jobs], LANES, remember=not wanted and not quick and not only_changed)
    return conclude(results)


def conclude(results):
    """The last line is for machines as well."""
    print('slowest:')
    for result in sorted(results, key=lambda result: -result.seconds)[:SLOWEST]:
        print(f'{result.seconds:7.1f} s {result.name}')
    passed, failed = sum(result.passed for result in results), sum(result.failed for result in results)
    for result in results:
        for name, _ in result.failures:
            print(f'FAIL {result.name}: {name}')
    if not passed and not failed:
        print('no test was run')
    print(f'{passed} passed, {failed} failed', flush=True)
    return 1 if failed or not passed else 0
