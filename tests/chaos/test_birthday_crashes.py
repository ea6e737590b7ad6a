"""The birthday worker, killed between its claim, its act and its record (N2, N6): everybody is greeted, and the channel hears of
everybody once. The clock is moved for this service alone, through its file, so each database has a suite of its own."""
import datetime
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness                              # noqa: E402  (on the path by ./dev test)
from people import new_account, phone       # noqa: E402
from suite import Instance                  # noqa: E402

SERVICES = ('identity', 'leads', 'notifications')

# A pass of the point by the two works of a morning, after one that had died: making the messages comes first, sending them second.
DEATHS = ('claimed:1', 'acted:1', 'claimed:2', 'acted:2')
PEOPLE = 6
HOSPITAL = datetime.timezone(datetime.timedelta(hours=8))
CONSENT = {'purpose': 'marketing', 'decision': 'given', 'source': 'form', 'text_version': '1'}


class BirthdayCrashes:
    database = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.clock = pathlib.Path(folder.name, 'clock')
        self.days = [datetime.datetime.now(HOSPITAL).date() + datetime.timedelta(days=1 + number) for number in range(len(DEATHS))]
        self.set_clock(self.days[0], 8, 59)

    def set_clock(self, day, hour, minute):
        wanted = datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=HOSPITAL)
        self.clock.write_text(str(int(wanted.timestamp() - time.time())), encoding='ascii')

    def born_on(self, day):
        body = {'channel': 'online', 'name': '王芳', 'phone': phone(), 'birthday': f'1988-{day:%m-%d}'}
        who = self.client.post('/v1/leads', body, key=harness.fresh()).expect(201).json['lead']['customer_id']
        self.client.post(f'/v1/customers/{who}/consents', CONSENT, key=harness.fresh()).expect(201)
        return who

    def make_members(self, customers):
        """As membership's events would leave them: the first of six is of class AAA, the others of class B."""
        rows = [(who, 1 if number % PEOPLE == 0 else 4) for number, who in enumerate(customers)]
        if self.suite.cluster:
            sql = ''.join(f"insert into members values ('{who}', '2025-01-01', {grade}, 0, 1);" for who, grade in rows)
            subprocess.run(['psql', self.suite.cluster.service_url('notifications', 'owner'), '-X', '-q', '-c', sql], check=True, timeout=60)
            return
        connection = sqlite3.connect(f'{self.suite.folder}/db/notifications.db', timeout=30)
        with connection:
            connection.executemany("insert into members values (?, '2025-01-01', ?, 0, 1)", rows)
        connection.close()

    def states(self, day):
        page = self.client.get('/v1/messages', query={'day': str(day), 'page_size': 200}).expect(200).json
        return sorted((row['channel'], row['state'].removeprefix('MESSAGE_STATE_')) for row in page['messages'])

    def keys(self):
        lines = pathlib.Path(self.suite.folder, 'db/notifications.messages.jsonl').read_text(encoding='utf-8').splitlines()
        return [json.loads(line)['key'] for line in lines]

    def die_at(self, point, day):
        """Nine o'clock of that day, and the service dies; it comes back without the point."""
        self.set_clock(day, 8, 59)
        self.extra['RENXIN_CRASH_AT'] = point
        self.suite.restart('notifications')
        self.suite.wait_ready('notifications')
        before = self.suite.restarts('notifications')
        self.set_clock(day, 9, 0)
        harness.eventually(20, lambda: self.suite.restarts('notifications') > before, f'a death at {point}')
        del self.extra['RENXIN_CRASH_AT']
        self.suite.restart('notifications')
        self.suite.wait_ready('notifications')

    def greeted_at_last(self, day):
        """The morning goes on a minute at a look, so that leases expire and what is put off is due."""
        minutes = iter(range(1, 600))

        def greeted():
            minute = next(minutes)
            self.set_clock(day, 9 + minute // 60, minute % 60)
            self.assertEqual(self.states(day), [('sms', 'ACCEPTED')] * (PEOPLE - 1) + [('task', 'ACCEPTED')])
            return True
        harness.eventually(30, greeted)

    def test_N2_N6_everybody_is_greeted_once_wherever_it_dies(self):
        self.extra = {'RENXIN_CLOCK_FILE': str(self.clock)}
        with Instance(database=self.database, extra={'notifications': self.extra}) as self.suite:
            self.client = new_account(harness.administrator_of(self.suite), 'front_desk', 'customer_service')
            self.make_members([self.born_on(day) for day in self.days for _ in range(PEOPLE)])
            for number, (point, day) in enumerate(zip(DEATHS, self.days), 1):
                with self.subTest(point=point):
                    self.die_at(point, day)
                    self.greeted_at_last(day)
                    keys = self.keys()
                    self.assertEqual((len(keys), len(set(keys))), (number * (PEOPLE - 1), number * (PEOPLE - 1)))


class OnSqlite(BirthdayCrashes, unittest.TestCase):
    database = 'sqlite'


class OnPostgres(BirthdayCrashes, unittest.TestCase):
    database = 'postgres'


if __name__ == '__main__':
    unittest.main()
