"""Consents, marks, templates, opt-outs, tasks and policy as staff meet them: P2, N1 to N3, N6."""
import datetime
import unittest
import uuid

from files import Source, idle
from harness import administrator, eventually, fresh
from people import account, code, phone, today

SERVICES = ('identity', 'leads', 'membership', 'notifications')
SHIPPED = '亲爱的{name}，今天是您的生日，我们祝您生日快乐，健康平安！拒收请回复R'


def problem(reply):
    """(status, reason, [(field, message)])."""
    body = reply.json
    return reply.status, body['reason'], [(error['field'], error['message']) for error in body['errors']]


def customer(**more):
    body = {'channel': 'online', 'name': '王芳', 'phone': phone(), **more}
    return account('front_desk').post('/v1/leads', body, key=fresh()).expect(201).json['lead']['customer_id']


class Consents(unittest.TestCase):
    def setUp(self):
        self.customer, self.client = customer(), account('customer_service')

    def say(self, decision, at='', purpose='marketing', **more):
        body = {'purpose': purpose, 'decision': decision, 'source': 'counter', 'text_version': '2026-1', **({'at': at} if at else {}), **more}
        return self.client.post(f'/v1/customers/{self.customer}/consents', body, key=fresh())

    def consents(self):
        return account('front_desk').get(f'/v1/customers/{self.customer}').expect(200).json['marketing_consent']

    def test_P2_nothing_said_is_no_consent(self):
        self.assertFalse(self.consents())
        self.assertEqual(self.client.get(f'/v1/customers/{self.customer}/consents').expect(200).json['entries'], [])

    def test_P2_the_latest_by_its_own_time_decides(self):
        self.assertTrue(self.say('given', '2026-02-01T10:00:00+08:00').expect(201).json['decides'])
        self.assertTrue(self.consents())
        self.say('withdrawn', '2026-03-01T10:00:00+08:00').expect(201)
        self.assertFalse(self.consents())
        reported = self.say('given', '2026-02-20T10:00:00+08:00').expect(201).json      # older, entered late
        self.assertFalse(self.consents())
        self.assertFalse(reported['decides'], 'a command that changes nothing says so')
        current, = reported['current']
        self.assertEqual((current['purpose'], current['decision'], current['at'], current['by']),
                         ('marketing', 'withdrawn', '2026-03-01T02:00:00Z', self.client.username))
        self.assertEqual([entry['decision'] for entry in reported['entries']], ['withdrawn', 'given', 'given'])

    def test_P2_at_the_same_time_the_withdrawal_decides(self):
        for decision in ('given', 'withdrawn', 'given'):
            self.say(decision, '2026-02-01T10:00:00+08:00').expect(201)
        self.assertFalse(self.consents())

    def test_P2_a_purpose_is_a_purpose_of_its_own(self):
        reported = [self.say('given', purpose=purpose).expect(201).json for purpose in ('service', 'health_data', 'pass_to_partner', 'pass_from_partner')][-1]
        self.assertFalse(self.consents())
        self.assertEqual({entry['purpose'] for entry in reported['current']}, {'service', 'health_data', 'pass_to_partner', 'pass_from_partner'})

    def test_P2_the_file_says_it_too_and_never_overrides_what_is_newer(self):
        source = Source()
        number, row = phone(), {'customer_no': 'c1', 'name': '赵敏', 'marketing_consent': 'true', 'consent_at': '2026-01-05T10:00:00+08:00', 'consent_source': 'paper'}
        source.take('customers', [{**row, 'phone': number}])
        made = account('customer_service').post('/v1/leads', {'channel': 'online', 'name': '赵敏', 'phone': number}, key=fresh()).expect(201).json
        self.customer = made['lead']['customer_id']
        self.assertTrue(self.consents())
        self.say('withdrawn', '2026-02-01T10:00:00+08:00').expect(201)
        source.take('customers', [{**row, 'phone': number, 'consent_at': '2026-01-20T10:00:00+08:00'}])
        self.assertFalse(self.consents())
        source.take('customers', [{**row, 'phone': number, 'consent_at': '2026-02-02T10:00:00+08:00'}])
        self.assertTrue(self.consents())

    def test_what_is_wrong_is_named(self):
        cases = ((self.say('perhaps'), [('decision', 'must be one of given, withdrawn')]),
                 (self.say('given', purpose='spam'), [('purpose', 'must be one of service, marketing, health_data, pass_to_partner, pass_from_partner')]),
                 (self.say('given', '2026-02-30T10:00:00+08:00'), [('at', 'no such day')]),
                 (self.say('given', '2999-01-01T00:00:00Z'), [('at', 'lies in the future: it has not happened yet (G7)')]),
                 (self.say('given', source=''), [('source', 'is required')]))
        for reply, errors in cases:
            self.assertEqual(problem(reply), (400, 'invalid-field', errors))
        self.customer = str(uuid.uuid4())
        self.assertEqual(problem(self.say('given'))[:2], (404, 'not-found'))

    def test_P1_who_may(self):
        for role in ('rep', 'finance', 'auditor'):
            reply = account(role).post(f'/v1/customers/{self.customer}/consents', {}, key=fresh())
            self.assertEqual(problem(reply)[:2], (403, 'role-missing'), role)
        account('auditor').get(f'/v1/customers/{self.customer}/consents').expect(200)


