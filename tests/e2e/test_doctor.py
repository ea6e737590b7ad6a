"""`renxin doctor`: what the entry paths take is sound; what lies in the tables from before a rule is listed, readable as it is.

Rows are planted past the services, so this has a suite of its own.
"""
import contextlib
import json
import os
import sqlite3
import subprocess
import unittest

import harness
from files import Source, idle
from harness import fresh
from people import new_account, phone
from suite import Instance

SERVICES = ('commissions', 'identity', 'leads', 'membership', 'notifications', 'referrals')
AT = '2026-03-10T10:00:00+08:00'


class Doctor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.suite = cls.enterClassContext(Instance(database=os.environ.get('RENXIN_E2E_DATABASE', 'sqlite')))
        cls.admin = harness.administrator_of(cls.suite)
        cls.suite.login()
        source = Source(client=cls.admin)

        def take(kind, rows):
            report = source.take(kind, rows)
            assert not {'refused', 'waiting'} & set(report), (kind, report)

        take('staff', [{'staff_no': 'a', 'name': '李强', 'job': 'rep', 'joined_on': '2025-01-01', 'plan': 'plan-a'}])
        take('moves', [{'staff_no': 'a', 'from': '2026-02-01', 'group_no': 'g1'}])
        take('customers', [{'customer_no': no, 'name': '王芳', 'phone': phone(), 'birthday': '1990-05-05', 'marketing_consent': 'true',
                                   'consent_at': AT, 'consent_source': 'a form'} for no in ('c1', 'c2')])
        take('leads', [{'lead_no': 'l1', 'customer_no': 'c1', 'channel': 'phone', 'consulted_at': AT}])
        take('attributions', [{'attribution_no': f't{no}', 'customer_no': 'c1', 'rep_no': 'a', 'from': '2025-01-01', 'share_bp': 5_000} for no in (1, 2)])
        take('settlements', [{'settlement_no': no, 'kind': kind, 'customer_no': 'c1', 'occurred_at': AT, 'settled_at': AT, 'line_no': '1',
                                     'category': 'dental', 'amount': amount, 'refund_of': of}
                                    for no, kind, amount, of in (('s1', 'sale', '100.00', ''), ('s2', 'refund', '-40.00', 's1'))])
        cls.made = cls.admin.post('/v1/leads', {'name': '张伟', 'phone': phone(), 'channel': 'phone'}, key=fresh()).expect(201).json['lead']
        idle(cls.admin)

    def doctor(self, *words):
        done = self.suite.renxin('doctor', *words, '--json', check=False)
        return done.returncode, json.loads(done.stdout)

    def findings(self, service, client=None, **query):
        return (client or self.admin).get(f'/v1/services/{service}/findings', query=query)

    def change(self, service, sql):
        """Past the service, in its tables: what a release before the rule has left."""
        url = self.suite.database_url(service, 'owner')
        if url.startswith('sqlite:'):
            with contextlib.closing(sqlite3.connect(url[7:], timeout=10)) as connection, connection:
                connection.execute(sql)
        else:
            subprocess.run(['psql', url, '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', sql], capture_output=True, timeout=60, check=True)

    def test_1_what_the_entry_paths_take_is_sound(self):
        code, found = self.doctor()
        self.assertEqual((code, found['findings']), (0, []))
        self.assertGreater(found['rows'], 10)
        for service in SERVICES:
            self.assertEqual(self.doctor('--service', service)[0], 0)
            self.assertGreater(int(self.findings(service).expect(200).json['rows']), 0, f'{service} looks at nothing')
        self.assertIn('0 findings in ', self.suite.renxin('doctor').stdout)

    def test_2_who_may_ask_and_what_is_refused(self):
        self.findings('leads', new_account(self.admin, 'auditor')).expect(200)
        # Neither a rep nor who may see how the services stand.
        for role in ('rep', 'finance', 'operations', 'market_director'):
            self.findings('leads', new_account(self.admin, role)).expect(403)
        self.findings('leads', self.admin.with_token(None)).expect(401)
        self.findings('nobody').expect(400)
        for query, field in (({'page_token': 'x'}, 'page_token'), ({'page_token': 'nothing:1'}, 'page_token'), ({'page_size': 201}, 'page_size'),
                             ({'page_size': -1}, 'page_size')):
            reply = self.findings('leads', **query).expect(400).json
            self.assertEqual((reply['reason'], reply['errors'][0]['field']), ('invalid-field', field))
        self.assertEqual(self.suite.renxin('doctor', '--service', 'nobody', check=False).returncode, 3)

    def test_3_G7_L7_R6_C12_rows_from_before_a_rule_are_listed_and_stay_readable(self):
        self.change('leads', f"update leads set consulted_at = 4102444800000000 where id = '{self.made['id']}'")
        self.change('leads', "update settlements set total_fen = 3000 where settlement_no = 's1'")
        self.change('referrals', 'update recognitions set share_bp = 5001 where rank = (select min(rank) from recognitions)')
        self.change('commissions', "update settlement_facts set body = '!' where total_fen < 0")
        self.change('identity', "update staff set left_on = '2024-01-01' where staff_no = 'a'")
        code, found = self.doctor()
        listed = sorted((row['service'], row['record'], row['rule'], row['what'].split(':')[0]) for row in found['findings'])
        self.assertEqual((code, listed), (1, [
            ('commissions', 'settlement_fact', 'C12', 'body'), ('identity', 'staff', 'P1', 'left_on'), ('leads', 'lead', 'G7', 'consulted_at'),
            ('leads', 'settlement', 'L7', 'refund_of'), ('referrals', 'recognition', 'R6', 'share_bp'), ('referrals', 'recognition', 'R6', 'share_bp')]))
        self.assertNotIn('王芳', json.dumps(found, ensure_ascii=False))
        self.admin.get(f"/v1/leads/{self.made['id']}").expect(200)
        printed = self.suite.renxin('doctor', '--service', 'referrals', check=False)
        self.assertEqual((printed.returncode, printed.stdout.count('R6'), printed.stdout.splitlines()[-1].split(' in ')[0]), (1, 2, '2 findings'))
        # One by one, a page each: the same.
        seen, token = [], ''
        while True:
            page = self.findings('referrals', page_size=1, page_token=token).expect(200).json
            seen += [row['id'] for row in page.get('findings', ())]
            token = page.get('next_page_token')
            if not token:
                break
        self.assertEqual(len(set(seen)), 2)


if __name__ == '__main__':
    unittest.main()
