"""`./dev up --demo` with the real programs: what its last lines say is what the API says, and a second start makes nothing twice.
Starting and ending are what is tested, so it has a suite of its own."""
import datetime
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

import ports
from base import ROOT

sys.path.insert(0, str(ROOT / 'tests/e2e'))
import harness      # noqa: E402  (the path above finds it)

SECONDS = 240       # on a machine that has other things to do as well
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))


class Up:
    """One `./dev up --demo` until the block is left; ends by SIGINT as by Ctrl-C."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / 'infra/dev/main.py'), 'up', '--demo', '--no-build', '--var', str(self.folder),
             '--port', str(self.port)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, 'PYTHONUNBUFFERED': '1', 'RENXIN_LOG_LEVEL': 'info'})
        watchdog = threading.Timer(SECONDS, self.process.kill)
        watchdog.start()
        said = []
        for line in self.process.stdout:
            said.append(line)
            if 'Ctrl-C ends it' in line:
                break
        watchdog.cancel()
        self.said = ''.join(said)
        self.reported = self.said.partition('DEMONSTRATION')[2]
        if not self.reported or 'Ctrl-C ends it' not in self.reported:
            self.__exit__()
            raise AssertionError(f'it did not come up:\n{self.said}')
        described = json.loads((self.folder / 'instance.json').read_text(encoding='utf-8'))
        self.pids = [row['pid'] for row in described['processes'].values()]
        self.client = harness.administrator_of(described)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        watchdog = threading.Timer(60, self.process.kill)
        watchdog.start()
        self.after = self.process.stdout.read()
        self.process.stdout.close()
        self.code = self.process.wait()
        watchdog.cancel()

    def get(self, path, **query):
        return self.client.get(path, query=query).expect(200).json

    def figures(self):
        """What would grow if something were made a second time."""
        return {'settlements': self.get('/v1/settlements:summary'), 'customers': self.get('/v1/customers:count'),
                'leads': self.get('/v1/leads:count', group_by='channel'), 'visits': self.get('/v1/visits:count', group_by='rep'),
                'appointments': self.get('/v1/appointments:count'), 'members': self.get('/v1/members:count', group_by='class'),
                'complaints': self.get('/v1/complaints', page_size=200),
                'accounts': len(self.get('/v1/accounts', page_size=200)['accounts'])}


def money(fen):
    return f'{fen // 100}.{fen % 100:02d}'


class Demonstrated(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='renxin-demo-')
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.port, = ports.free_ports(1)

    def check_statement(self, up):
        period = re.search(r'month 月份 (\d{4}-\d\d)', up.reported).group(1)
        rows = up.get(f'/v1/statements/{period}', imported_from='demo')['statements']
        payee = next(row for row in rows if row['staff_no'] == 'R3')
        statement = up.get(f"/v1/statements/{period}/{payee['payee_id']}")
        total = re.search(r'total 合计 +([\d.]+)', up.reported).group(1)
        self.assertEqual(total, money(int(statement['commission_fen'])))
        self.assertGreater(int(statement['commission_fen']), 0)
        for line in statement['lines']:
            self.assertIn(line['explanation'], up.reported)
        self.assertGreater(int(statement['in_open_courses_fen']), 0)
        self.assertIn('in open courses', up.reported)

    def check_period(self, up):
        """C13: it pays from its month on, and the month can be locked; C2: plans are proposed and approved by persons."""
        period = re.search(r'month 月份 (\d{4}-\d\d)', up.reported).group(1)
        listed = up.get('/v1/periods')
        self.assertEqual((listed['first_period']['period'], listed['first_period']['set_by']), (period, 'demo-finance'))
        self.assertNotIn('PERIOD_STATE_HISTORY', {row['state'] for row in listed['periods']})
        accounts = {row['username']: row['staff_id'] for row in up.get('/v1/accounts', page_size=200)['accounts']}
        persons = [accounts[f'demo-{role}'] for role in ('finance', 'leader', 'market-director')]
        self.assertEqual(len(set(persons) - {''}), 3)

    def check_classes(self, up):
        shown = re.findall(r'class 等级 (\w+) .*\n    (.+)\n(?:    factor.*\n){3}.*GET /v1/members/([\w-]+)', up.reported)
        self.assertEqual([row[0] for row in shown], ['AAA', 'AA', 'C', 'B'])
        for member_class, reason, who in shown:
            member = up.get(f'/v1/members/{who}')
            self.assertEqual((member['member_class'], member['class_reason']), (f'MEMBER_CLASS_{member_class}', reason))
            for factor in member['factors']:
                self.assertIn(f'factor 因素 {factor["factor"]}: {"yes 是" if factor["met"] else "no 否"}, {factor["reason"]}', up.reported)

    def check_birthdays(self, up):
        day, members, messages = re.search(r'今日生日 (\S+): (\d+) members .*?, (\d+) messages', up.reported).groups()
        born = up.get('/v1/birthdays', day=day, page_size=200)['birthdays']
        found = up.get('/v1/messages', day=day, kind='birthday', page_size=200)['messages']
        self.assertEqual((int(members), int(messages)), (len(born), len(found)))
        self.assertEqual({row['channel'] for row in born}, {'task', 'sms', ''})
        self.assertIn('no greeting 不祝福: P2: no consent to marketing', up.reported)
        self.assertIn('no greeting 不祝福: N3: a dispute is open', up.reported)
        # The hours of N2, with the minutes around nine and eight left out: the day goes on while this runs.
        now = datetime.datetime.now(SHANGHAI)
        minutes = now.hour * 60 + now.minute
        if 9 * 60 + 10 <= minutes < 20 * 60 - 10:
            self.assertEqual({row['customer_id'] for row in found}, {row['customer_id'] for row in born if row['channel']})
            self.assertEqual({row['state'] for row in found}, {'MESSAGE_STATE_ACCEPTED'})
            log = (self.folder / 'db/notifications.messages.jsonl').read_text(encoding='utf-8').splitlines()
            self.assertEqual(len(log), sum(row['channel'] == 'sms' for row in found))
            self.assertEqual(up.reported.count('生日快乐'), len(log))
        elif minutes < 9 * 60 - 10:
            self.assertEqual(found, [])
            self.assertIn('greetings go out from 09:00 on', up.reported)
        elif minutes >= 20 * 60 + 10:
            self.assertEqual({row['state'] for row in found}, {'MESSAGE_STATE_EXPIRED'})
            self.assertIn('greetings expire at 20:00', up.reported)

    def check_rows(self, up):
        """What the entry paths took is what the doctor would take: each service in one page."""
        for service in ('commissions', 'identity', 'leads', 'membership', 'notifications', 'referrals'):
            page = up.get(f'/v1/services/{service}/findings')
            self.assertEqual((page.get('findings', []), page.get('next_page_token', '')), ([], ''), service)
            self.assertGreater(int(page['rows']), 0, service)

    def check_end(self, up):
        self.assertEqual(up.code, 0, up.after)
        self.assertFalse([pid for pid in up.pids if pathlib.Path(f'/proc/{pid}').exists()])

    def test_made_made_again_after_an_interruption_and_found_there(self):
        with Up(self.folder, self.port) as first:
            self.assertIn('making the demonstration: seed 20110', first.said)
            self.check_statement(first)
            self.check_period(first)
            self.check_classes(first)
            self.check_birthdays(first)
            self.check_rows(first)
            figures = first.figures()
            self.assertEqual({path.stat().st_mode & 0o777 for path in self.folder.glob('demo/*.password')}, {0o600})
        self.check_end(first)

        file = self.folder / 'demo/demo.json'
        state = json.loads(file.read_text(encoding='utf-8'))
        file.write_text(json.dumps({name: state[name] for name in ('seed', 'day', 'night')} | {'made': False}), encoding='utf-8')
        with Up(self.folder, self.port) as again:
            self.assertIn('making the demonstration', again.said)
            self.assertEqual(again.figures(), figures)
            self.check_birthdays(again)
        self.check_end(again)
        self.assertEqual(json.loads(file.read_text(encoding='utf-8')), state)

        with Up(self.folder, self.port) as third:
            self.assertNotIn('making the demonstration', third.said)
            self.assertEqual(third.figures(), figures)
            self.assertEqual(*(re.sub(r'It is \d\d:\d\d at', 'It is now at', up.reported) for up in (third, again)))
            self.check_commands(third)
        self.check_end(third)

    def dev(self, command):
        return subprocess.run([sys.executable, str(ROOT / 'infra/dev/main.py'), command, '--var', str(self.folder)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)

    def check_commands(self, up):
        """`./dev down` from another shell ends it as Ctrl-C does; a second one finds nothing to end."""
        shown = self.dev('status')
        self.assertEqual(shown.returncode, 0, shown.stdout + shown.stderr)
        self.assertEqual(len(re.findall(r' ready +0 ', shown.stdout)), len(up.pids))
        for said in (f'dev has pid {up.process.pid}', 'no suite runs'):
            ended = self.dev('down')
            self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
            self.assertIn(said, ended.stdout)
        self.assertEqual(self.dev('status').returncode, 3)


if __name__ == '__main__':
    unittest.main()