class Marks(unittest.TestCase):
    def mark(self, client, who, **body):
        return client.post(f'/v1/customers/{who}:mark', body, key=fresh())

    def test_N3_set_and_taken_back_with_a_history(self):
        who, client = customer(), account('clinician')
        for _ in range(2):
            marks = self.mark(client, who, mark='compassion', set=True, reason='a loss').expect(200).json
        self.assertEqual((marks['compassion'], marks['deceased'], len(marks['history'])), (True, False, 1))
        self.mark(client, who, mark='compassion', set=False, reason='by mistake').expect(200)
        marks = account('customer_service').get(f'/v1/customers/{who}/marks').expect(200).json
        self.assertFalse(marks['compassion'])
        self.assertEqual([(entry['by'], entry['from'], entry['to'], entry['why']) for entry in marks['history']],
                         [(client.username, 'not compassion', 'compassion', 'a loss'), (client.username, 'compassion', 'not compassion', 'by mistake')])

    def test_what_is_wrong_is_named(self):
        who = customer()
        client = account('customer_service')
        self.assertEqual(problem(self.mark(client, who, mark='angry', set=True, reason='why not')),
                         (400, 'invalid-field', [('mark', 'must be one of deceased, compassion')]))
        self.assertEqual(problem(self.mark(client, who, mark='deceased', set=True)), (400, 'invalid-field', [('reason', 'is required')]))
        self.assertEqual(problem(self.mark(client, str(uuid.uuid4()), mark='deceased', set=True, reason='why not'))[:2], (404, 'not-found'))
        self.assertEqual(problem(self.mark(account('front_desk'), who, mark='deceased', set=True, reason='why not'))[:2], (403, 'role-missing'))


