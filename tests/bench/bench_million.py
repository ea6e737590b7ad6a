"""One settlements file of a million rows: the rate by tenths of the file, the memory of each process while it comes in,
kill -9 of leads in the middle, and the same end as the file says.

  bench_million.py --database sqlite|postgres [--rows N]

Ends with 1 when a record is missing or doubled, when a process grows by more than a quarter (and 16 MiB) over what it was within the
first fifth of the file, or when the last tenth of the file is taken at less than half of the second's rate.
"""
import argparse
import csv
import http.client
import pathlib
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'infra/dev'), str(ROOT / 'tests/e2e'), str(ROOT / 'tests/chaos')]
import harness      # noqa: E402
from audit import Tables     # noqa: E402
from suite import BUSINESS, Instance    # noqa: E402

CUSTOMERS = 20_000
LINES = 2           # of a settlement
LOOK = 1.0          # seconds between two looks
SOURCE = 'million'
SECONDS = 1800


def write_files(folder, rows):
    """(records, fen) of what is written."""
    with open(folder / 'customers.csv', 'w', encoding='utf-8', newline='') as out:
        writer = csv.writer(out, lineterminator='\n')
        writer.writerow(('customer_no', 'name', 'phone'))
        writer.writerows((f'C{number:06d}', '王芳', f'138{number:08d}') for number in range(CUSTOMERS))
    total = 0
    with open(folder / 'settlements.csv', 'w', encoding='utf-8', newline='') as out:
        writer = csv.writer(out, lineterminator='\n')
        writer.writerow(('settlement_no', 'kind', 'customer_no', 'payer', 'occurred_at', 'settled_at', 'line_no', 'category', 'amount'))
        for row in range(rows):
            number, line = divmod(row, LINES)
            fen = 1 + row % 99_999
            total += fen
            at = f'2025-{1 + number % 12:02d}-{1 + number % 28:02d}T09:{number % 60:02d}:00+08:00'
            writer.writerow((f'S{number:07d}', 'sale', f'C{number * 7 % CUSTOMERS:06d}', 'self', at, at, line + 1, 'checkup',
                             f'{fen // 100}.{fen % 100:02d}'))
    return rows // LINES, total


class Watch:
    """Looks at the import until it has ended: (seconds, records read, PSS by process) at each look."""

    def __init__(self, suite, operation, records):
        self.suite, self.records = suite, records
        self.looks, self.killed_at, self.state = [], None, ''
        self._path = f'/v1/operations/{operation}'
        self._client = harness.administrator_of(suite)
        self._began = time.monotonic()

    def run(self, seconds):
        """True when it has ended within its time."""
        while time.monotonic() - self._began < seconds:
            if self._look():
                return True
            threading.Event().wait(LOOK)
        return False

    def _look(self):
        try:
            reply = self._client.get(self._path)
        except (OSError, http.client.HTTPException):
            return False
        if reply.status == 401:
            self._client = harness.administrator_of(self.suite)
        if reply.status != 200:     # or leads has just been killed
            return False
        self.state, read = reply.json['state'], int(reply.json.get('import', {}).get('report', {}).get('read') or 0)
        self.looks.append((time.monotonic() - self._began, read, {name: self.suite.pss(name) for name in (*BUSINESS, 'gateway', 'nats')}))
        if self.killed_at is None and read > self.records // 2:
            self.killed_at = read
            self.suite.kill('leads')
        return self.state not in ('OPERATION_STATE_RECEIVING', 'OPERATION_STATE_RUNNING')

    def rates(self):
        """Records a second for each tenth of the file that several looks saw."""
        reported = []
        for tenth in range(10):
            inside = [(at, read) for at, read, _ in self.looks
                      if self.records * tenth // 10 <= read <= self.records * (tenth + 1) // 10]
            if len(inside) > 1 and inside[-1][0] > inside[0][0]:
                reported.append((tenth, (inside[-1][1] - inside[0][1]) / (inside[-1][0] - inside[0][0])))
        return reported

    def growth(self):
        """{process: (MiB within the first fifth, most afterwards)}"""
        reported = {}
        part = self.records // 5
        for name in (*BUSINESS, 'gateway', 'nats'):
            early = [memory[name] for _, read, memory in self.looks if 0 < read <= part]
            late = [memory[name] for _, read, memory in self.looks if read > part]
            if early and late:
                reported[name] = (max(early) / 2**20, max(late) / 2**20)
        return reported


def report(database, watch, seconds):
    wrong = []
    rates = watch.rates()
    print(f'{database}: settlements a second by tenth of the file: ' + ', '.join(f'{tenth + 1}: {rate:.0f}' for tenth, rate in rates))
    for name, (early, late) in watch.growth().items():
        print(f'{database}: {name} {early:.0f} MiB at first, at most {late:.0f} MiB afterwards')
        if late > max(1.25 * early, early + 16):
            wrong.append(f'{name} grew from {early:.0f} to {late:.0f} MiB')
    steady = dict(rates)
    if not watch.growth() or 1 not in steady or 9 not in steady:
        wrong.append('too few looks: the file was taken faster than it could be watched')
    elif steady[9] < steady[1] / 2:
        wrong.append(f'the rate fell from {steady[1]:.0f} to {steady[9]:.0f}')
    print(f'{database}: all of it within {seconds:.0f} s, leads killed after {watch.killed_at} settlements')
    return wrong + ([] if watch.killed_at else ['nobody was killed'])


def compare(suite, records, fen):
    """The file's own sums, at leads and at the two services that heard of every settlement."""
    client = harness.administrator_of(suite)
    summary = client.get('/v1/settlements:summary', query={'imported_from': SOURCE}).expect(200).json
    tables = Tables(suite)
    facts = 'select count(*), sum(total_fen) from settlement_facts'
    found = {'leads': (int(summary['settlements']), int(summary['net_total_fen'])),
             **{service: tuple(map(int, tables.rows(service, facts)[0])) for service in ('commissions', 'membership')}}
    return [f'{service} has {there}, the file {(records, fen)}' for service, there in found.items() if there != (records, fen)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--database', default='sqlite', choices=('sqlite', 'postgres'))
    parser.add_argument('--rows', type=int, default=1_000_000)
    reported = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='renxin-million-') as folder, Instance(database=reported.database) as suite:
        records, fen = write_files(pathlib.Path(folder), reported.rows)
        suite.login()
        suite.renxin('import', 'customers', f'{folder}/customers.csv', '--source', SOURCE)
        began = time.monotonic()
        client = harness.administrator_of(suite)
        client.timeout = SECONDS
        told_at_once = client.upload('/v1/imports', {'kind': 'settlements', 'source': SOURCE, 'dry_run': 'false'},
                                     f'{folder}/settlements.csv', key=harness.fresh()).expect(202)
        print(f'{reported.database}: uploaded within {time.monotonic() - began:.0f} s')
        watch = Watch(suite, told_at_once.json['id'], records)
        ended = watch.run(SECONDS)
        seconds = time.monotonic() - began
        suite.renxin('status', '--wait-idle', '--timeout', SECONDS, timeout=SECONDS + 60)
        print(f'{reported.database}: idle after {time.monotonic() - began:.0f} s')
        wrong = [] if ended else [f'not at its end after {SECONDS} s: {watch.state}']
        wrong += report(reported.database, watch, seconds) + compare(suite, records, fen)
    for line in wrong:
        print(f'WRONG {line}')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
