"""Durable `POST /v1/leads`, `GET /v1/leads/{id}` and a ping (gateway, bus and service without a database) through the gateway with
TLS, at 1, 32 and 128 connections; in the same run the statements that the database logged for one of each, run alone: by pgbench on
PostgreSQL, by SQLite's API there. Also where the time goes (perf), and on PostgreSQL what several lanes bring.

  bench_requests.py --database sqlite|postgres [--seconds N]

Ratios, not absolute figures: goals are POST at 32 >= 0.25 of that pgbench (on SQLite of its API, one in a transaction), its p99 <= 10
times pgbench's mean, GET >= 0.5 of the ping, and no answer but 2xx. What is compared is measured one right after the other, in
several rounds, and the middle of their ratios counts: the machine's own pace changes within minutes. Ends with 1 when an answer was
another or a request failed; goals are printed, met or not.
"""
import argparse
import collections
import contextlib
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'infra/dev'), str(ROOT / 'tests/e2e'), str(ROOT / 'tests/bench')]
import cpu          # noqa: E402
import deps         # noqa: E402
import harness      # noqa: E402
from cluster import PROGRAMS    # noqa: E402
from perf import Profile        # noqa: E402
from replay import SqliteReplay, StatementLog, script, sqlite_transactions     # noqa: E402
from suite import SERVICES, Instance    # noqa: E402

LUA = ROOT / 'tests/bench/requests.lua'
CONNECTIONS = (1, 32, 128)
ROLES = ['consultant', 'front_desk']
LANES = (3, 6, 9, 15)     # a third of them for requests
WARM_UP = 3     # seconds
ROUNDS = 3
PGBENCH, ONE_BY_ONE, TOGETHER = 'pgbench', "SQLite's API, one in a transaction", "SQLite's API, 32 in a transaction"


