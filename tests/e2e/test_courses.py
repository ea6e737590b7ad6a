"""Courses of treatment: under plan B what belongs to one counts when it closes (C1, L7)."""
import unittest
import uuid

from files import idle
from harness import administrator, fresh
from people import account
from test_commissions import Till

SERVICES = ('identity', 'leads', 'referrals', 'commissions')


def close(course, at=None, who='clinician'):
    return account(who).post(f"/v1/courses/{course['id']}:close", {'closed_at': at} if at else {}, key=fresh())


class Courses(unittest.TestCase):
    """Settled in March, in a course that closes in May."""

    @classmethod
    def setUpClass(cls):
        cls.till = till = Till()
        till.rep('b', 'plan-b')
        till.rep('a', 'plan-a')
        for no in ('a', 'b'):
            till.settle(f'c-{no}', 2_000_000, at='2026-03-10T10:00:00+08:00', course_no='K7')
            till.settle(f'c-{no}', 1_000_000, at='2026-03-11T10:00:00+08:00')
        till.take()
        listed = administrator().get('/v1/settlements:rank', query={'imported_from': till.source.name, 'count': 10}).expect(200).json
        cls.customers = {row['customer_no']: row['customer_id'] for row in listed['customers']}

    def course(self, no):
        course, = administrator().get('/v1/courses', query={'customer_id': self.customers[f'c-{no}']}).expect(200).json['courses']
        return course

    def performance(self, no, period):
        statement = self.till.statement(no, period)
        return int(statement['performance_fen']), int(statement.get('in_open_courses_fen') or 0)

    def test_C1_under_way_then_closed_then_opened_again(self):
        course = self.course('b')
        self.assertEqual((course['course_no'], course['source'], course.get('closed_at', '')), ('K7', self.till.source.name, ''))
        self.assertEqual(self.performance('b', '2026-03'), (1_000_000, 2_000_000))
        self.assertEqual(self.performance('a', '2026-03'), (3_000_000, 0))

        closed = close(course, '2026-05-02T09:00:00+08:00').expect(200).json
        self.assertEqual(closed['closed_at'], '2026-05-02T01:00:00Z')
        idle()
        self.assertEqual(self.performance('b', '2026-03'), (1_000_000, 2_000_000))
        self.assertEqual(self.performance('b', '2026-05'), (2_000_000, 0))
        self.assertEqual(self.till.paid('2026-05')['b']['C7'], 80_000)
        payee = self.till.source.statements('2026-05')['b']['payee_id']
        source, = administrator().get(f'/v1/statements/2026-05/{payee}/sources').expect(200).json['sources']
        self.assertEqual((source['settled_on'], source['course_closed_on']), ('2026-03-10', '2026-05-02'))

        twice = close(course).expect(409).json
        self.assertEqual((twice['reason'], twice['detail']), ('wrong-state', 'L7: the course was closed at 2026-05-02T01:00:00Z'))
        self.assertEqual(account('front_desk').post(f"/v1/courses/{course['id']}:reopen", {'reason': 'goes on'}, key=fresh()).status, 403)
        account('clinician').post(f"/v1/courses/{course['id']}:reopen", {'reason': 'two sessions more'}, key=fresh()).expect(200)
        idle()
        self.assertEqual(self.performance('b', '2026-05'), (0, 2_000_000))
        history = account('auditor').get(f"/v1/history/course/{course['id']}").expect(200).json['entries']
        self.assertEqual([(entry['from'], entry['to']) for entry in history], [('under way', 'closed'), ('closed', 'under way')])
        self.assertEqual(history[1]['why'], 'two sessions more')

    def test_L7_bad_input(self):
        course = self.course('a')
        reply = close(course, '2999-01-01T00:00:00Z').expect(400).json
        self.assertEqual([(error['field'], error['message']) for error in reply['errors']], [('closed_at', 'lies in the future: it has not happened yet (G7)')])
        self.assertEqual(close({'id': str(uuid.uuid4())}).status, 404)
        self.assertEqual(close(course, who='rep').status, 403)


if __name__ == '__main__':
    unittest.main()
