"""`./dev test`: every GoogleTest program and every Python test module, with what they need running."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import tempfile

import deps
import ports
from base import BUILD, ROOT, DevError, eventually, say, tail
from broker import Broker
from cluster import Cluster
from jobs import Job, Result
from suite import Instance
from supervisor import READY, Supervisor

PARALLEL = 2
DEADLINES = {'chaos': 1500, 'e2e': 900, 'architecture': 900, 'component': 600}     # seconds, by folder of tests/
DEADLINE = 300
NOT_QUICK = ('test_demo_up', 'test_live_demo')      # each brings up a suite of its own and fills it
TIMINGS = BUILD / 'test-seconds.json'
INDENT = '    '


@contextlib.contextmanager
def scratch():
    """One PostgreSQL cluster and one nats-server for all tests that bring no suite of their own; answers
    the environment that tells of them. Tests make databases and streams of their own names in there."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix='renxin-test-')).resolve()
    postgres_port, nats_port, monitor_port = ports.free_ports(3)
    cluster = Cluster(folder, postgres_port, folder / 'postgres.log')
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


class Selection:
    """FILTER names programs and modules; when none bears it, test cases."""

    def __init__(self, wanted, quick):
        programs = programs_of(BUILD)
        modules = sorted((ROOT / 'tests').glob('*/test_*.py'))
        if quick:
            modules = [path for path in modules if path.parent.name != 'chaos' and path.stem not in NOT_QUICK]
        named = {path.name: path for path in programs}
        named |= {str(path.relative_to(ROOT).with_suffix('')): path for path in modules}
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
    told = {**os.environ, **extra, 'PYTHONPATH': path, 'PYTHONDONTWRITEBYTECODE': '1', 'RENXIN_ROOT': str(ROOT)}
    if quick:
        told['RENXIN_TEST_QUICK'] = '1'
    if heavy:
        told['RENXIN_TEST_LONG'] = '1'
    return told


def slowest_first(jobs):
    """By the last run's times, so that nobody waits at the end for one that began late."""
    try:
        known = json.loads(TIMINGS.read_text(encoding='utf-8'))
    except (OSError, ValueError):
        known = {}
    return sorted(jobs, key=lambda job: -known.get(job.name, DEADLINE))


def run_jobs(jobs, parallel):
    results = []
    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        waiting = [pool.submit(job.run) for job in slowest_first(jobs)]
        try:
            for done in concurrent.futures.as_completed(waiting):
                results.append(done.result())
                show(results[-1])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for job in jobs:
                job.cancel()
            raise
    return results


def show(result):
    print(result.line(), flush=True)
    for test, text in result.failures:
        print(f'{INDENT}{test}\n' + '\n'.join(f'{INDENT * 2}{line}' for line in text.splitlines()), flush=True)


def run_end_to_end(selection, folder, environment, databases):
    """The same modules against one running suite per database."""
    results = []
    for database in databases:
        if not selection.jobs(folder, environment, end_to_end=True):
            break
        say(f'starting a suite on {database}')
        try:
            with Instance(database=database) as suite:
                told = {**environment, 'RENXIN_E2E_INSTANCE': str(suite.file), 'RENXIN_E2E_DATABASE': database}
                results += run_jobs(selection.jobs(folder, told, end_to_end=True, tag=database), 1)
        except DevError as error:
            results.append(Result(f'suite on {database}', failures=[(f'suite on {database}', str(error))]))
            show(results[-1])
    return results


def remember_times(results):
    try:
        known = json.loads(TIMINGS.read_text(encoding='utf-8'))
    except (OSError, ValueError):
        known = {}
    known |= {result.name: round(result.seconds, 1) for result in results}
    TIMINGS.write_text(json.dumps(known, indent=1, sort_keys=True), encoding='utf-8')


def test(wanted, quick, heavy):
    selection = Selection(wanted, quick)
    data = acceptance_data()
    results = []
    if data is None and os.environ.get('CI') == 'true':
        results.append(Result('acceptance data', failures=[('acceptance data', 'absent, and this is CI')]))
    with tempfile.TemporaryDirectory(prefix='renxin-reports-') as folder, scratch() as told:
        environment = environment_for({**told, **({'RENXIN_DATA': str(data)} if data else {})}, quick, heavy)
        folder = pathlib.Path(folder)
        if quick:
            # Both wait more than they compute.
            with concurrent.futures.ThreadPoolExecutor(1) as beside:
                end_to_end = beside.submit(run_end_to_end, selection, folder, environment, ('sqlite',))
                results += run_jobs(selection.jobs(folder, environment), 1)
                results += end_to_end.result()
        else:
            results += run_jobs(selection.jobs(folder, environment), PARALLEL)
            results += run_end_to_end(selection, folder, environment, ('sqlite', 'postgres'))
    remember_times(results)
    return conclude(results)


def conclude(results):
    """The last line is for machines as well."""
    passed, failed = sum(result.passed for result in results), sum(result.failed for result in results)
    for result in results:
        for name, _ in result.failures:
            print(f'FAIL {result.name}: {name}')
    if not passed and not failed:
        print('no test was run')
    print(f'{passed} passed, {failed} failed', flush=True)
    return 1 if failed or not passed else 0
