"""`./dev up --demo`: a small hospital of one month in the suite, through the public API alone, and what the suite makes of it.

Every step may be taken again: files of one source change nothing the second time, single calls bear an
Idempotency-Key of their own, and what was begun is remembered with seed and day in DIR/demo/demo.json.
"""
import datetime
import http.client
import json
import sys
import time

import credentials
import demo_files
from base import ROOT, DevError, say, write_atomically
from demo_told import Told

sys.path.insert(0, str(ROOT / 'tests/e2e'))
import harness      # noqa: E402  (the path above finds it)

SEED = 20110
SOURCE = 'demo'
# Each has an account; who proposes and approves plans must be somebody (C2).
WHOSE = {'front_desk': 'F1', 'customer_service': 'C1', 'customer_service_director': 'C2', 'clinician': 'D2', 'finance': 'W1', 'leader': 'L1',
         'market_director': 'M1', 'rep': 'R3', 'supervisor': 'S1'}
ROLES = tuple(WHOSE)
PAYEE = 'R3'        # the rep whose statement is shown


def today():
    return datetime.datetime.now(demo_files.SHANGHAI).date()


def night_zone(now):
    """A zone in which it is one in the morning now."""
    ahead = 1 - now.hour if now.hour <= 13 else 25 - now.hour
    return f'Etc/GMT{-ahead:+d}' if ahead else 'Etc/GMT'


