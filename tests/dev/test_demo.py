"""The demonstration's hospital: the same files for a seed and a day, people who are nobody, birthdays that are today's."""
import argparse
import collections
import datetime
import json
import pathlib
import random
import tempfile
import types
import unittest

import demo
import demo_files
import demo_people
from base import DevError
from demo_told import Told
from main import parser

DAYS = ('2026-11-22', '2027-01-01', '2028-02-29', '2028-03-01', '2026-12-31', '2025-07-25', '2025-08-22', '2027-02-06')


def day_of(text):
    return datetime.date.fromisoformat(text)


def written(seed, day):
    with tempfile.TemporaryDirectory() as folder:
        demo_files.write(demo_files.Hospital(seed, day_of(day)).files(), pathlib.Path(folder))
        return {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}


class Files(unittest.TestCase):
    def test_a_seed_and_a_day_make_the_same_files(self):
        first = written(7, DAYS[0])
        kinds = ('staff', 'customers', 'leads', 'appointments', 'visits', 'settlements', 'attributions')
        self.assertEqual(set(first), {f'{kind}.csv' for kind in kinds})
        self.assertEqual(written(7, DAYS[0]), first)
        self.assertNotEqual(written(8, DAYS[0]), first)
        self.assertNotEqual(written(7, DAYS[1]), first)

    def test_every_row_lies_in_the_month_before_and_names_what_is_there(self):
        for day in DAYS:
            with self.subTest(day=day):
                hospital = demo_files.Hospital(demo.SEED, day_of(day))
                files = hospital.files()
                keys = {kind: [row[key] for row in files[kind]] for kind, key in (
                    ('staff', 'staff_no'), ('customers', 'customer_no'), ('leads', 'lead_no'), ('visits', 'visit_no'))}
                for kind, numbers in keys.items():
                    self.assertEqual(len(numbers), len(set(numbers)), kind)
                for rows, field, kind in ((files['settlements'], 'visit_no', 'visits'), (files['settlements'], 'customer_no', 'customers'),
                                          (files['appointments'], 'lead_no', 'leads'), (files['attributions'], 'rep_no', 'staff')):
                    self.assertLessEqual({row[field] for row in rows}, set(keys[kind]))
                for kind, field in (('leads', 'consulted_at'), ('appointments', 'slot_start'), ('visits', 'arrived_at'),
                                    ('settlements', 'settled_at')):
                    for row in files[kind]:
                        self.assertTrue(str(hospital.first) <= row[field][:10] <= str(hospital.last), row)

    def test_what_a_hospital_meets_is_there(self):
        files = demo_files.Hospital(demo.SEED, day_of(DAYS[0])).files()
        self.assertEqual({row['channel'] for row in files['leads']}, set(demo_files.CHANNELS))
        self.assertEqual({row['status'] for row in files['appointments']}, {'arrived', 'no_show', 'cancelled'})
        self.assertGreater(sum(bool(row['rep_no']) for row in files['visits']), 3)
        self.assertGreater(sum(bool(row['partner_no']) for row in files['attributions']), 3)
        self.assertEqual({row['course_no'] for row in files['settlements']}, {'', 'K-OPEN', 'K-CLOSED'})
        self.assertEqual({row['marketing_consent'] for row in files['customers']}, {'true', 'false'})
        sold = {(row['settlement_no'], row['amount']) for row in files['settlements'] if row['kind'] == 'sale'}
        refunds = [row for row in files['settlements'] if row['kind'] == 'refund']
        self.assertGreater(len(refunds), 1)
        for row in refunds:
            self.assertIn((row['refund_of'], row['amount'].removeprefix('-')), sold)

    def test_shares_of_a_customer_never_exceed_the_whole(self):
        shares = collections.Counter()
        for row in demo_files.Hospital(demo.SEED, day_of(DAYS[0])).files()['attributions']:
            shares[row['customer_no']] += int(row['share_bp'])
        self.assertLessEqual(max(shares.values()), 10_000)