class Templates(unittest.TestCase):
    def setUp(self):
        self.client = account('customer_service_director')

    def create(self, body='{name}生日快乐 拒收请回复R', **more):
        return self.client.post('/v1/templates', {'code': code('t'), 'kind': 'birthday', 'body': body, **more}, key=fresh())

    def test_N1_the_shipped_one_is_there_and_shows_its_parts(self):
        shipped, = [row for row in self.client.get('/v1/templates', query={'code': 'birthday'}).expect(200).json['templates'] if row['version'] == '1']
        self.assertEqual((shipped['body'], shipped['created_by'], shipped['variables'], shipped['marketing']), (SHIPPED, 'shipped', ['name'], True))
        preview = self.preview(shipped['id'], [{'name': 'name', 'value': '王芳'}]).expect(200).json
        self.assertEqual((preview['text'], preview['units'], preview['parts']), ('【仁心医院】' + SHIPPED.replace('{name}', '王芳'), 40, 1))

    def preview(self, template, variables):
        return self.client.post(f'/v1/templates/{template}:preview', {'variables': variables}, key=fresh())

    def test_N1_parts_are_70_then_67_each(self):
        for letters, parts in ((70, 1), (71, 2), (134, 2), (135, 3)):
            made = self.create('祝' * (letters - len('【仁心医院】') - len('拒收请回复R')) + '拒收请回复R').expect(201).json
            preview = self.preview(made['id'], []).expect(200).json
            self.assertEqual((preview['units'], preview['parts']), (letters, parts))

    def test_N1_a_missing_value_is_refused(self):
        made = self.create().expect(201).json
        name = {'name': 'name', 'value': '王芳'}
        for variables, why in (([], '{name} has no value'), ([name, {'name': 'age', 'value': '3'}], '{age} does not stand in the template'),
                               ([name, name], '{name} is given twice')):
            self.assertEqual(problem(self.preview(made['id'], variables)), (400, 'invalid-field', [('variables', why)]))
        self.assertEqual(problem(self.preview(str(uuid.uuid4()), []))[:2], (404, 'not-found'))

    def test_N1_a_code_again_is_its_next_version(self):
        name = code('t')
        self.assertEqual([self.create(code=name).expect(201).json['version'] for _ in range(2)], ['1', '2'])
        listed = self.client.get('/v1/templates', query={'code': name}).expect(200).json['templates']
        self.assertEqual([row['version'] for row in listed], ['2', '1'])
        self.assertEqual(problem(self.create('拒收请回复R', code=name, kind='campaign')),
                         (400, 'invalid-field', [('kind', 'the earlier versions of this code are of another kind')]))

    def test_N1_templates_come_in_pages(self):
        names = {code('t') for _ in range(3)}
        for name in names:
            self.create(code=name).expect(201)
        seen, token = [], ''
        while True:
            page = self.client.get('/v1/templates', query={'page_size': 2, **({'page_token': token} if token else {})}).expect(200).json
            seen += [row['id'] for row in page['templates']]
            token = page['next_page_token']
            if not token:
                break
        self.assertEqual(len(seen), len(set(seen)))
        self.assertGreaterEqual(len(seen), 4)
        self.assertEqual(self.client.get(f'/v1/templates/{seen[-1]}').expect(200).json['id'], seen[-1])
        self.assertEqual(self.client.get(f'/v1/templates/{uuid.uuid4()}').expect(404).json['reason'], 'not-found')
        self.assertEqual(problem(self.client.get('/v1/templates', query={'page_token': 'x'})), (400, 'invalid-field', [('page_token', 'not a page token of this list')]))

    def test_N1_what_a_marketing_template_must_say_and_must_not(self):
        advert = {'kind': 'campaign', 'advertises': True, 'approval_no': '医广2026第01号', 'approval_expires_on': '2999-12-31'}
        whole = '活动 医广2026第01号 至2999-12-31 拒收请回复R'
        self.create(whole, **advert).expect(201)
        cases = (('生日快乐', {}, 'rule-broken', 'body', 'a marketing message must say 拒收请回复R'), ('双眼皮八折 拒收请回复R', {}, 'rule-broken', 'body', 'names a disease or a procedure: 双眼皮'),
                 (whole.replace('第01号', ''), advert, 'rule-broken', 'body', "the approval's number does not stand in the text"),
                 (whole.replace('至2999-12-31', ''), advert, 'rule-broken', 'body', "the approval's expiry does not stand in the text"),
                 (whole, {**advert, 'approval_expires_on': '2020-01-01'}, 'rule-broken', 'approval_expires_on', 'the approval has expired'),
                 (whole, {**advert, 'approval_no': ''}, 'invalid-field', 'approval_no', 'what advertises needs the number of its approval'),
                 ('{name 拒收请回复R', {}, 'invalid-field', 'body', 'a brace is no {name} of small letters'), ('{amount} 拒收请回复R', {}, 'invalid-field', 'body', '{amount} is no value of this kind of message'))
        for body, more, reason, field, why in cases:
            with self.subTest(why=why):
                self.assertEqual(problem(self.create(body, **more)), (400, reason, [(field, why)]))

    def test_P1_who_may(self):
        for role in ('customer_service', 'rep', 'administrator'):
            self.assertEqual(problem(account(role).post('/v1/templates', {}, key=fresh()))[:2], (403, 'role-missing'), role)
        self.assertEqual(problem(account('rep').get('/v1/templates'))[:2], (403, 'role-missing'))


