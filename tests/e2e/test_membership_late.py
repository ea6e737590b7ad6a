"""A membership that is born late: it gets what happened before it by a replay, and is then where it would have been.
Its tables are emptied, so this has a suite of its own."""
import os
import pathlib
import subprocess
import unittest

import harness
from files import Source, idle
from harness import eventually, fresh
from people import phone
from suite import Instance

SERVICES = ('identity', 'leads', 'membership')
DATABASE = os.environ.get('RENXIN_E2E_DATABASE', 'sqlite')
EVERYTHING = ('settlement_facts', 'members', 'class_changes', 'points_ledger', 'inbox', 'consumer_state', 'timers', 'outbox')


class BornLate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = cls.enterClassContext(Instance(database=DATABASE))
        cls.client = harness.administrator_of(cls.suite)
        cls.source = Source(client=cls.client)

    def settlement(self, customer, day, amount):
        at = f'2024-05-{day:02d}T10:00:00+08:00'
        return {'settlement_no': f'{customer}-{day}', 'kind': 'refund' if amount.startswith('-') else 'sale', 'customer_no': customer, 'occurred_at': at,
                'settled_at': at, 'line_no': '1', 'category': 'dental', 'amount': amount}

    def standing(self):
        """Counts by class, and everybody with class, factors and net spend."""
        counts = self.client.get('/v1/members:count', query={'group_by': 'class'}).expect(200).json
        return counts, self.client.get('/v1/members').expect(200).json.get('members', [])

    def forget(self):
        """As if it had never been: its tables are empty, its place in the stream is at the end."""
        self.suite.hold('membership')
        url = self.suite.database_url('membership', 'owner')
        if url.startswith('sqlite:'):
            for path in pathlib.Path(url[7:]).parent.glob(f'{pathlib.Path(url[7:]).name}*'):
                path.unlink()
        else:
            subprocess.run(['psql', url, '-X', '-q', '-c', f'truncate {", ".join(EVERYTHING)}'], check=True, timeout=60)
        self.suite.release('membership')
        self.suite.wait_ready('membership')

    def test_a_replay_brings_the_past(self):
        self.source.take('customers', [{'customer_no': name, 'name': '王芳', 'phone': phone()} for name in 'abc'])
        self.source.take('settlements', [self.settlement('a', 1, '28000.00'), self.settlement('a', 2, '1.00'), self.settlement('b', 1, '5.00'),
                                         self.settlement('b', 2, '-5.00'), self.settlement('c', 1, '-1.00')])
        idle(self.client)
        before = self.standing()
        self.assertEqual([(row['key'], row['count']) for row in before[0]['counts']], [('AA', '1'), ('B', '1')])
        self.forget()
        idle(self.client)
        self.assertEqual(self.standing()[0]['members'], '0')
        replay = {'consumer': 'membership_on-settlement', 'from': '1970-01-01T00:00:00Z'}
        reported = self.client.post('/v1/services/leads/events:replay', replay, key=fresh()).expect(200).json
        self.assertGreaterEqual(int(reported['events']), 5)
        eventually(30, lambda: self.standing() == before, 'the same members')
        self.source.take('settlements', [self.settlement('b', 3, '5.00')])
        idle(self.client)
        self.assertEqual([(row['key'], row['count']) for row in self.standing()[0]['counts']], [('AA', '1'), ('A', '1')])


if __name__ == '__main__':
    unittest.main()