class People(unittest.TestCase):
    def test_phones_are_of_a_range_that_is_nobodys_and_different(self):
        phones = [row['phone'] for row in demo_files.Hospital(demo.SEED, day_of(DAYS[0])).files()['customers']]
        self.assertEqual(len(phones), len(set(phones)))
        for phone in phones:
            self.assertRegex(phone, r'^17400\d{6}$')
        for number in (-1, 1_000_000):
            with self.assertRaises(ValueError):
                demo_people.phone(number)

    def test_surnames_come_as_often_as_in_life(self):
        rng = random.Random(1)
        found = collections.Counter(demo_people.name(rng)[0] for _ in range(20_000))
        self.assertEqual(len(found), 30)
        self.assertGreater(found['王'], 5 * found['曹'])

    def test_a_lunar_day_is_the_calendars(self):
        months = demo_people.lunar_months()
        for day, wanted in (('2026-02-17', (1, 1, 0)), ('2026-02-16', (12, 29, 0)), ('2025-07-25', (6, 1, 1)),
                            ('2025-08-22', (6, 29, 1)), ('2025-08-23', (7, 1, 0))):
            self.assertEqual(demo_people.lunar_day(day_of(day), months), wanted, day)
        with self.assertRaises(ValueError):
            demo_people.lunar_day(day_of('1850-01-01'), months)

    def test_who_is_born_today_is_born_on_a_day_that_existed(self):
        months = demo_people.lunar_months()
        for day in DAYS:
            for seed in range(20):
                with self.subTest(day=day, seed=seed):
                    solar, of = demo_people.born_on(random.Random(seed), day_of(day))
                    self.assertEqual((of, day_of(solar).strftime('%m-%d')), ('solar', day[5:]))
                    lunar, of = demo_people.born_on_lunar(random.Random(seed), day_of(day), months)
                    self.assertIn(of, ('lunar', 'lunar_leap'))
                    year, month, number = map(int, lunar.split('-'))
                    leap = int(of == 'lunar_leap')
                    self.assertEqual((month, number, leap), demo_people.lunar_day(day_of(day), months))
                    self.assertLessEqual(number, months[year, month, leap][1])

    def test_the_cast_is_born_today_and_nobody_else_of_it(self):
        for day in DAYS:
            rows = {row['customer_no']: row for row in demo_files.Hospital(demo.SEED, day_of(day)).files()['customers']}
            for no, of, consent, _ in demo_files.CAST:
                with self.subTest(day=day, no=no):
                    self.assertEqual(rows[no]['marketing_consent'], 'true' if consent else 'false')
                    if of == 'solar' or not of:
                        self.assertEqual(rows[no]['birthday'][5:] == day[5:], of == 'solar')
                    else:
                        self.assertIn(rows[no]['birthday_calendar'], ('lunar', 'lunar_leap'))


class Remembered(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def remember(self, **state):
        (self.folder / 'demo').mkdir(exist_ok=True)
        (self.folder / 'demo/demo.json').write_text(json.dumps(state), encoding='utf-8')

    def test_in_a_fresh_suite_it_is_night_for_notifications_until_it_is_made(self):
        shown = demo.Demonstration(self.folder)
        self.assertEqual((shown.state['seed'], shown.state['made'], shown.state['night']), (demo.SEED, False, True))
        self.assertEqual(list(shown.environment()), ['notifications'])
        (self.folder / 'ports.json').write_text('{}', encoding='utf-8')     # it came up, and was ended before all was made
        self.assertEqual(list(demo.Demonstration(self.folder).environment()), ['notifications'])
        self.remember(seed=5, day='2026-01-31', made=True, night=False)
        again = demo.Demonstration(self.folder)
        self.assertEqual((again.environment(), again.period), ({}, '2025-12'))

    def test_in_a_suite_that_has_run_already_the_clock_is_left_alone(self):
        (self.folder / 'ports.json').write_text('{}', encoding='utf-8')
        self.assertEqual(demo.Demonstration(self.folder).environment(), {})

    def test_what_was_begun_goes_on_with_its_seed_and_day(self):
        self.remember(seed=5, day='2026-01-31', made=False, night=True)
        self.assertEqual(demo.Demonstration(self.folder, 5).state['day'], '2026-01-31')
        with self.assertRaisesRegex(DevError, 'has a demonstration of seed 5'):
            demo.Demonstration(self.folder, 6)

    def test_it_is_one_in_the_morning_in_that_zone_at_every_hour(self):
        import zoneinfo
        for hour in range(24):
            now = datetime.datetime(2026, 11, 22, hour, 30, tzinfo=datetime.timezone.utc)
            self.assertEqual(now.astimezone(zoneinfo.ZoneInfo(demo.night_zone(now))).hour, 1)

    def test_the_command_line_takes_it(self):
        reported = parser().parse_args(['up', '--demo', '--seed', '4'])
        self.assertIsInstance(reported, argparse.Namespace)
        self.assertEqual((reported.demo, reported.seed), (True, 4))
        self.assertFalse(parser().parse_args(['up']).demo)


class Hours(unittest.TestCase):
    """What is said of greetings at an hour at which there may be none."""

    def said(self, hour, left_out):
        reported = types.SimpleNamespace(now=datetime.datetime(2026, 11, 22, hour, 59, tzinfo=demo_files.SHANGHAI))
        return Told._hour(reported, left_out)

    def test_before_within_and_after(self):
        self.assertIn('It is 08:59', self.said(8, {'x'}))
        self.assertIn('from 09:00 to 20:00', self.said(9, set()))
        self.assertIn('from 09:00 to 20:00', self.said(19, set()))
        self.assertIn('greetings expire at 20:00', self.said(20, set()))
        self.assertIn('1 of them get no greeting today', self.said(19, {'x'}))


if __name__ == '__main__':
    unittest.main()