class Recipients(unittest.TestCase):
    def test_N3_out_with_a_reason_and_a_history_and_in_by_an_express_consent(self):
        who, client = customer(), account('customer_service')
        self.assertFalse(client.get(f'/v1/recipients/{who}').expect(200).json['opted_out'])
        for _ in range(2):
            out = client.post(f'/v1/recipients/{who}:optOut', {'reason': 'told us so', 'reply': ' ｔｄ '}, key=fresh()).expect(200).json
            self.assertEqual((out['opted_out'], [stop['scope'] for stop in out['stops']]), (True, ['phone']))
        self.assertEqual([(entry['by'], entry['to'], entry['why']) for entry in out['history']], [(client.username, 'opted out: phone', 'told us so')])
        consent = {'purpose': 'marketing', 'decision': 'given', 'source': 'a form', 'text_version': '2026-1'}
        # One that was given before the stop lifts nothing.
        client.post(f'/v1/customers/{who}/consents', {**consent, 'at': '2026-01-05T09:00:00+08:00'}, key=fresh()).expect(201)
        self.assertTrue(client.get(f'/v1/recipients/{who}').expect(200).json['opted_out'])
        client.post(f'/v1/customers/{who}/consents', consent, key=fresh()).expect(201)
        after = client.get(f'/v1/recipients/{who}').expect(200).json
        self.assertEqual((after['opted_out'], [stop['in_force'] for stop in after['stops']]), (False, [False]))

    def test_N3_a_stop_outlives_the_record_it_came_with(self):
        """A reply stops the phone, also for who comes with it later from another source, whose file says that they agree."""
        number, client = phone(), account('customer_service')
        first = customer(phone=number)
        client.post(f'/v1/recipients/{first}:optOut', {'reason': 'replied', 'reply': 'R'}, key=fresh()).expect(200)
        source = Source()
        source.take('customers', [{'customer_no': no, 'name': name, 'phone': number, 'marketing_consent': 'true', 'consent_at': '2026-11-01T09:00:00+08:00'}
                                  for no, name in (('k1', '王芳'), ('k2', '李强'))])
        # Settled purchases make them findable by their outside numbers.
        source.take('settlements', [{'settlement_no': no, 'kind': 'sale', 'customer_no': no, 'occurred_at': '2026-11-02T09:00:00+08:00',
                                     'settled_at': '2026-11-02T09:00:00+08:00', 'line_no': '1', 'category': 'dental', 'amount': '1.00'} for no in ('k1', 'k2')])
        ranked = administrator().get('/v1/settlements:rank', query={'imported_from': source.name, 'count': 9}).expect(200).json['customers']
        self.assertEqual(len(ranked), 2)
        for one in ranked:
            self.assertTrue(client.get(f"/v1/recipients/{one['customer_id']}").expect(200).json['opted_out'], one)

    def test_what_is_wrong_is_named(self):
        who, client = customer(), account('customer_service')
        self.assertEqual(problem(client.post(f'/v1/recipients/{who}:optOut', {'reason': 'a reply', 'reply': 'thanks'}, key=fresh())),
                         (400, 'invalid-field', [('reply', 'is no opt-out: R, T, TD or 退订')]))
        self.assertEqual(problem(client.post(f'/v1/recipients/{who}:optOut', {}, key=fresh())), (400, 'invalid-field', [('reason', 'is required')]))
        self.assertEqual(problem(client.post(f'/v1/recipients/{uuid.uuid4()}:optOut', {'reason': 'a reply'}, key=fresh()))[:2], (404, 'not-found'))
        self.assertEqual(problem(account('rep').post(f'/v1/recipients/{who}:optOut', {'reason': 'a reply'}, key=fresh()))[:2], (403, 'role-missing'))


class Policy(unittest.TestCase):
    ROUTE = '/v1/policies/notifications'

    def setUp(self):
        self.client = account('customer_service_director')
        # Far ahead and a day of its own: what other tests see today does not change.
        self.day = str(today() + datetime.timedelta(days=3_000 + uuid.uuid4().int % 100_000))

    def change(self, day=None, **more):
        policy = {**self.client.get(self.ROUTE).expect(200).json['policy'], **more}
        return self.client.post(self.ROUTE, {'effective_from': day or self.day, 'reason': 'we decided so', 'policy': policy}, key=fresh())

    def test_a_version_from_a_day_on_and_the_day_before_as_it_was(self):
        made = self.change(marketing_per_month=3).expect(201).json
        self.assertEqual((made['effective_from'], made['approver'], made['policy']['marketing_per_month']), (self.day, self.client.username, 3))
        self.assertEqual(self.client.get(self.ROUTE, query={'on': self.day}).expect(200).json, made)
        self.assertEqual(self.client.get(self.ROUTE).expect(200).json['policy']['marketing_per_month'], 4)

    def test_N3_M4_what_does_not_go_together_is_refused(self):
        greeting = {'member_class': 'MEMBER_CLASS_A', 'channel': 'sms', 'template_code': 'birthday'}
        cases = (({'marketing_until_minute': 480}, 'policy.marketing_until_minute', 'marketing must end after it begins'),
                 ({'greeting_expires_minute': 540}, 'policy.greeting_expires_minute', 'a greeting must expire after the worker runs'),
                 ({'greetings': [{**greeting, 'member_class': 'MEMBER_CLASS_J'}]}, 'policy.greetings[0].member_class', 'classes C and J are not greeted'),
                 ({'greetings': [greeting, greeting]}, 'policy.greetings[1].member_class', 'this class is named twice'),
                 ({'greetings': [{**greeting, 'template_code': 'nothing'}]}, 'policy.greetings[0].template_code', 'no template of kind birthday has this code'))
        for more, field, why in cases:
            with self.subTest(why=why):
                self.assertEqual(problem(self.change(**more)), (400, 'rule-broken', [(field, why)]))

    def test_what_is_wrong_is_named(self):
        self.assertEqual(problem(self.change(day='2020-01-01')), (400, 'invalid-field', [('effective_from', f'must not be before today, {today()}')]))
        self.assertEqual(problem(self.change(unknown_becomes='lost')), (400, 'invalid-field', [('policy.unknown_becomes', 'must be one of held, resend')]))
        self.assertEqual(problem(self.change(suite_per_hour=0)), (400, 'invalid-field', [('policy.suite_per_hour', 'must be at least 1')]))
        self.assertEqual(problem(self.change(signature='')), (400, 'invalid-field', [('policy.signature', 'is required')]))

    def test_P1_who_may(self):
        for role in ('customer_service', 'rep', 'administrator'):
            self.assertEqual(problem(account(role).post(self.ROUTE, {}, key=fresh()))[:2], (403, 'role-missing'), role)
        account('auditor').get(self.ROUTE).expect(200)


