"""A suite that has nothing to do leaves its database alone: loops wait for a commit, for the time when something is due, or for a slow
poll. Every statement is counted, in the log of PostgreSQL."""
import collections
import re
import time
import unittest

from base import eventually
from suite import Instance

SECONDS, STATEMENTS = 20, 100       # fewer than five a second, of all services together
STATEMENT = re.compile(r'\] renxin_(\w+)_(?:app|owner) LOG:  (?:statement|execute [^:]*): (.*)')


class Idle(unittest.TestCase):
    def test_fewer_than_five_statements_a_second_when_nothing_happens(self):
        with Instance(database='postgres') as suite:
            suite.login()
            suite.renxin('status', '--wait-idle')
            suite.cluster.psql('-c', "alter system set log_statement = 'all'")
            suite.cluster.psql('-c', 'select pg_reload_conf()')
            log = suite.log('postgres')
            # What it logs of a question of ours is logged from here on.
            suite.renxin('status')
            self.assertTrue(eventually(10, lambda: self.statements(log, 0)), 'no statement is logged')
            size, began = log.stat().st_size, time.monotonic()
            eventually(2 * SECONDS, lambda: time.monotonic() - began >= SECONDS)
            counted = self.statements(log, size)
            self.assertLess(counted.total(), STATEMENTS, '\n'.join(f'{times} × {what}' for what, times in counted.most_common()))
            # The polls are there: whoever hears nothing still looks.
            for service in ('identity', 'leads', 'referrals', 'commissions', 'membership', 'notifications'):
                with self.subTest(service):
                    self.assertTrue([what for what in counted if what.startswith(service) and 'outbox' in what])
            self.assertTrue(suite.renxin('status').stdout)

    @staticmethod
    def statements(log, since):
        with open(log, encoding='utf-8', errors='replace') as lines:
            lines.seek(since)
            found = [STATEMENT.search(line) for line in lines]
        return collections.Counter(f'{one.group(1)}: {one.group(2)}' for one in found if one)


if __name__ == '__main__':
    unittest.main()
