"""A small hospital of one month as import files of format 1: the same seed and the same day make the same files.

    files = Hospital(seed=7, today=datetime.date(2026, 11, 22)).files()      # kind -> rows
"""
import csv
import datetime
import io
import random

import demo_people as people

LEADS = 220
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))      # China has had one zone and no summer time since 1991
# channel -> (how often, sources)
CHANNELS = {'online': (40, ('douyin', 'xiaohongshu', 'baidu', 'meituan', 'wechat')), 'phone': (18, ('hotline_400',)),
            'walk_in': (14, ('',)), 'referral': (14, ('partner',)), 'member_get_member': (8, ('friend',)),
            'campaign': (6, ('community_day',))}
# category -> (how often, department, [(description, lowest and highest price in yuan)])
TREATMENTS = {
    'dental': (26, 'dental', (('洁牙 cleaning', 198, 398), ('补牙 filling', 320, 680), ('种植牙 implant', 8800, 12800))),
    'aesthetic_noninvasive': (14, 'aesthetics', (('光子嫩肤 photofacial', 1280, 2980), ('水光针 hydration', 1980, 3980))),
    'skin_package': (8, 'skin', (('皮肤管理套餐 skin package', 3980, 6980),)),
    'gynaecology': (12, 'gynaecology', (('妇科检查 examination', 260, 880),)),
    'checkup': (12, 'checkup', (('体检套餐 health check', 480, 1680),)),
    'health_certificate': (6, 'checkup', (('健康证 health certificate', 98, 128),)),
    'work_injury': (5, 'surgery', (('工伤治疗 work injury', 1200, 5800),)),
    'lithotripsy': (3, 'urology', (('体外碎石 lithotripsy', 1980, 2980),)),
    'postpartum_recovery': (4, 'obstetrics', (('产后康复 recovery', 2980, 5980),)),
    'internal_medicine': (10, 'internal', (('内科诊疗 consultation', 120, 480),)),
}
PAYERS = {'work_injury': 'work_injury_fund', 'checkup': 'employer', 'internal_medicine': 'social_insurance'}
STAFF = (('S1', 'supervisor', 'market', 'g1', '', ''),
         ('R1', 'rep', 'market', 'g1', 'S1', 'plan-a'),
         ('R2', 'rep', 'market', 'g1', 'S1', 'plan-a'),
         ('R3', 'rep', 'market', 'g1', 'S1', 'plan-b'),
         ('R4', 'rep', 'market', 'g1', 'S1', 'plan-b'),
         ('K1', 'consultant', 'consulting', '', '', ''),
         ('K2', 'consultant', 'consulting', '', '', ''),
         ('K3', 'consultant', 'consulting', '', '', ''),
         ('F1', 'front_desk', 'desk', '', '', ''),
         ('C1', 'customer_service', 'service', '', '', ''),
         ('D1', 'clinician', 'dental', '', '', ''),
         ('D2', 'clinician', 'skin', '', '', ''),
         ('C2', 'customer_service_director', 'service', '', '', ''),
         ('W1', 'finance', 'finance', '', '', ''),
         ('L1', 'leader', 'management', '', '', ''),
         ('M1', 'market_director', 'market', '', '', ''))
REPS = ('R1', 'R2', 'R3', 'R4')
# Those the demonstration tells of: (number, birthday today by which calendar, consent, [(day of the month, category, what, yuan)]).
CAST = (
    ('M-AAA', 'solar', True, ((4, 'aesthetic_noninvasive', '热玛吉 thermage', 19800), (18, 'skin_package', '皮肤管理套餐 skin package', 9800))),
    ('M-AA', 'lunar', True, ((6, 'dental', '全口种植 implants', 32000),)),
    ('M-A', 'solar', True, ((5, 'dental', '洁牙 cleaning', 298), (19, 'dental', '补牙 filling', 480))),
    ('M-B', 'lunar', True, ((9, 'gynaecology', '妇科检查 examination', 680),)),
    ('M-NO-CONSENT', 'solar', False, ((10, 'checkup', '体检套餐 health check', 1280),)),
    ('M-NO-CONSENT-2', 'lunar', False, ((11, 'internal_medicine', '内科诊疗 consultation', 260),)),
    ('M-DISPUTE', 'solar', True, ((7, 'skin_package', '皮肤管理套餐 skin package', 5980), (21, 'dental', '洁牙 cleaning', 298))),
    ('M-REPAIRED', '', True, ((8, 'aesthetic_noninvasive', '光子嫩肤 photofacial', 2980), (15, 'dental', '洁牙 cleaning', 298))),
    ('M-REFUNDED', '', True, ((8, 'skin_package', '皮肤管理套餐 skin package', 6980),)),
    ('M-COURSE-OPEN', '', True, ((12, 'skin_course', '祛痘疗程 course of 8', 5440),)),
    ('M-COURSE-CLOSED', '', True, ((3, 'skin_course', '美白疗程 course of 6', 16800),)),
)
SESSIONS = {'M-COURSE-OPEN': 8, 'M-COURSE-CLOSED': 6}
COURSE = {'M-COURSE-OPEN': 'K-OPEN', 'M-COURSE-CLOSED': 'K-CLOSED'}


