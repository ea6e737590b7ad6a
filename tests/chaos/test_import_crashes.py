"""A tenth of the real till data: imported twice, in every order of files, and with a process dying at every crash point
or by kill -9 in the middle, it ends in the same statements (C12, L11). One suite for the
tests of a database, and no other test on it: its processes are killed."""
import csv
import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness                      # noqa: E402  (on the path by ./dev test)
from audit import idle              # noqa: E402
from run import BACKOFF_MOST         # noqa: E402
from files import Source, idle as settled   # noqa: E402
from suite import Instance          # noqa: E402

SERVICES = ('identity', 'leads', 'referrals', 'commissions', 'cli')
KINDS = ('staff', 'moves', 'customers', 'attributions', 'settlements')
PERIODS = ('2010-12', '2011-01', '2011-02', '2011-03', '2011-04', '2011-05', '2011-06')
# (service, crash point, pass): each is passed while the files come in.
POINTS = (('leads', 'after_chunk', 3), ('leads', 'after_batch', 4), ('leads', 'before_commit', 30), ('leads', 'after_commit', 30),
          ('leads', 'before_publish', 2), ('leads', 'before_mark', 2), ('commissions', 'before_ack', 3), ('referrals', 'before_ack', 3),
          ('referrals', 'after_batch', 1))
KILLED = ('leads', 'commissions', 'referrals', 'identity', 'gateway', 'nats')
LONG = bool(os.environ.get('RENXIN_TEST_LONG'))
IN_FLIGHT = 20      # records, at least, when a process is killed


def part_of(everything, folder, every):
    """The rows of every n-th customer, and all staff; answers how many records each file has."""
    folder.mkdir()
    records = {}
    for kind in KINDS:
        with open(everything / f'{kind}.csv', encoding='utf-8', newline='') as source, \
                open(folder / f'{kind}.csv', 'w', encoding='utf-8', newline='') as out:
            rows = csv.DictReader(source)
            writer = csv.DictWriter(out, rows.fieldnames, lineterminator='\n')
            writer.writeheader()
            taken = [row for row in rows if 'customer_no' not in row or int(row['customer_no'][1:]) % every == 0]
            writer.writerows(taken)
            records[kind] = len({row.get('settlement_no') or number for number, row in enumerate(taken)})
    return records


def real_data():
    data = os.environ.get('RENXIN_DATA')
    tool = pathlib.Path(data).parent / 'tools/real_inputs.py' if data else None
    return tool if tool and tool.exists() else None


