"""The lock of a period, killed at every point of its way (C13, C14): it goes on by itself, every statement is frozen once, and the ledger owes
what they say."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness                              # noqa: E402  (on the path by ./dev test)
from files import Source                    # noqa: E402
from people import new_account, phone       # noqa: E402
from suite import Instance                  # noqa: E402

SERVICES = ('identity', 'leads', 'referrals', 'commissions')

# Claimed; the first and the second drafts stored; in the transaction that freezes; and a step that is never committed.
DEATHS = ('operation_claimed:1', 'lock_drafted:1', 'lock_drafted:2', 'lock_frozen:1', 'operation_step:2')
PAYEES = 30     # more than one draft's worth
MONTHS = [f'2026-0{number}' for number in range(1, 1 + len(DEATHS))]
EACH = 5_000    # fen: C3 on 1,000 yuan


class LockCrashes:
    database = None

    def fill(self):
        source = Source(client=harness.administrator_of(self.suite))
        numbers = range(PAYEES)
        source.take('staff', [{'staff_no': f'R{n}', 'name': '李强', 'job': 'rep', 'joined_on': '2025-01-01', 'plan': 'plan-a'} for n in numbers])
        source.take('customers', [{'customer_no': f'C{n}', 'name': '王芳', 'phone': phone()} for n in numbers])
        source.take('attributions', [{'attribution_no': f'A{n}', 'customer_no': f'C{n}', 'rep_no': f'R{n}', 'from': '2025-01-01', 'share_bp': 10_000}
                                     for n in numbers])
        source.take('settlements', [{'settlement_no': f'{month}-{n}', 'kind': 'sale', 'customer_no': f'C{n}', 'payer': 'self',
                                     'occurred_at': f'{month}-10T09:00:00+08:00', 'settled_at': f'{month}-10T09:00:00+08:00', 'line_no': '1',
                                     'category': 'dental', 'amount': '1000.00'} for month in MONTHS for n in numbers])
        self.suite.login()
        self.suite.renxin('status', '--wait-idle')

    def die_at(self, point, month):
        """Answers the operation that was begun when the service died."""
        self.extra['RENXIN_CRASH_AT'] = point
        self.suite.restart('commissions')
        self.suite.wait_ready('commissions')
        before = self.suite.restarts('commissions')
        begun = self.finance.post(f'/v1/periods/{month}:lock', {}, key=harness.fresh()).expect(202).json
        harness.eventually(20, lambda: self.suite.restarts('commissions') > before, f'a death at {point}')
        del self.extra['RENXIN_CRASH_AT']
        self.suite.restart('commissions')
        self.suite.wait_ready('commissions')
        return begun['id']

    def ended(self, operation):
        def over():
            now = self.finance.get(f'/v1/operations/{operation}').expect(200).json
            return now if now['ended_at'] else None
        return harness.eventually(60, over, f'the end of {operation}')

    def test_C13_C14_a_lock_goes_on_wherever_it_dies(self):
        self.extra = {}
        with Instance(database=self.database, extra={'commissions': self.extra}) as self.suite:
            self.fill()
            self.finance = new_account(harness.administrator_of(self.suite), 'finance')
            for number, (point, month) in enumerate(zip(DEATHS, MONTHS), 1):
                with self.subTest(point=point):
                    self.assertEqual(self.ended(self.die_at(point, month))['state'], 'OPERATION_STATE_DONE')
                    period = self.finance.get(f'/v1/periods/{month}').expect(200).json
                    self.assertEqual((period['state'], period['statements'], period['commission_fen']),
                                     ('PERIOD_STATE_LOCKED', str(PAYEES), str(PAYEES * EACH)))
                    accounts = {}
                    for row in self.finance.get('/v1/ledger', query={'page_size': 200}).expect(200).json['accounts']:
                        accounts[row['account']] = int(row['balance_fen'])
                    self.assertEqual(accounts.pop('expense:C3'), number * PAYEES * EACH)
                    self.assertEqual(sorted(accounts.values()), [-number * EACH] * PAYEES)


class OnSqlite(LockCrashes, unittest.TestCase):
    database = 'sqlite'


class OnPostgres(LockCrashes, unittest.TestCase):
    database = 'postgres'


if __name__ == '__main__':
    unittest.main()
