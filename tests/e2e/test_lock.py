"""C13 and C14: a period is locked once, for good, and what comes late becomes a correction in the next one.

Periods are those of the whole hospital and are locked in their order, so this has a suite of its own. The
tests are steps of one year: they run in the order of their names.
"""
import contextlib
import datetime
import os
import sqlite3
import subprocess
import threading
import unittest

import harness
from files import Source, idle
from harness import eventually, fresh
from live import Live
from people import new_account, new_person, phone, staff_by_number
from suite import Instance

SERVICES = ('identity', 'leads', 'referrals', 'commissions', 'cli')
FEBRUARY, MARCH, APRIL, MAY, JUNE = '2026-02', '2026-03', '2026-04', '2026-05', '2026-06'


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
        cls.source.take('settlements', [settlement('h1', -70_000, '2026-02-10'), settlement('m1', 10_000_000, '2026-03-10'), settlement('m2', 2_000_000, '2026-03-11', 'c2'),
                                        settlement('p1', 100_000, '2026-04-10'), settlement('y1', 100_000, '2026-05-10')])
        idle(cls.admin)
        cls.ids = staff_by_number(cls.admin, cls.source.name)

    def lock(self, period, client=None, key=None):
        return (client or self.finance).post(f'/v1/periods/{period}:lock', {}, key=key or fresh())

    def ended(self, reply):
        """The operation of a lock that was begun, when it has ended."""
        operation = reply.expect(202).json

        def over():
            now = self.finance.get(f'/v1/operations/{operation["id"]}').expect(200).json
            return now if now['ended_at'] else None
        return eventually(30, over, f'the end of {operation["id"]}')

    def locked(self, period):
        operation = self.ended(self.lock(period))
        self.assertEqual((operation['type'], operation['subject'], operation['state'], operation['percent'], operation['created_by']),
                         ('period_lock', period, 'OPERATION_STATE_DONE', 100, self.finance.username), operation)
        return next(row for row in self.finance.get('/v1/periods').expect(200).json['periods'] if row['period'] == period)

    def refused(self, period):
        """At once, or by the operation when it has looked at every statement."""
        reply = self.lock(period)
        refusal = self.ended(reply)['failure'] if reply.status == 202 else reply.expect(409).json
        words = refusal['message'] if reply.status == 202 else refusal['detail']
        return refusal['reason'], words, [(error['field'], error['message']) for error in refusal['errors']]

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
        current = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).strftime('%Y-%m')
        self.assertIn(('period', 'the period is not over'), self.refused(current)[2])
        why = ': lock it first, or set the first period, and what is earlier is history'
        self.assertEqual(self.refused(APRIL), ('period-not-ready', 'C13: the period 2026-04 cannot be locked yet',
                                               [(MARCH, '2 settlements, 120000.00' + why), (FEBRUARY, '1 settlements, -700.00' + why)]))

    def set_first(self, period, client=None):
        return (client or self.finance).post('/v1/periods:setFirst', {'period': period, 'reason': 'the suite began in that month'}, key=fresh())

    def test_2b_C13_the_first_period_is_set_before_the_first_lock(self):
        line = next(line for line in self.statement('a', MARCH).json['lines'] if line['rule'] == 'C3')
        self.assertEqual((line['carried_in_fen'], self.statement('a', FEBRUARY).json.get('history')), ('-70000', False))
        self.assertEqual(self.set_first(MARCH, new_account(self.admin, 'leader')).expect(403).json['reason'], 'role-missing')
        self.set_first(APRIL, self.admin).expect(200)
        self.assertEqual(self.refused(MARCH)[2], [('period', 'lies before the first period 2026-04: history, never paid')])
        first = self.set_first(MARCH).expect(200).json
        self.assertEqual((first['period'], first['set_by'], first['fixed']), (MARCH, self.finance.username, False))
        listed = self.finance.get('/v1/periods').expect(200).json
        self.assertEqual(listed['first_period'], first)
        self.assertEqual([(row['period'], row['state']) for row in listed['periods']][-2:],
                         [(MARCH, 'PERIOD_STATE_OPEN'), (FEBRUARY, 'PERIOD_STATE_HISTORY')])
        history = new_account(self.admin, 'auditor').get('/v1/history/period/first').expect(200).json['entries']
        self.assertEqual([(entry['by'], entry['from'], entry['to'], entry['why']) for entry in history],
                         [('admin', '', APRIL, 'the suite began in that month'), (self.finance.username, APRIL, MARCH, 'the suite began in that month')])
        self.assertEqual(self.refused(APRIL)[2], [('period', '2026-03 is still open; periods are locked in their order')])
        # Nothing is carried into it, and what lies before says so.
        line = next(line for line in self.statement('a', MARCH).json['lines'] if line['rule'] == 'C3')
        self.assertEqual(line['carried_in_fen'], '0')
        self.assertTrue(self.statement('a', FEBRUARY).json['history'])
        self.assertTrue(self.finance.get(f'/v1/statements/{FEBRUARY}').expect(200).json['history'])
        self.suite.login()
        printed = self.suite.renxin('statement', FEBRUARY, 'a', '--source', self.source.name).stdout
        self.assertIn('history, not paid 历史，不结算', printed)

    def test_3_C13_what_is_under_way_refuses_the_lock(self):
        operation = self.source.run('settlements', [settlement('w1', 100, '2026-03-20', 'not-known-yet')])
        self.assertEqual(self.refused(MARCH)[2], [('leads', '1 imports or waiting rows are under way')])
        self.source.close('settlements')
        self.assertEqual(self.source.operation(operation['id'])['import']['report']['refused'], '1')
        idle(self.admin)

    def test_3b_C13_what_is_under_way_at_referrals_and_identity_refuses_it_too(self):
        for kind, row, service in (
                ('attributions', {'attribution_no': 'w1', 'customer_no': 'not-known-yet', 'rep_no': 'a', 'from': '2026-01-01', 'share_bp': 1}, 'referrals'),
                ('staff', {'staff_no': 'w1', 'name': '李强', 'job': 'rep', 'joined_on': '2026-01-01', 'supervisor_no': 'not-known-yet'}, 'identity')):
            self.source.run(kind, [row])
            self.assertEqual(self.refused(MARCH)[2], [(service, '1 imports or waiting rows are under way')])
            self.source.close(kind)
            idle(self.admin)

    def change(self, sql):
        """Past the service, in its tables: what commissions would have if an event had been lost."""
        url = self.suite.database_url('commissions', 'owner')
        if url.startswith('sqlite:'):
            with contextlib.closing(sqlite3.connect(url[7:], timeout=10)) as connection, connection:
                connection.execute(sql)
        else:
            subprocess.run(['psql', url, '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', sql], capture_output=True, timeout=60, check=True)

    def test_3c_C13_what_commissions_has_not_taken_refuses_it(self):
        one = f"where rep_id = '{self.ids['b']}'"
        for table, row, field, words in (('recognition_facts', one, 'referrals', 'referrals: 2 recognitions, versions 2; here: 2 recognitions, versions 1'),
                                         ('roster', f"where staff_id = '{self.ids['b']}'", 'identity', None)):
            self.change(f'update {table} set version = version - 1 {row}')
            (found, message), = self.refused(MARCH)[2]
            self.assertEqual(found, field)
            self.assertTrue(words is None or message == words, message)
            self.change(f'update {table} set version = version + 1 {row}')
        self.change("insert into dead_letters (id, consumer, event_id, subject, reason, attempts, message, created_at) "
                    "values ('x', 'commissions_roster', 'x', 'x', 'x', 1, '', 1)")
        self.assertEqual(self.refused(MARCH)[2], [('commissions', '1 dead-letter entries are open')])
        self.change("update dead_letters set replayed_at = 1 where id = 'x'")

    def test_3d_C13_a_stored_row_that_cannot_be_read_refuses_it_by_name(self):
        """It fails alone: the statement says what it lacks, and the rest of it stands."""
        self.change("update settlement_facts set body = '!' || body where settled_month = '2026-03' and total_fen = 2000000")
        statement = self.statement('b', MARCH).json
        row, = statement['unreadable_rows']
        self.assertEqual((row[:18], statement['performance_fen']), ('settlement_facts: ', '0'))
        self.assertEqual(self.refused(MARCH)[2], [('settlement_facts', f'the row {row[18:]} cannot be read')])
        self.assertNotIn('unreadable_rows', {name for name, value in self.statement('a', MARCH).json.items() if value})
        self.change("update settlement_facts set body = substr(body, 2) where settled_month = '2026-03' and total_fen = 2000000")

    def test_4_C13_of_ten_who_lock_one_does(self):
        self.assertEqual(self.ledger(), {})
        replies = []
        threads = [threading.Thread(target=lambda: replies.append(self.lock(MARCH))) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Those who came while it ran were answered with the one operation, the others that it is locked.
        self.assertEqual({reply.status for reply in replies} - {409}, {202})
        begun = [reply for reply in replies if reply.status == 202]
        self.assertEqual(len({reply.json['id'] for reply in begun}), 1)
        self.assertEqual(self.ended(begun[0])['state'], 'OPERATION_STATE_DONE')
        done = next(row for row in self.finance.get('/v1/periods').expect(200).json['periods'] if row['period'] == MARCH)
        self.assertEqual((done['state'], done['locked_by'], done['statements'], done['commission_fen']),
                         ('PERIOD_STATE_LOCKED', self.finance.username, '2', str(570_000 + 80_000)))

    def test_4b_an_operation_is_seen_by_whom_it_concerns_and_not_cancelled_after_its_end(self):
        listed = self.finance.get('/v1/operations', query={'service': 'commissions', 'type': 'period_lock'}).expect(200).json['operations']
        done = next(row for row in listed if row['state'] == 'OPERATION_STATE_DONE')
        self.assertEqual(done['subject'], MARCH)
        path = f'/v1/operations/{done["id"]}'
        new_account(self.admin, 'rep').get(path).expect(404)
        self.assertEqual(new_account(self.admin, 'rep').get('/v1/operations', query={'service': 'commissions'}).expect(200).json['operations'], [])
        self.assertEqual(self.finance.post(f'{path}:cancel', {'reason': 'too late'}, key=fresh()).expect(409).json['reason'], 'wrong-state')
        self.assertEqual(self.admin.get('/v1/operations', query={'service': 'nobody'}).expect(400).json['errors'][0]['field'], 'service')

    def test_5_C13_a_second_lock_is_refused(self):
        self.assertEqual(self.refused(MARCH), ('period-locked', 'C13: the period 2026-03 is locked already', []))
        fixed = self.set_first(APRIL).expect(409).json
        self.assertEqual((fixed['reason'], fixed['detail']), ('wrong-state', 'C13: the first period is fixed since 2026-03 was locked'))
        self.assertTrue(self.finance.get('/v1/periods').expect(200).json['first_period']['fixed'])

    def test_5b_C2_a_plan_never_takes_effect_inside_a_locked_period(self):
        document = {'code': 'plan-x', 'title': 'a test', 'table': {'rule': 'C3', 'mode': 'TABLE_MODE_SLAB', 'brackets': [{'from_fen': 0, 'rate_bp': 1}]}}
        proposer = new_person(self.admin, 'finance')
        for day, status in (('2026-03-31', 409), ('2020-01-01', 409), ('2026-04-01', 201)):
            reply = proposer.post('/v1/plans', {'document': document, 'effective_from': day}, key=fresh()).expect(status).json
            if status == 409:
                self.assertEqual((reply['reason'], [(error['field'], error['message']) for error in reply['errors']]),
                                 ('period-locked', [('effective_from', '2026-04 is the first open period')]))
        type(self).proposed = reply['id']

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
        self.locked(APRIL)
        for no, rep in reps.items():
            # P1: live, a payee hears of their own statement alone; its id is the end of its path.
            record = f'{APRIL}/{self.ids[no]}'
            self.assertEqual(rep.until(lambda event, wanted=record: event['id'] == wanted), [])
            self.finance.get(f'/v1/statements/{record}').expect(200)
        reported = eventually(10, lambda: len(finance.events) >= 2 and [(event['type'], event['id']) for event in finance.events])
        self.assertEqual(sorted(reported), sorted(('statement_locked', f'{APRIL}/{self.ids[no]}') for no in reps))
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
        self.locked(MAY)
        late = new_person(self.admin, 'leader').post(f'/v1/plans/{self.proposed}:approve', {}, key=fresh()).expect(409).json
        self.assertEqual(late['reason'], 'period-locked')   # its month was locked meanwhile (C2)
        for no in ('a', 'b'):
            self.assertEqual(self.owed(no), self.commissions(no, MARCH, APRIL, MAY), no)
        periods = {row['period']: row for row in self.finance.get('/v1/periods').expect(200).json['periods']}
        self.assertEqual([periods[period]['state'] for period in (MARCH, APRIL, MAY)], ['PERIOD_STATE_LOCKED'] * 3)
        locked = self.finance.get('/v1/periods', query={'state': 'PERIOD_STATE_LOCKED'}).expect(200).json['periods']
        self.assertEqual([row['period'] for row in locked], [MAY, APRIL, MARCH])
        self.assertEqual(self.finance.get(f'/v1/periods/{MAY}').expect(200).json, locked[0])

    def test_9d_C13_a_locked_period_outlives_a_restart(self):
        before = [self.statement(no, period).body for no in ('a', 'b') for period in (MARCH, APRIL, MAY)]
        killed = self.suite.kill('commissions')
        eventually(30, lambda: self.suite.pids().get('commissions') not in (None, killed), 'another process')
        self.suite.wait_ready('commissions')
        self.assertEqual([self.statement(no, period).body for no in ('a', 'b') for period in (MARCH, APRIL, MAY)], before)
        self.assertEqual(self.refused(MARCH)[0], 'period-locked')

    def test_9e_C13_a_move_into_a_locked_period_is_the_reason_of_its_correction(self):
        self.admin.post(f"/v1/staff/{self.ids['a']}:move", {'from': '2026-05-05', 'plan': 'plan-b'}, key=fresh()).expect(200)
        idle(self.admin)
        correction, = (line for line in self.statement('a', JUNE).json['lines'] if line['rule'] == 'C13')
        self.assertEqual((correction['corrects_period'], correction['should_be_fen'], correction['was_fen']), (MAY, '1500', '2500'))
        self.assertEqual(correction['explanation'], 'C13: 2026-05 was locked at 25.00 and should have been 15.00; changed since: '
                                                    f"move of staff {self.ids['a']} from 2026-05-05 on (plan plan-a → plan-b)")

    def test_9f_C13_what_comes_late_for_history_changes_nothing(self):
        before = self.statement('a', JUNE).json['lines']
        self.source.take('settlements', [settlement('h2', 9_000_000, '2026-02-20')])
        idle(self.admin)
        self.assertEqual(self.statement('a', JUNE).json['lines'], before)
        self.assertEqual(self.statement('a', FEBRUARY).json['performance_fen'], str(9_000_000 - 70_000))


if __name__ == '__main__':
    unittest.main()