class Demonstration:
    payee, source = PAYEE, SOURCE

    def __init__(self, folder, seed=None):
        self.folder = folder / 'demo'
        self.file = self.folder / 'demo.json'
        try:
            self.state = json.loads(self.file.read_text(encoding='utf-8'))
        except FileNotFoundError:
            fresh = not (folder / 'ports.json').exists()
            self.state = {'seed': SEED if seed is None else seed, 'day': str(today()), 'made': False, 'night': fresh}
        if seed is not None and seed != self.state['seed']:
            raise DevError(f'{folder} has a demonstration of seed {self.state["seed"]}; another seed needs another --var')

    @property
    def day(self):
        return datetime.date.fromisoformat(self.state['day'])

    @property
    def period(self):
        return f'{demo_files.month_before(self.day)[0]:%Y-%m}'

    def environment(self):
        """For Instance(extra=…). Birthdays are gone through once a day, at nine or as soon after it as the service runs, and
        in a fresh suite that would be before anybody is there. So until the demonstration is made it is night for
        notifications; then it is started again in the hospital's zone, and greets. Where a suite has run already its day may
        have been gone through, and nobody turns the clock back for it."""
        if not self.state['night']:
            return {}
        self._remember()
        return {'notifications': {'RENXIN_ZONE': night_zone(datetime.datetime.now(datetime.timezone.utc))}}

    def run(self, suite):
        """Makes it where it is not made yet; answers what is to be printed."""
        try:
            if not self.state['made']:
                self._make(suite)
            suite.login()
            return Told(self, suite, {role: self._client(suite, role) for role in ('customer_service', 'customer_service_director')}).text()
        except (AssertionError, OSError, http.client.HTTPException) as error:
            raise DevError(f'the demonstration: {error}') from error

    # ---- making it

    def _remember(self, **more):
        self.state |= more
        credentials.private_folder(self.folder)
        write_atomically(self.file, json.dumps(self.state, indent=1, ensure_ascii=False) + '\n')

    def _make(self, suite):
        began = time.monotonic()
        say(f'making the demonstration: seed {self.state["seed"]}, day {self.day}, month {self.period}')
        self._remember()
        files = credentials.private_folder(self.folder / 'import')
        rows = demo_files.write(demo_files.Hospital(self.state['seed'], self.day).files(), files)
        suite.login()
        administrator = harness.administrator_of(suite)
        staff = self._people(suite, administrator, files)
        self._import(suite, files)
        self._wait_idle(suite)
        ranked = administrator.get('/v1/settlements:rank', query={'imported_from': SOURCE, 'count': 200}).expect(200).json['customers']
        customers = {row['customer_no']: row['customer_id'] for row in ranked}
        self._calls(suite, staff, customers)
        self._set_first_period(suite)
        self._wait_idle(suite)
        if self.state['night']:
            self._let_it_dawn(suite)
        self._remember(made=True, rows=rows, members={no: customers[no] for no, *_ in demo_files.CAST})
        say(f'the demonstration is there after {time.monotonic() - began:.0f} s')

    def _people(self, suite, administrator, files):
        """Staff and accounts first: who listens at /v1/live hears of everything after them."""
        suite.renxin('import', 'staff', files / 'staff.csv', '--source', SOURCE)
        self._wait_idle(suite)
        listed = administrator.get('/v1/staff', query={'source': SOURCE, 'page_size': 200}).expect(200).json['staff']
        staff = {row['staff_no']: row['id'] for row in listed}
        for role in ROLES:
            self._account(suite, administrator, role, staff)
        return staff

    def _set_first_period(self, suite):
        """C13: the suite pays from the demonstration's month on, where nobody has said otherwise."""
        finance = self._client(suite, 'finance')
        if not finance.get('/v1/periods').expect(200).json.get('first_period'):
            body = {'period': self.period, 'reason': 'the demonstration begins with this month'}
            finance.post('/v1/periods:setFirst', body, key=self._key('first-period')).expect(200)

    def _let_it_dawn(self, suite):
        self._remember(night=False)
        suite.extra.pop('notifications', None)
        suite.restart('notifications')
        suite.wait_ready()
        self._wait_idle(suite)

    def _import(self, suite, files):
        """A row of ours that is refused is a fault of ours, or of the suite: nobody is shown half a hospital."""
        reported = json.loads(suite.renxin('import', '--dir', files, '--source', SOURCE, '--json').stdout)
        refused = {row['kind']: row['report']['refused'] for row in reported['files'] if int(row['report'].get('refused') or 0)}
        if refused:
            raise DevError(f'the demonstration: rows were refused: {refused}')

    def _wait_idle(self, suite):
        suite.renxin('status', '--wait-idle', '--timeout', 120)

    def _password(self, role):
        return self.folder / f'{self._username(role)}.password'

    def _username(self, role):
        return f'demo-{role.replace("_", "-")}'

    def _account(self, suite, administrator, role, staff):
        """One account a role, each that of a member of staff."""
        body = {'username': self._username(role), 'roles': [role], 'password': credentials.password(self._password(role)),
                'staff_id': staff[WHOSE[role]]}
        administrator.post('/v1/accounts', body, key=self._key('account', role)).expect(201)

    def _client(self, suite, role):
        return harness.sign_in(harness.anonymous(suite), self._username(role), credentials.password(self._password(role)))

    def _key(self, *what):
        return '-'.join(('demo', str(self.state['seed']), self.state['day'], *what))

    def _calls(self, suite, staff, customers):
        """What comes in one by one: answers, disputes, the end of a course, and three people at the desk."""
        service, desk, clinician = (self._client(suite, role) for role in ('customer_service', 'front_desk', 'clinician'))
        end_of_month = datetime.datetime.combine(demo_files.month_before(self.day)[1], datetime.time(20), demo_files.SHANGHAI).isoformat()
        for no, satisfaction in (('M-AAA', 'VERY_SATISFIED'), ('M-AA', 'SATISFIED'), ('M-B', 'DISSATISFIED'), ('M-COURSE-CLOSED', 'FAIR')):
            body = {'customer_id': customers[no], 'satisfaction': f'SATISFACTION_{satisfaction}', 'answered_at': end_of_month}
            service.post('/v1/surveys', body, key=self._key('survey', no)).expect(201)
        repaired = {'outcome': 'COMPLAINT_OUTCOME_REPAIRED', 'satisfaction': 'SATISFACTION_SATISFIED'}
        for no, text, outcome in (('M-DISPUTE', '术后红肿，要求说明', {}), ('M-REPAIRED', '效果与预期不符', repaired),
                                  ('M-REFUNDED', '要求退款', {'outcome': 'COMPLAINT_OUTCOME_REFUNDED'})):
            self._complain(service, no, customers[no], text, outcome)
        listed = clinician.get('/v1/courses', query={'customer_id': customers['M-COURSE-CLOSED']}).expect(200).json['courses']
        for course in listed:
            clinician.post(f"/v1/courses/{course['id']}:close", {'closed_at': end_of_month}, key=self._key('course')).expect(200)
        tomorrow = datetime.datetime.combine(self.day + datetime.timedelta(1), datetime.time(10), demo_files.SHANGHAI).isoformat()
        for number, (name, rep) in enumerate((('陈晨', 'R1'), ('林悦', PAYEE), ('吴敏', ''))):
            self._at_the_desk(desk, str(number), name, staff.get(rep, ''), tomorrow)

    def _complain(self, service, no, customer, text, outcome):
        made = service.post('/v1/complaints', {'customer_id': customer, 'text': text}, key=self._key('complaint', no)).expect(201).json
        if outcome:
            path = f"/v1/complaints/{made['id']}"
            service.post(f'{path}:investigate', {'note': '已电话回访'}, key=self._key('investigate', no)).expect(200)
            service.post(f'{path}:resolve', outcome, key=self._key('resolve', no)).expect(200)

    def _at_the_desk(self, desk, number, name, rep, tomorrow):
        """Somebody new: a consultation; who names a rep is here already, the third has an appointment for tomorrow."""
        phone = demo_files.people.phone(900_000 + int(number))
        lead = desk.post('/v1/leads', {'channel': 'walk_in' if rep else 'phone', 'name': name, 'phone': phone, 'project': 'dental'},
                         key=self._key('lead', number)).expect(201).json['lead']
        if not rep:
            body = {'lead_id': lead['id'], 'department': 'dental', 'slot_start': tomorrow}
            desk.post('/v1/appointments', body, key=self._key('appointment', number)).expect(201)
            return
        body = {'customer_id': lead['customer_id'], 'lead_id': lead['id'], 'department': 'dental', 'outpatient': True, 'rep_id': rep}
        desk.post('/v1/visits', body, key=self._key('visit', number)).expect(201)