class Bench:
    def __init__(self, suite, extra, folder, seconds):
        self.suite, self.extra, self.folder, self.seconds = suite, extra, folder, seconds
        self.runs, self.people = 0, 0
        self.failed = []
        self.client = None
        self.sign_in()

    def sign_in(self):
        """A token for ten minutes, in a file: not on a command line."""
        admin = harness.administrator_of(self.suite)
        username = harness.fresh('bench-')[:40]
        admin.post('/v1/accounts', {'username': username, 'roles': ROLES, 'password': 'correct horse battery'}).expect(201)
        admin.post('/v1/accounts', {'username': username + 'o', 'roles': ['operations'], 'password': 'correct horse battery'}).expect(201)
        client = harness.sign_in(harness.anonymous(self.suite), username, 'correct horse battery')
        operator = harness.sign_in(harness.anonymous(self.suite), username + 'o', 'correct horse battery')
        for name, who in (('token', client), ('ping-token', operator)):
            (self.folder / name).write_text(who.token, encoding='ascii')
        self.client = client

    def leads(self, count):
        """Ids of new leads, in a file as well."""
        ids = []
        for number in range(self.people, self.people + count):
            body = {'channel': 'phone', 'name': '王芳', 'phone': f'189{number:08d}'}
            ids.append(self.client.post('/v1/leads', body, key=harness.fresh()).expect(201).json['lead']['id'])
        self.people += count
        (self.folder / 'ids').write_text('\n'.join(ids), encoding='ascii')
        return ids

    def used(self):
        return {name: cpu.of_tree(pid) for name, pid in self.suite.pids().items()}

    def wrk(self, what, connections, seconds):
        """What wrk measured."""
        self.runs += 1
        also = {'post': str(3_000_000_000 + self.runs * 20_000_000), 'get': str(self.folder / 'ids')}.get(what, '')
        done = subprocess.run(
            ['wrk', '-t', '1', '-c', str(connections), '-d', f'{seconds}s', '--timeout', '10s', '-s', str(LUA), self.suite.url, '--', what,
             str(self.folder / ('ping-token' if what == 'ping' else 'token')), harness.fresh('b-'), also],
            capture_output=True, text=True, timeout=seconds + 60, check=True)
        found = re.search(r'RESULT (.*)', done.stdout)
        return {name: int(value) for name, value in (pair.split('=') for pair in found.group(1).split())}

    def measure(self, what, connections):
        """Requests a second; prints what else there is to say."""
        self.sign_in()
        before = self.used()
        reported = self.wrk(what, connections, self.seconds)
        spent = {name: seconds - before.get(name, 0) for name, seconds in self.used().items()}
        rate = reported['requests'] / reported['micros'] * 1e6
        per_thousand = ', '.join(f'{name} {seconds / reported["requests"] * 1000:.2f}'
                                 for name, seconds in sorted(spent.items(), key=lambda pair: -pair[1]) if seconds > 0.05)
        print(f'{self.suite.database}: {what} at {connections}: {rate:.0f}/s, p50 {reported["p50"] / 1000:.1f} ms, p99 {reported["p99"] / 1000:.1f} ms; '
              f'CPU s per thousand: {per_thousand}', flush=True)
        if reported['status'] or reported['socket']:
            self.failed.append(f'{what} at {connections}: {reported["status"]} answers other than 2xx, {reported["socket"]} without an answer')
        return rate, reported['p99'] / 1000

    def pgbench(self, name, transaction, connections):
        """(transactions a second, mean in ms) of these statements alone; None when they fail."""
        path = self.folder / f'{name}.sql'
        path.write_text(script(transaction), encoding='utf-8')
        done = subprocess.run(
            [str(PROGRAMS / 'pgbench'), '-n', '-M', 'prepared', '-c', str(connections), '-j', '2', '-T', str(self.seconds), '-f', str(path),
             self.suite.cluster.service_url('leads', 'app')], capture_output=True, text=True, timeout=self.seconds + 60, check=False)
        rate, mean = re.search(r'tps = ([\d.]+)', done.stdout), re.search(r'latency average = ([\d.]+) ms', done.stdout)
        if done.returncode or not rate:
            self.failed.append(f'pgbench of {name}: {done.stderr[-1000:]}')
            return None
        print(f'postgres: pgbench with the {len(transaction)} statements of one {name} at {connections}: {float(rate.group(1)):.0f}/s, '
              f'mean {float(mean.group(1)):.1f} ms', flush=True)
        return float(rate.group(1)), float(mean.group(1))

    def leads_with(self, **environment):
        """leads runs again, told this."""
        self.extra['leads'] = environment
        self.suite.restart('leads')
        self.suite.wait_ready('leads')

    def sqlite_replay(self):
        """The statements of one POST, on a copy of the database."""
        log = self.folder / 'statements'
        self.leads_with(RENXIN_STATEMENT_LOG=str(log))
        self.leads(1)
        self.leads_with()
        transaction = next(one for one in sqlite_transactions(log) if any('into leads ' in sql for sql in one))
        self.suite.hold('leads')
        copy = self.folder / 'leads.db'
        shutil.copy(self.suite.database_url('leads').removeprefix('sqlite:'), copy)
        self.suite.release('leads')
        self.suite.wait_ready('leads')
        return SqliteReplay(copy, transaction)

    def sqlite_alone(self, replay):
        """{name: (requests a second, None)} through SQLite's API: one in a transaction, and 32 as a lane takes them."""
        reported = {}
        for name, together in ((ONE_BY_ONE, 1), (TOGETHER, 32)):
            reported[name] = (replay.run(self.seconds, together), None)
            print(f'sqlite: the {replay.statements} statements of one POST through {name}: {reported[name][0]:.0f}/s', flush=True)
        return reported

    def profile(self, what):
        """Which program, library and function the time of a run at 32 goes to."""
        self.sign_in()
        with Profile(self.folder) as looked:
            self.wrk(what, 32, self.seconds)
        looked.tell(f'{self.suite.database}: profile of {what} at 32')

    def several_lanes(self):
        rates = collections.defaultdict(list)
        for _ in range(ROUNDS):
            for count in LANES:
                self.leads_with(RENXIN_LANES=str(count))
                self.wrk('post', 32, WARM_UP)
                print(f'{count} lanes: ', end='')
                rates[count].append(self.measure('post', 32)[0])
        self.leads_with()
        for count in LANES[1:]:
            share = statistics.median(several / one for several, one in zip(rates[count], rates[LANES[0]]))
            print(f'postgres: {count} lanes take {share:.2f} of what {LANES[0]} take')

    def statements(self):
        """What PostgreSQL logs for one POST and one GET."""
        with StatementLog(self.suite, 'renxin_leads_app') as log:
            lead = self.leads(1)[0]
            self.client.get(f'/v1/leads/{lead}').expect(200)
        found = log.transactions()
        post = next(one for one in found if any('into leads ' in sql for sql, _ in one))
        get = [one for one in found if lead in str(one) and one is not post][-1]
        return post, get