class Birthdays(unittest.TestCase):
    def test_N2_who_is_no_member_is_not_counted(self):
        customer(birthday='1990-05-05')
        client, day = account('customer_service'), {'day': '2026-05-05', 'imported_from': code('nobody')}
        self.assertEqual(client.get('/v1/birthdays:count', query=day).expect(200).json, {'members': '0', 'with_marketing_consent': '0'})
        self.assertEqual(client.get('/v1/birthdays', query=day).expect(200).json, {'birthdays': [], 'next_page_token': ''})

    def test_what_is_wrong_is_named(self):
        client = account('customer_service')
        for day, why in (('', 'is required'), ('2026-02-29', 'no such day')):
            self.assertEqual(problem(client.get('/v1/birthdays:count', query={'day': day} if day else {})), (400, 'invalid-field', [('day', why)]))
        self.assertEqual(problem(account('rep').get('/v1/birthdays:count', query={'day': '2026-02-16'}))[:2], (403, 'role-missing'))
        self.assertEqual(problem(account('leader').get('/v1/birthdays', query={'day': '2026-02-16'}))[:2], (403, 'role-missing'))


class Messages(unittest.TestCase):
    def test_who_has_none_has_none(self):
        client, nobody = account('customer_service'), str(uuid.uuid4())
        self.assertEqual(client.get('/v1/messages', query={'customer_id': nobody, 'state': 'MESSAGE_STATE_ACCEPTED'}).expect(200).json,
                         {'messages': [], 'next_page_token': ''})
        for path in (f'/v1/messages/{nobody}',):
            self.assertEqual(problem(client.get(path))[:2], (404, 'not-found'))
        self.assertEqual(problem(client.post(f'/v1/tasks/{nobody}:complete', {'result': 'was pleased'}, key=fresh()))[:2], (404, 'not-found'))
        release = {'to': 'dropped', 'reason': 'they were called'}
        self.assertEqual(problem(account('customer_service_director').post(f'/v1/messages/{nobody}:release', release, key=fresh()))[:2], (404, 'not-found'))

    def test_what_is_wrong_is_named(self):
        client = account('customer_service')
        self.assertEqual(problem(client.get('/v1/messages', query={'page_size': 201})), (400, 'invalid-field', [('page_size', 'must be at most 200')]))
        self.assertEqual(problem(client.get('/v1/messages', query={'customer_id': 'x'})), (400, 'invalid-field', [('customer_id', 'must be a UUID')]))
        for path in ('/v1/messages', '/v1/tasks'):
            self.assertEqual(problem(account('rep').get(path))[:2], (403, 'role-missing'), path)
        self.assertEqual(problem(client.post(f'/v1/messages/{uuid.uuid4()}:release', {}, key=fresh()))[:2], (403, 'role-missing'))


class Status(unittest.TestCase):
    def test_it_is_idle_with_its_works_planned(self):
        idle()
        status = eventually(20, lambda: administrator().get('/v1/services/notifications/status').expect(200).json)
        self.assertEqual((status['dead_letters'], status['gauges']['under_way']), ('0', '0'))


if __name__ == '__main__':
    unittest.main()