class Imports:
    database = None
    first_order = None      # of those that a short run takes

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='renxin-tenth-'))
        subprocess.run([sys.executable, str(real_data()), str(cls.folder / 'all')], check=True, stdout=subprocess.DEVNULL)
        cls.files = cls.folder / 'tenth'
        cls.records = part_of(cls.folder / 'all/till', cls.files, 10)
        # All 120 orders of a tenth take a quarter of an hour a database: that is for the long run. Every run takes
        # a seventh of them, of a hundredth.
        cls.small = cls.files
        if not LONG:
            cls.small = cls.folder / 'hundredth'
            part_of(cls.folder / 'all/till', cls.small, 100)
        cls.extra = {}
        cls.suite = cls.enterClassContext(Instance(database=cls.database, extra=cls.extra, backoff_most=BACKOFF_MOST))
        cls.suite.login()
        cls.expected = cls.imported('calm')
        cls.expected_small = cls.imported('calm-small', files=cls.small)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def imported(cls, source, order=None, files=None):
        """Imports all files under a source of its own, waits for idle, answers the figures."""
        files = files or cls.files
        if order:
            for kind in order:
                cls.suite.renxin('import', kind, files / f'{kind}.csv', '--source', source)
            cls.suite.renxin('import', '--finish', source)
        else:
            cls.suite.renxin('import', '--dir', files, '--source', source)
        still = idle(cls.suite)
        if still:
            raise AssertionError(still)
        return cls.figures(source)

    @classmethod
    def figures(cls, source):
        client = harness.administrator_of(cls.suite)
        found = {}
        for period in PERIODS:
            for row in client.get(f'/v1/statements/{period}', query={'imported_from': source}).expect(200).json['statements']:
                found[period, row['staff_no']] = (row['plan'], row['performance_fen'], row['commission_fen'],
                                                  [(total['rule'], total['amount_fen']) for total in row['totals']])
        summary = client.get('/v1/settlements:summary', query={'imported_from': source}).expect(200).json
        return found, summary

    def same(self, figures):
        self.assertGreater(len(self.expected[0]), 50)
        self.assertEqual(figures, self.expected)

    def another(self, name, pid):
        harness.eventually(60, lambda: self.suite.pids().get(name) not in (None, pid), f'another process of {name}')
        self.suite.wait_ready(name)

    def test_imported_twice_nothing_changes(self):
        self.same(self.imported('twice'))
        self.same(self.imported('twice'))

    def test_files_in_every_order_give_the_same_statements(self):
        orders = list(enumerate(itertools.permutations(KINDS)))
        self.assertEqual(len(orders), 120)
        self.assertGreater(len(self.expected_small[0]), 50)
        texts = {kind: (self.small / f'{kind}.csv').read_bytes() for kind in KINDS}
        # Neighbours differ only at their ends; the two databases take different ones.
        chosen = orders if LONG else orders[self.first_order::7]
        for number, order in chosen:
            with self.subTest(order=order):
                client = harness.administrator_of(self.suite)       # a token lives ten minutes
                source = Source(f'order-{number}', client)
                for kind in order:
                    source.run(kind, texts[kind])
                for kind in KINDS:
                    source.close(kind)
                settled(client)
                self.assertEqual(self.figures(source.name), self.expected_small)

    def test_every_crash_point_leaves_the_same_figures(self):
        """What a consumer had not acknowledged when it died comes again after half a minute: that is waited for once, for all of them."""
        sources = []
        for service, point, passes in POINTS:
            with self.subTest(service=service, point=point):
                self.suite.hold(service)
                self.extra[service] = {'RENXIN_CRASH_AT': f'{point}:{passes}'}
                self.suite.release(service)
                self.suite.wait_ready(service)
                armed = self.suite.pids()[service]
                del self.extra[service]         # its next life does not die again
                sources.append(f'{service}-{point.replace("_", "-")}')
                self.suite.renxin('import', '--dir', self.files, '--source', sources[-1])
                self.another(service, armed)    # it was hit
        self.assertFalse(idle(self.suite))
        for source in sources:
            with self.subTest(source):
                self.same(self.figures(source))

    def test_each_process_killed_in_turn_leaves_the_same_figures(self):
        for name in KILLED:
            with self.subTest(name):
                # What the file that is coming in when it dies builds on has come in before.
                kind = 'attributions' if name == 'referrals' else 'settlements'
                source = Source(f'killed-{name}', harness.administrator_of(self.suite))
                for other in KINDS:
                    if other != kind:
                        self.suite.renxin('import', other, self.files / f'{other}.csv', '--source', source.name)
                operation = source.begin(kind, (self.files / f'{kind}.csv').read_bytes())
                seen = source.operation(operation)
                in_flight = self.records[kind] - int(seen['import']['report'].get('read') or 0)
                pid = self.suite.kill(name)
                self.assertEqual(seen['state'], 'OPERATION_STATE_RUNNING')
                self.assertGreaterEqual(in_flight, IN_FLIGHT)
                self.another(name, pid)
                self.suite.renxin('import', '--finish', source.name)
                self.assertFalse(idle(self.suite))
                self.same(self.figures(source.name))


if real_data():
    class OnSqlite(Imports, unittest.TestCase):
        database = 'sqlite'
        first_order = 0

    class OnPostgres(Imports, unittest.TestCase):
        database = 'postgres'
        first_order = 3
else:
    print('acceptance data absent: the crash tests of imports are not registered')


if __name__ == '__main__':
    unittest.main()