def rounds(bench, alone):
    """{(what, connections): [(a second, ms: p99, pgbench's mean) of each round]}; `alone` measures the database by itself."""
    reported = collections.defaultdict(list)
    for connections in CONNECTIONS:
        for _ in range(ROUNDS):
            for what in ('post', 'get', 'ping'):
                reported[what, connections].append(bench.measure(what, connections))
            for name, measured in (alone() if connections == 32 else {}).items():
                reported[name, connections].append(measured)
    return reported


def goals(measured):
    """Printed, met or not: the middle of the rounds, and each."""
    def middle(what, other, connections, of=lambda one, two: one[0] / two[0]):
        shares = [of(one, two) for one, two in zip(measured[what, connections], measured[other, connections]) if two]
        return statistics.median(shares or [float('nan')]), ', '.join(f'{share:.2f}' for share in shares)

    def reported(text, each, met):
        print(f'goal {"met" if met else "NOT met"}: {text}; by rounds: {each}')
    for connections in CONNECTIONS:
        share, each = middle('get', 'ping', connections)
        reported(f'GET at {connections} is {share:.2f} of the ping (0.5)', each, share >= 0.5)
    for name in (PGBENCH, ONE_BY_ONE, TOGETHER):
        share, each = middle('post', name, 32)
        if name == TOGETHER and each:
            print(f'no goal: POST at 32 is {share:.2f} of {name}; by rounds: {each}')
        elif each:
            reported(f'POST at 32 is {share:.2f} of {name} (0.25)', each, share >= 0.25)
    times, each = middle('post', PGBENCH, 32, lambda one, two: one[1] / two[1])
    if each:
        reported(f'its p99 is {times:.1f} times the mean of pgbench (10)', each, times <= 10)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--database', default='sqlite', choices=('sqlite', 'postgres'))
    parser.add_argument('--seconds', type=int, default=4)
    reported = parser.parse_args()
    deps.install(deps.BENCH_PACKAGES)
    with contextlib.ExitStack() as around:
        folder = pathlib.Path(around.enter_context(tempfile.TemporaryDirectory(prefix='renxin-bench-')))
        extra = {}
        suite = around.enter_context(Instance(database=reported.database, extra=extra))
        bench = Bench(suite, extra, folder, reported.seconds)
        bench.leads(100)
        if suite.cluster:
            post, get = bench.statements()
        else:
            replay = bench.sqlite_replay()
        bench.leads(100)
        for what in ('post', 'get', 'ping'):
            bench.wrk(what, 8, WARM_UP)
        measured = rounds(bench, lambda: {PGBENCH: bench.pgbench('POST', post, 32)} if suite.cluster else bench.sqlite_alone(replay))
        for what in ('post', 'get'):
            bench.profile(what)
        print('PSS: ' + ', '.join(f'{name} {suite.pss(name) / 2**20:.0f} MiB' for name in SERVICES))
        if suite.cluster:
            bench.pgbench('GET', get, 32)
            bench.several_lanes()
        goals(measured)
    for line in bench.failed:
        print(f'WRONG {line}')
    return 1 if bench.failed else 0


if __name__ == '__main__':
    sys.exit(main())