def month_before(day):
    """First and last day of the last whole month: all of it lies behind us, on every day of the year."""
    last = day.replace(day=1) - datetime.timedelta(days=1)
    return last.replace(day=1), last


def yuan(amount):
    return f'{amount}.00'


class Hospital:
    def __init__(self, seed, today):
        self.rng = random.Random(f'renxin {seed} {today}')
        self.today = today
        self.first, self.last = month_before(today)
        self.rows = {kind: [] for kind in ('staff', 'customers', 'leads', 'appointments', 'visits', 'settlements', 'attributions')}

    def files(self):
        """kind -> rows; to be asked once."""
        self._staff()
        self._cast()
        for number in range(1, LEADS + 1):
            self._customer(f'C{number:03d}', *people.some_birthday(self.rng), consent=self.rng.random() < 0.6)
            self._way(f'C{number:03d}')
        return self.rows

    def _staff(self):
        for no, job, department, group, supervisor, plan in STAFF:
            self.rows['staff'].append({'staff_no': no, 'name': people.name(self.rng), 'job': job, 'department': department,
                                       'group_no': group, 'supervisor_no': supervisor, 'joined_on': '2024-03-01', 'plan': plan})

    def _at(self, day, hour, minute=None):
        minute = self.rng.randrange(60) if minute is None else minute
        return datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI).isoformat()

    def _customer(self, no, birthday, of, consent):
        self.rows['customers'].append({
            'customer_no': no, 'name': people.name(self.rng), 'phone': people.phone(len(self.rows['customers'])), 'birthday': birthday,
            'birthday_calendar': of, 'marketing_consent': 'true' if consent else 'false', 'consent_at': self._at(self.first, 8),
            'consent_source': '前台 desk'})

    def _cast(self):
        months = people.lunar_months()
        for no, of, consent, purchases in CAST:
            birthday = {'solar': lambda: people.born_on(self.rng, self.today),
                        'lunar': lambda: people.born_on_lunar(self.rng, self.today, months),
                        '': lambda: self._born_another_day()}[of]()
            self._customer(no, *birthday, consent=consent)
            # All of them came through R3, so that one statement tells of courses, refunds and rates by category.
            self._attribute(no, (('R3', 10_000),))
            for day, category, what, price in purchases:
                date = self.first.replace(day=day)
                visit = self._visit(no, '', date, TREATMENTS.get(category, (0, 'skin'))[1])
                self._settle(no, visit, date, [(category, what, price, SESSIONS.get(no, 1))], COURSE.get(no, ''))
        sold = next(row for row in self.rows['settlements'] if row['customer_no'] == 'M-REFUNDED')
        self._refund(sold, self.first.replace(day=16))

    def _born_another_day(self):
        while True:
            birthday = people.some_birthday(self.rng)
            if birthday[0][5:] != f'{self.today:%m-%d}':
                return birthday

    def _way(self, no):
        """One customer's way through the month: consultation, appointment, arrival, settlement, as far as it goes."""
        rng, lead = self.rng, f'L-{no}'
        channel, = rng.choices(list(CHANNELS), [often for often, _ in CHANNELS.values()])
        category, = rng.choices(list(TREATMENTS), [often for often, _, _ in TREATMENTS.values()])
        department = TREATMENTS[category][1]
        day = self.first + datetime.timedelta(rng.randrange(self.last.day - 4))
        self.rows['leads'].append({
            'lead_no': lead, 'consulted_at': self._at(day, rng.randint(8, 11)), 'channel': channel,
            'source': rng.choice(CHANNELS[channel][1]), 'project': category, 'city': rng.choice(('杭州', '宁波', '绍兴', '嘉兴')),
            'customer_no': no, 'consultant_no': rng.choice(('K1', 'K2', 'K3'))})
        if channel == 'referral':
            self._attribute(no, rng.choice((((rng.choice(REPS), 10_000),), (('R1', 6_000), ('R2', 4_000)), (('R4', 5_000),))),
                            partner=f'P{rng.randint(1, 5)}')
        if channel != 'walk_in':
            if rng.random() > 0.7:
                return
            booked, day = day, day + datetime.timedelta(rng.randint(1, 3))
            status, = rng.choices(('arrived', 'no_show', 'cancelled'), (75, 17, 8))
            self.rows['appointments'].append({
                'appointment_no': f'A-{no}', 'lead_no': lead, 'booked_at': self._at(booked, 12),
                'slot_start': self._at(day, rng.randint(13, 16), 0), 'department': department, 'status': status,
                'status_at': self._at(day, 17)})
            if status != 'arrived':
                return
        named = channel in ('campaign', 'walk_in') and rng.random() < 0.6
        visit = self._visit(no, lead, day, department, rep=rng.choice(REPS) if named else '')
        if rng.random() < 0.85:
            self._buy(no, visit, day, category)

    def _buy(self, no, visit, day, category):
        lines = []
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            what, low, high = self.rng.choice(TREATMENTS[category][2])
            lines.append((category, what, self.rng.randrange(low, high + 1), 1))
        sold = self._settle(no, visit, day, lines)
        if self.rng.random() < 0.06:
            self._refund(sold, day + datetime.timedelta(1))

    def _visit(self, no, lead, day, department, rep=''):
        visit = f'V{len(self.rows["visits"]) + 1:04d}'
        self.rows['visits'].append({'visit_no': visit, 'customer_no': no, 'lead_no': lead, 'department': department,
                                    'arrived_at': self._at(day, self.rng.randint(13, 16)), 'outpatient': 'true', 'rep_no': rep})
        return visit

    def _settle(self, no, visit, day, lines, course=''):
        settlement, at = f'B{len(self.rows["settlements"]) + 1:04d}', self._at(day, 18)
        for number, (category, what, price, quantity) in enumerate(lines, 1):
            self.rows['settlements'].append({
                'settlement_no': settlement, 'kind': 'sale', 'refund_of': '', 'customer_no': no, 'visit_no': visit,
                'department': TREATMENTS.get(category, (0, 'skin'))[1], 'payer': PAYERS.get(category, 'self'), 'course_no': course,
                'occurred_at': at, 'settled_at': at, 'line_no': str(number), 'category': category, 'description': what,
                'quantity': str(quantity), 'amount': yuan(price)})
        return self.rows['settlements'][-len(lines)]

    def _refund(self, sold, day):
        """Takes one line of a sale back, in whole."""
        at = self._at(day, 19)
        self.rows['settlements'].append({
            **sold, 'settlement_no': f'{sold["settlement_no"]}-T', 'kind': 'refund', 'refund_of': sold['settlement_no'],
            'occurred_at': at, 'settled_at': at, 'line_no': '1', 'quantity': '1', 'amount': f'-{sold["amount"]}'})

    def _attribute(self, no, shares, partner=''):
        for rep, share in shares:
            self.rows['attributions'].append({'attribution_no': f'T-{no}-{rep}', 'customer_no': no, 'rep_no': rep, 'partner_no': partner,
                                              'from': str(self.first), 'share_bp': str(share)})


def write(files, folder):
    """One CSV a kind; answers how many rows there are of each."""
    for kind, rows in files.items():
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator='\n')
        writer.writeheader()
        writer.writerows(rows)
        (folder / f'{kind}.csv').write_text(out.getvalue(), encoding='utf-8')
    return {kind: len(rows) for kind, rows in files.items()}
