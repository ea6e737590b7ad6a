"""Two builds of the suite beside each other, this one and that of another commit: `POST /v1/leads` and `GET /v1/leads/{id}` at several
connections, each point measured on one and right after it on the other, in rounds; what counts is the middle of the ratios.

  beside.py --before CHECKOUT [--database sqlite|postgres] [--seconds N] [--rounds N]

CHECKOUT is another working tree that is built; `./dev bench --before COMMIT` makes one. Both suites run all the time, each started by its own `./dev up --no-build` in a
folder of its own. Printed are requests a second, p99, and CPU seconds per thousand requests over all processes of a suite (database and broker
among them). Ends with 1 when a request was answered otherwise than 2xx.
"""
import argparse
import collections
import contextlib
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'infra/dev'), str(ROOT / 'tests/e2e')]
import cpu          # noqa: E402
import deps         # noqa: E402
import harness      # noqa: E402

LUA = ROOT / 'tests/bench/requests.lua'
CONNECTIONS = (1, 32, 128)
WHAT = ('post', 'get')
PASSWORD = 'correct horse battery'


class Suite:
    """A suite of `checkout`, up until the end of the scope."""

    def __init__(self, checkout, folder, database):
        self.checkout, self.folder, self.database = pathlib.Path(checkout).resolve(), pathlib.Path(folder), database
        self.runs = 0

    def dev(self, *arguments):
        return [str(self.checkout / 'dev'), *arguments, '--var', str(self.folder / 'var')]

    def __enter__(self):
        database = ['--postgres'] if self.database == 'postgres' else []
        with open(self.folder / 'up.log', 'w', encoding='utf-8') as log:
            self.up = subprocess.Popen(self.dev('up', '--no-build', *database), stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        harness.eventually(120, self.ready, f'the suite of {self.checkout}')
        self.instance = json.loads((self.folder / 'var/instance.json').read_text(encoding='utf-8'))
        return self

    def ready(self):
        if self.up.poll() is not None:
            raise AssertionError((self.folder / 'up.log').read_text(encoding='utf-8')[-2000:])
        return subprocess.run(self.dev('status'), capture_output=True, check=False).returncode == 0

    def __exit__(self, *_):
        subprocess.run(self.dev('down'), capture_output=True, check=False)
        self.up.wait(90)

    def sign_in(self):
        """A token for ten minutes, in a file: not on a command line."""
        name = harness.fresh('bench-')[:40]
        harness.administrator_of(self.instance).post(
            '/v1/accounts', {'username': name, 'roles': ['consultant', 'front_desk'], 'password': PASSWORD}).expect(201)
        client = harness.sign_in(harness.anonymous(self.instance), name, PASSWORD)
        (self.folder / 'token').write_text(client.token, encoding='ascii')
        return client

    def fill(self, count):
        client = self.sign_in()
        ids = [client.post('/v1/leads', {'channel': 'phone', 'name': '王芳', 'phone': f'189{number:08d}'}, key=harness.fresh())
               .expect(201).json['lead']['id'] for number in range(count)]
        (self.folder / 'ids').write_text('\n'.join(ids), encoding='ascii')

    def used(self):
        return sum(cpu.of_tree(process['pid']) for process in self.instance['processes'].values())

    def wrk(self, what, connections, seconds):
        self.runs += 1
        also = {'post': str(3_000_000_000 + self.runs * 20_000_000), 'get': str(self.folder / 'ids')}[what]
        done = subprocess.run(
            ['wrk', '-t', '1', '-c', str(connections), '-d', f'{seconds}s', '--timeout', '10s', '-s', str(LUA), self.instance['url'], '--', what,
             str(self.folder / 'token'), harness.fresh('b-'), also], capture_output=True, text=True, timeout=seconds + 60, check=True)
        found = re.search(r'RESULT (.*)', done.stdout)
        return {name: int(value) for name, value in (pair.split('=') for pair in found.group(1).split())}

    def measure(self, what, connections, seconds):
        """(requests a second, p99 in ms, CPU seconds per thousand)"""
        self.sign_in()
        before = self.used()
        measured = self.wrk(what, connections, seconds)
        if measured['status'] or measured['socket']:
            raise AssertionError(f'{self.checkout}: {what} at {connections}: {measured}')
        return (measured['requests'] / measured['micros'] * 1e6, measured['p99'] / 1000,
                (self.used() - before) / measured['requests'] * 1000)


def tell(points):
    for (what, connections), rounds in points.items():
        middle = [[statistics.median(one[side][figure] for one in rounds) for figure in range(3)] for side in (0, 1)]
        ratio = [statistics.median(now[figure] / before[figure] for before, now in rounds) for figure in range(3)]
        print(f'{what} at {connections}: before {middle[0][0]:.0f}/s, p99 {middle[0][1]:.1f} ms, {middle[0][2]:.2f} CPU s per thousand; now '
              f'{middle[1][0]:.0f}/s, {middle[1][1]:.1f} ms, {middle[1][2]:.2f}; ratios: rate {ratio[0]:.2f}, p99 {ratio[1]:.2f}, CPU '
              f'{ratio[2]:.2f}; rates by rounds: ' + ', '.join(f'{now[0] / before[0]:.2f}' for before, now in rounds), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--before', required=True)
    parser.add_argument('--database', default='sqlite', choices=('sqlite', 'postgres'))
    parser.add_argument('--seconds', type=int, default=4)
    parser.add_argument('--rounds', type=int, default=3)
    given = parser.parse_args()
    deps.install(deps.BENCH_PACKAGES)
    with contextlib.ExitStack() as around:
        suites = []
        for checkout in (given.before, ROOT):
            folder = around.enter_context(tempfile.TemporaryDirectory(prefix='renxin-beside-'))
            suites.append(around.enter_context(Suite(checkout, folder, given.database)))
            suites[-1].fill(100)
            for what in WHAT:
                suites[-1].wrk(what, 8, 2)
        points = collections.defaultdict(list)
        for _ in range(given.rounds):
            for connections in CONNECTIONS:
                for what in WHAT:
                    points[what, connections].append([suite.measure(what, connections, given.seconds) for suite in suites])
        print(given.database)
        tell(points)
    return 0


if __name__ == '__main__':
    sys.exit(main())
