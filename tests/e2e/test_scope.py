"""P1, own, group and other: every route whose rows have an owner, as every role, for a row of the caller's, of somebody of their group
and of somebody else. Who may and who sees what is read from /openapi.json, so the contract is what the services are held to.
"""
import datetime
import unittest

from files import Source, idle
from harness import administrator, fresh
from people import ROLES, account, own_account, phone, staff_by_number, today

SERVICES = ('every',)
PERIOD = '2026-05'
WHOSE = ('own', 'group', 'other')
LISTS = {'/v1/leads', '/v1/appointments', '/v1/visits', '/v1/recognitions', '/v1/statements/{period}'}    # what is not seen is not in them
# Of a row that is seen it is refused for the row's state, so that it changes nothing for those who ask after.
MOVE = '/v1/leads/{id}:move'


def scoped():
    """path -> what the contract says of it, of all routes whose rows have an owner and are not all seen by whoever may call them."""
    found = {}
    for path, methods in administrator().get('/openapi.json').expect(200).json['paths'].items():
        for operation in methods.values():
            roles, sees_all, sees_group = (operation.get(name, ()) for name in ('x-roles', 'x-sees-all', 'x-sees-group'))
            if (sees_all or sees_group) and '*' not in sees_all and set(roles) != set(sees_all):
                found[path] = operation
    return found


def staff(no, job, **more):
    return {'staff_no': no, 'name': '李强', 'job': job, 'joined_on': '2025-01-01', **more}


class Scope(unittest.TestCase):
    """The caller is `own`; `group` is of the group that they lead."""

    @classmethod
    def setUpClass(cls):
        source = Source()
        source.take('staff', [staff('own', 'supervisor', group_no='g1'), staff('group', 'rep', group_no='g1', supervisor_no='own'),
                              staff('other', 'rep', group_no='g2')])
        idle()
        cls.staff = staff_by_number(administrator(), source.name)
        cls.rows = {whose: cls.made(cls.staff[whose]) for whose in WHOSE}
        idle()
        for row in cls.rows.values():
            row['recognition'], = (found['id'] for found in account('finance').get(
                '/v1/recognitions', query={'customer_id': row['customer']}).expect(200).json['recognitions'])

    @classmethod
    def made(cls, staff_id):
        """Somebody new, brought and advised by that member of staff, who also pays."""
        lead = account('customer_service').post('/v1/leads', {'channel': 'online', 'name': '赵敏', 'phone': phone(), 'consultant_id': staff_id},
                                                key=fresh()).expect(201).json['lead']
        appointment = account('front_desk').post('/v1/appointments', {'lead_id': lead['id'], 'department': 'dental',
                                                                      'slot_start': f'{today() + datetime.timedelta(1)}T10:00:00+08:00'},
                                                 key=fresh()).expect(201).json
        visit = account('front_desk').post('/v1/visits', {'customer_id': lead['customer_id'], 'lead_id': lead['id'], 'department': 'dental',
                                                          'rep_id': staff_id}, key=fresh()).expect(201).json
        account('finance').post('/v1/settlements', {
            'settlement_no': f's-{staff_id}', 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': lead['customer_id'],
            'occurred_at': f'{PERIOD}-02T10:00:00+08:00', 'settled_at': f'{PERIOD}-02T11:00:00+08:00',
            'lines': [{'line_no': '1', 'category': 'dental', 'amount_fen': 88000}]}, key=fresh()).expect(201)
        return {'staff': staff_id, 'lead': lead['id'], 'customer': lead['customer_id'], 'visit': visit['id'], 'appointment': appointment['id']}

    def readers(self):
        """path -> (a function that asks for a row as somebody, answers the status and whether the row was there)"""
        def one(path, key):
            return lambda client, row: ((reply := client.get(path.format(row[key]))).status, reply.status == 200)

        def many(path, query, member, key):
            def ask(client, row):
                reply = client.get(path, query=query(row))
                ids = [found['id'] for found in reply.json.get(member, ())] if reply.status == 200 else []
                return reply.status, row[key] in ids
            return ask

        def pages(path, member, key, name='id'):
            """The row among all that the caller is shown; `name`: the field of a row that is looked at."""
            def ask(client, row):
                query = {'page_size': 200}
                while True:
                    reply = client.get(path, query=query)
                    if reply.status != 200:
                        return reply.status, False
                    if row[key] in [found[name] for found in reply.json.get(member, ())]:
                        return 200, True
                    if not reply.json.get('next_page_token'):
                        return 200, False
                    query['page_token'] = reply.json['next_page_token']
            return ask

        def move(client, row):
            reply = client.post(f"/v1/leads/{row['lead']}:move", {'to': 'LEAD_STATE_CONTACTED'}, key=fresh())
            return reply.status, reply.status == 409
        return {
            '/v1/leads/{id}': one('/v1/leads/{}', 'lead'),
            '/v1/leads': pages('/v1/leads', 'leads', 'lead'),
            MOVE: move,
            '/v1/leads/{id}/history': one('/v1/leads/{}/history', 'lead'),
            '/v1/appointments/{id}': one('/v1/appointments/{}', 'appointment'),
            '/v1/appointments': pages('/v1/appointments', 'appointments', 'appointment'),
            '/v1/visits': pages('/v1/visits', 'visits', 'visit'),
            '/v1/visits/{id}': one('/v1/visits/{}', 'visit'),
            '/v1/recognitions/{id}': one('/v1/recognitions/{}', 'recognition'),
            '/v1/recognitions': many('/v1/recognitions', lambda row: {'customer_id': row['customer']}, 'recognitions', 'recognition'),
            '/v1/staff/{id}': one('/v1/staff/{}', 'staff'),
            '/v1/statements/{period}': pages(f'/v1/statements/{PERIOD}', 'statements', 'staff', 'payee_id'),
            '/v1/statements/{period}/{payee}': one(f'/v1/statements/{PERIOD}/{{}}', 'staff'),
            '/v1/statements/{period}/{payee}/sources': one(f'/v1/statements/{PERIOD}/{{}}/sources', 'staff'),
        }

    def test_P1_every_route_every_role_own_group_and_other(self):
        contract, readers = scoped(), self.readers()
        self.assertEqual(set(contract), set(readers))
        asked = 0
        for role in ROLES:
            client = own_account(role, self.staff['own'])
            for path, ask in readers.items():
                operation = contract[path]
                for whose, row in self.rows.items():
                    with self.subTest(f'{role}: {path} of {whose}'):
                        status, there = ask(client, row)
                        asked += 1
                        if role not in operation['x-roles'] and '*' not in operation['x-roles']:
                            self.assertEqual(status, 403)
                            continue
                        sees = (whose == 'own' or role in operation['x-sees-all'] or
                                whose == 'group' and role in operation['x-sees-group'])
                        self.assertEqual(there, sees)
                        self.assertEqual(status, 409 if sees and path == MOVE else 200 if sees or path in LISTS else 404)
        self.assertEqual(asked, len(ROLES) * len(readers) * len(WHOSE))


if __name__ == '__main__':
    unittest.main()
