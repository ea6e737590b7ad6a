"""C13 and C14: a period is locked once, for good, and what comes late becomes a correction in the next one.

Periods are those of the whole hospital and are locked in their order, so this has a suite of its own. The
tests are steps of one year: they run in the order of their names.
"""
import os
import threading
import unittest

import harness
from files import Source, idle
from harness import eventually, fresh
from live import Live
from people import new_account, phone, staff_by_number
from suite import Instance

MARCH, APRIL, MAY = '2026-03', '2026-04', '2026-05'


def settlement(no, fen, day, customer='c1', **more):
    at = f'{day}T10:00:00+08:00'
    return {'settlement_no': no, 'kind': 'refund' if fen < 0 else 'sale', 'customer_no': customer, 'occurred_at': at, 'settled_at': at,
            'line_no': '1', 'category': 'dental', 'amount': f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}", **more}


class Lock(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = cls.enterClassContext(Instance(database=os.environ.get('RENXIN_E2E_DATABASE', 'sqlite')))
        cls.admin = harness.administrator_of(cls.suite)
        cls.finance = new_account(cls.admin, 'finance')
        cls.source = Source(client=cls.admin)
        cls.source.take('staff', [{'staff_no': no, 'name': '李强', 'job': 'rep', 'joined_on': '2025-01-01', 'plan': plan}
                                  for no, plan in (('a', 'plan-a'), ('b', 'plan-b'))])
        cls.source.take('customers', [{'customer_no': no, 'name': '王芳', 'phone': phone()} for no in ('c1', 'c2')])
        cls.source.take('attributions', [{'attribution_no': no, 'customer_no': customer, 'rep_no': rep, 'from': '2025-01-01', 'share_bp': 10_000}
                                         for no, customer, rep in (('t1', 'c1', 'a'), ('t2', 'c2', 'b'))])
        cls.source.take('settlements', [settlement('m1', 10_000_000, '2026-03-10'), settlement('m2', 2_000_000, '2026-03-11', 'c2'),
                                        settlement('p1', 100_000, '2026-04-10'), settlement('y1', 100_000, '2026-05-10')])
        idle(cls.admin)
        cls.ids = staff_by_number(cls.admin, cls.source.name)

    def lock(self, period, client=None, key=None):
        return (client or self.finance).post(f'/v1/periods/{period}:lock', {}, key=key or fresh())

    def refused(self, period):
        reply = self.lock(period).expect(409).json
        return reply['reason'], reply['detail'], [(error['field'], error['message']) for error in reply['errors']]

    def statement(self, no, period):
        return self.finance.get(f'/v1/statements/{period}/{self.ids[no]}').expect(200)

    def ledger(self):
        reply = self.finance.get('/v1/ledger').expect(200).json
        self.assertEqual(reply['sum_fen'], '0')
        balances = {row['account']: int(row['balance_fen']) for row in reply.get('accounts', ())}
        self.assertEqual(sum(balances.values()), 0)
        return balances

    def owed(self, no):
        return -self.ledger().get(f'payable:{self.ids[no]}', 0)

    def commissions(self, no, *periods):
        return sum(int(self.statement(no, period).json['commission_fen']) for period in periods)

    def test_1_C13_who_is_not_finance_locks_nothing(self):
        for role in ('administrator', 'leader', 'auditor', 'rep'):
            self.assertEqual(self.lock(MARCH, new_account(self.admin, role)).expect(403).json['reason'], 'role-missing')

    def test_2_C13_a_period_that_is_not_ready_is_refused_with_the_list(self):
        self.assertEqual(self.refused('2999-01'), ('period-not-ready', 'C13: the period 2999-01 cannot be locked yet',
                                                   [('period', 'the period is not over'),
                                                    ('period', '2026-03 is still open; periods are locked in their order')]))
        self.assertEqual(self.refused(APRIL), ('period-not-ready', 'C13: the period 2026-04 cannot be locked yet',
                                               [('period', '2026-03 is still open; periods are locked in their order')]))

    def test_3_C13_what_is_under_way_refuses_the_lock(self):
        operation = self.source.run('settlements', [settlement('w1', 100, '2026-03-20', 'not-known-yet')])
        self.assertEqual(self.refused(MARCH)[2], [('leads', '1 imports or waiting rows are under way')])
        self.source.close('settlements')
        self.assertEqual(self.source.operation(operation['id'])['report']['refused'], '1')
        idle(self.admin)

    def test_4_C13_of_ten_who_lock_one_does(self):
        self.assertEqual(self.ledger(), {})
        replies = []
        threads = [threading.Thread(target=lambda: replies.append(self.lock(MARCH))) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(reply.status for reply in replies), [200] + [409] * 9)
        done = next(reply.json for reply in replies if reply.status == 200)
        self.assertEqual((done['state'], done['locked_by'], done['statements'], done['commission_fen']),
                         ('PERIOD_STATE_LOCKED', self.finance.username, '2', str(570_000 + 80_000)))

    def test_5_C13_a_second_lock_is_refused(self):
        self.assertEqual(self.refused(MARCH), ('period-locked', 'C13: the period 2026-03 is locked already', []))

    def test_6_C14_the_ledger_owes_what_the_statements_say(self):
        self.assertEqual(self.ledger(), {'expense:C3': 570_000, 'expense:C7': 80_000,
                                         f"payable:{self.ids['a']}": -570_000, f"payable:{self.ids['b']}": -80_000})

    def test_7_C13_a_late_settlement_is_a_correction_in_the_next_open_period(self):
        before = self.statement('a', MARCH)
        self.assertTrue(before.json['locked'])
        ledger = self.ledger()
        # A late sale, and a changed one: 100,000 became 90,000, 5,000 came late. m2 of the other is untouched.
        self.source.take('settlements', [settlement('m1', 9_000_000, '2026-03-10'), settlement('late', 500_000, '2026-03-31')])
        idle(self.admin)
        after = self.statement('a', MARCH)
        self.assertEqual(after.body, before.body)
        self.assertEqual(self.ledger(), ledger)
        # C3 on 95,000: 2,500 + 1,800 + 1,050 = 5,350.
        april = self.statement('a', APRIL).json
        correction, = (line for line in april['lines'] if line['rule'] == 'C13')
        self.assertEqual((correction['corrects_period'], correction['should_be_fen'], correction['was_fen'], correction['amount_fen']),
                         (MARCH, '535000', '570000', '-35000'))
        self.assertEqual(correction['explanation'], 'C13: 2026-03 was locked at 5700.00 and should have been 5350.00; changed since: late, m1')
        self.assertEqual(april['commission_fen'], str(5_000 - 35_000))
        self.assertEqual([line['rule'] for line in self.statement('b', APRIL).json['lines']][:1], ['C7'])
        for period, no in ((MAY, 'a'), (APRIL, 'b')):
            self.assertNotIn('C13', [line['rule'] for line in self.statement(no, period).json['lines']])

    def listen(self, client):
        live = Live({'url': self.suite.url, 'ca': self.suite.ca}, client.token)
        self.addCleanup(live.close)
        return live

    def test_8_C13_the_correction_is_locked_once(self):
        finance = self.listen(self.finance)
        reps = {no: self.listen(new_account(self.admin, 'rep', staff_id=self.ids[no])) for no in ('a', 'b')}
        self.lock(APRIL).expect(200)
        for no, rep in reps.items():
            # P1: live, a payee hears of their own statement alone; its id is the end of its path.
            record = f'{APRIL}/{self.ids[no]}'
            self.assertEqual(rep.until(lambda event, wanted=record: event['id'] == wanted), [])
            self.finance.get(f'/v1/statements/{record}').expect(200)
        told = eventually(10, lambda: len(finance.events) >= 2 and [(event['type'], event['id']) for event in finance.events])
        self.assertEqual(sorted(told), sorted(('statement_locked', f'{APRIL}/{self.ids[no]}') for no in reps))
        self.assertEqual([rep.events for rep in reps.values()], [[], []])
        may = self.statement('a', MAY).json
        self.assertEqual([line['rule'] for line in may['lines']], ['C3'])
        self.assertEqual(self.owed('a'), self.commissions('a', MARCH, APRIL))
        self.assertEqual(self.owed('b'), self.commissions('b', MARCH, APRIL))

    def test_9a_C13_a_refund_settled_after_the_lock_counts_in_its_own_month(self):
        self.source.take('settlements', [settlement('r1', -50_000, '2026-05-20', refund_of='m1')])
        idle(self.admin)
        line, = self.statement('a', MAY).json['lines']
        self.assertEqual((line['rule'], line['own_fen'], line['amount_fen']), ('C3', '50000', '2500'))

    def test_9b_C13_a_recognition_that_comes_late_corrects_too(self):
        before = self.statement('b', MARCH).body, self.statement('a', MARCH).body
        self.source.take('customers', [{'customer_no': 'c3', 'name': '张伟', 'phone': phone()}])
        self.source.take('settlements', [settlement('n1', 1_000_000, '2026-04-20', 'c3')])
        self.source.take('attributions', [{'attribution_no': 't3', 'customer_no': 'c3', 'rep_no': 'b', 'from': '2026-01-01', 'share_bp': 5_000}])
        idle(self.admin)
        self.assertEqual((self.statement('b', MARCH).body, self.statement('a', MARCH).body), before)
        correction, = (line for line in self.statement('b', MAY).json['lines'] if line['rule'] == 'C13')
        self.assertEqual((correction['corrects_period'], correction['should_be_fen'], correction['was_fen'], correction['amount_fen']),
                         (APRIL, '15000', '0', '15000'))

    def test_9c_C14_the_ledger_after_all_of_it(self):
        self.lock(MAY).expect(200)
        for no in ('a', 'b'):
            self.assertEqual(self.owed(no), self.commissions(no, MARCH, APRIL, MAY), no)
        periods = {row['period']: row for row in self.finance.get('/v1/periods').expect(200).json['periods']}
        self.assertEqual([periods[period]['state'] for period in (MARCH, APRIL, MAY)], ['PERIOD_STATE_LOCKED'] * 3)

    def test_9d_C13_a_locked_period_outlives_a_restart(self):
        before = [self.statement(no, period).body for no in ('a', 'b') for period in (MARCH, APRIL, MAY)]
        killed = self.suite.kill('commissions')
        eventually(30, lambda: self.suite.pids().get('commissions') not in (None, killed), 'another process')
        self.suite.wait_ready('commissions')
        self.assertEqual([self.statement(no, period).body for no in ('a', 'b') for period in (MARCH, APRIL, MAY)], before)
        self.assertEqual(self.refused(MARCH)[0], 'period-locked')


if __name__ == '__main__':
    unittest.main()
