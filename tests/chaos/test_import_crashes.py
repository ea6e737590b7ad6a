"""A tenth of the real till data: imported twice, in any order of files, and with a process dying at every crash point
or by kill -9 in the middle, it ends in the same statements (C12, L11)."""
import csv
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness                      # noqa: E402  (on the path by ./dev test)
from audit import idle              # noqa: E402
from suite import Instance          # noqa: E402

KINDS = ('staff', 'moves', 'customers', 'attributions', 'settlements')
PERIODS = ('2010-12', '2011-01', '2011-02', '2011-03', '2011-04', '2011-05', '2011-06')
# (service, crash point, pass): each is passed while the files come in.
POINTS = (('leads', 'after_chunk', 3), ('leads', 'after_batch', 4), ('leads', 'before_commit', 30), ('leads', 'after_commit', 30),
          ('leads', 'before_publish', 2), ('leads', 'before_mark', 2), ('commissions', 'before_ack', 3), ('referrals', 'before_ack', 3),
          ('referrals', 'after_batch', 1))
KILLED = ('leads', 'commissions', 'referrals', 'identity', 'gateway', 'nats')


def tenth_of(everything, folder):
    """The rows of every tenth customer, and all staff."""
    for kind in KINDS:
        with open(everything / f'{kind}.csv', encoding='utf-8', newline='') as source, \
                open(folder / f'{kind}.csv', 'w', encoding='utf-8', newline='') as out:
            rows = csv.DictReader(source)
            writer = csv.DictWriter(out, rows.fieldnames, lineterminator='\n')
            writer.writeheader()
            writer.writerows(row for row in rows if 'customer_no' not in row or int(row['customer_no'][1:]) % 10 == 0)


def real_data():
    data = os.environ.get('RENXIN_DATA')
    tool = pathlib.Path(data).parent / 'tools/real_inputs.py' if data else None
    return tool if tool and tool.exists() else None


class Imports:
    database = None

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='renxin-tenth-'))
        subprocess.run([sys.executable, str(real_data()), str(cls.folder / 'all')], check=True, stdout=subprocess.DEVNULL)
        cls.files = cls.folder / 'tenth'
        cls.files.mkdir()
        tenth_of(cls.folder / 'all/till', cls.files)
        cls.extra = {}
        cls.suite = cls.enterClassContext(Instance(database=cls.database, extra=cls.extra))
        cls.suite.login()
        cls.expected = cls.imported('calm')

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def imported(cls, source, order=None):
        """Imports all files under a source of its own, waits for idle, answers the figures."""
        if order:
            for kind in order:
                cls.suite.renxin('import', kind, cls.files / f'{kind}.csv', '--source', source)
            cls.suite.renxin('import', '--finish', source)
        else:
            cls.suite.renxin('import', '--dir', cls.files, '--source', source)
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

    def test_files_in_any_order_give_the_same_statements(self):
        orders = [list(reversed(KINDS)), random.Random(20261121).sample(KINDS, len(KINDS))]
        for number, order in enumerate(orders):
            with self.subTest(order=order):
                self.same(self.imported(f'order-{number}', order))

    def test_every_crash_point_leaves_the_same_figures(self):
        for service, point, passes in POINTS:
            with self.subTest(service=service, point=point):
                self.suite.hold(service)
                self.extra[service] = {'RENXIN_CRASH_AT': f'{point}:{passes}'}
                self.suite.release(service)
                self.suite.wait_ready(service)
                armed = self.suite.pids()[service]
                del self.extra[service]         # its next life does not die again
                self.same(self.imported(f'{service}-{point.replace("_", "-")}'))
                self.another(service, armed)    # it was hit

    def test_each_process_killed_in_turn_leaves_the_same_figures(self):
        result = []
        importing = threading.Thread(target=lambda: result.append(self.imported('killed')))
        importing.start()
        for name in KILLED:
            self.another(name, self.suite.kill(name))
        importing.join()
        self.assertTrue(result, 'the import failed')
        self.same(result[0])


if real_data():
    class OnSqlite(Imports, unittest.TestCase):
        database = 'sqlite'

    class OnPostgres(Imports, unittest.TestCase):
        database = 'postgres'
else:
    print('acceptance data absent: the crash tests of imports are not registered')


if __name__ == '__main__':
    unittest.main()
