"""Nobody writes over what they have not seen: ETag, If-None-Match, If-Match."""
import datetime
import unittest

from files import idle
from harness import administrator, fresh
from people import account, code, phone
from test_commissions import Till

SERVICES = ('identity', 'leads')


def problem(reply):
    return reply.status, reply.json['reason'], reply.json['detail']


def tag_of(record):
    return f'"{record["version"]}"'


class Versions(unittest.TestCase):
    def move(self, path, body, tag, who, key=None):
        return account(who).post(path, body, key=key or fresh(), headers={'If-Match': tag} if tag else None)

    def lead(self):
        return administrator().post('/v1/leads', {'channel': 'phone', 'name': '王芳', 'phone': phone()}, key=fresh()).expect(201).json['lead']

    def test_a_record_says_its_version_and_spares_what_is_known(self):
        lead = self.lead()
        path = f"/v1/leads/{lead['id']}"
        whole = administrator().get(path).expect(200)
        self.assertEqual(whole.headers['ETag'], tag_of(lead))
        spared = administrator().get(path, headers={'If-None-Match': whole.headers['ETag']}).expect(304)
        self.assertEqual((spared.body, spared.headers['ETag'], spared.headers['Content-Type']), (b'', whole.headers['ETag'], None))
        self.assertEqual(administrator().get(path, headers={'If-None-Match': '"999"'}).expect(200).json, whole.json)
        self.assertIsNone(administrator().get('/v1/leads').expect(200).headers['ETag'])

    def test_L2_a_lead_that_somebody_else_has_moved(self):
        lead = self.lead()
        path = f"/v1/leads/{lead['id']}:move"
        seen, lost = tag_of(lead), {'to': 'LEAD_STATE_LOST', 'reason': 'too far'}
        key = fresh()
        moved = self.move(path, lost, seen, 'customer_service', key).expect(200).json
        self.assertEqual(int(moved['version']), int(lead['version']) + 1)
        self.assertEqual(self.move(path, lost, seen, 'customer_service', key).expect(200).json, moved)     # a repeat, not a second change
        self.assertEqual(problem(self.move(path, lost, tag_of(moved), 'customer_service', key))[:2], (400, 'idempotency-key-reused'))
        self.assertEqual(problem(self.move(path, lost, seen, 'customer_service')),
                         (412, 'version-mismatch', f"the record is at version {moved['version']}"))
        self.assertEqual(self.move(path, lost, tag_of(moved), 'customer_service').status, 409)       # seen, and not allowed
        self.assertEqual(self.move(path, lost, '*', 'customer_service').status, 409)
        missing = f'/v1/leads/{fresh()}:move'
        self.assertEqual(self.move(missing, lost, '*', 'customer_service').status, 404)
        self.assertEqual(self.move(missing, lost, '"1"', 'customer_service').status, 404)

    def test_L5_an_appointment(self):
        made = account('front_desk').post('/v1/appointments', {'lead_id': self.lead()['id'], 'department': 'dental', 'slot_start': str(datetime.date.today() + datetime.timedelta(days=300)) + 'T09:00:00+08:00'},
                                          key=fresh()).expect(201).json
        path = f"/v1/appointments/{made['id']}:move"
        cancelled = {'to': 'APPOINTMENT_STATUS_CANCELLED'}
        self.assertEqual(problem(self.move(path, cancelled, '"7"', 'front_desk')), (412, 'version-mismatch', f"the record is at version {made['version']}"))
        self.move(path, cancelled, tag_of(made), 'front_desk').expect(200)

    def test_C1_a_course(self):
        till = Till()
        till.rep('b', 'plan-b')
        till.settle('c-b', 2_000_000, at='2026-03-10T10:00:00+08:00', course_no='K7')
        till.take()
        listed = administrator().get('/v1/settlements:rank', query={'imported_from': till.source.name, 'count': 1}).expect(200).json
        course, = administrator().get('/v1/courses', query={'customer_id': listed['customers'][0]['customer_id']}).expect(200).json['courses']
        path = f"/v1/courses/{course['id']}"
        tag = administrator().get(path).expect(200).headers['ETag']
        closed = self.move(f'{path}:close', {}, tag, 'clinician').expect(200).json
        self.assertEqual(self.move(f'{path}:close', {}, tag, 'clinician').status, 412)
        self.assertEqual(self.move(f'{path}:reopen', {'reason': 'goes on'}, tag, 'clinician').status, 412)
        self.move(f'{path}:reopen', {'reason': 'goes on'}, tag_of(closed), 'clinician').expect(200)
        idle()

    def test_P1_a_member_of_staff(self):
        made = administrator().post('/v1/staff', {'staff_no': code('n'), 'name': '李强', 'job': 'rep', 'joined_on': '2025-01-01'}, key=fresh()).expect(201).json
        path = f"/v1/staff/{made['id']}"
        tag = administrator().get(path).expect(200).headers['ETag']
        body = {'from': '2025-06-01', 'department': 'dental'}
        self.assertEqual(self.move(f'{path}:move', body, '"99"', 'personnel').status, 412)
        self.move(f'{path}:move', body, tag, 'personnel').expect(200)
        self.assertEqual(problem(self.move(f'{path}:move', body, tag, 'personnel')), (412, 'version-mismatch', 'the record is at version 2'))
        self.move(f'{path}:move', body, None, 'personnel').expect(200)

    def test_a_condition_that_cannot_be_read_or_that_nobody_checks(self):
        lead = self.lead()
        path = f"/v1/leads/{lead['id']}:move"
        for tag in ('1', 'W/"1"', '"1", "2"', '"x"', '"0"'):
            wrong = self.move(path, {'to': 'LEAD_STATE_LOST', 'reason': 'x'}, tag, 'customer_service').expect(400).json
            self.assertEqual([(each['field'], each['rule']) for each in wrong['errors']], [('If-Match', 'format')], tag)
        refused = administrator().post('/v1/staff', {'staff_no': code('n'), 'name': '李强', 'job': 'rep', 'joined_on': '2025-01-01'},
                                       key=fresh(), headers={'If-Match': '*'}).expect(400).json
        self.assertEqual(refused['errors'], [{'field': 'If-Match', 'rule': 'unsupported', 'message': 'If-Match is not supported here'}])
        self.assertEqual(administrator().get(f"/v1/leads/{lead['id']}").expect(200).json, lead)


if __name__ == '__main__':
    unittest.main()
