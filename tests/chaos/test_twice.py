"""A message comes twice, to two replicas, at the same moment: who asked once is answered as if it had come once (DESIGN 3, "a retried
request acts once"). One suite for all tests here, of two replicas behind a shim, as no other has.
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness                      # noqa: E402  (on the path by ./dev test)
from people import code, new_account, phone    # noqa: E402
from shim import Shim               # noqa: E402
from suite import Instance          # noqa: E402

ROUNDS = 40


class Twice(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        extra = {}
        cls.suite = Instance(database='postgres', replicas=2, extra=extra)
        # Half of all messages come twice, and of what comes twice some comes in the other order: questions and answers.
        cls.shim = cls.enterClassContext(Shim(cls.suite.port('nats'), cls.suite.ca, 1, double=0.5, reorder=0.3, poison_every=0))
        extra.update({name: cls.shim.environment() for name in cls.suite.services})
        cls.enterClassContext(cls.suite)
        cls.suite.login()

    def setUp(self):
        self.administrator = harness.administrator_of(self.suite)

    def tearDown(self):
        self.assertGreater(self.shim.counts.get('doubled', 0), 0)

    def test_P1_a_token_that_serves_once_is_not_taken_for_stolen(self):
        person = new_account(self.administrator, 'finance')
        nobody = self.administrator.with_token(None)
        session = nobody.post('/v1/sessions', {'username': person.username, 'password': person.password}, key=harness.fresh()).expect(201)
        for _ in range(ROUNDS):
            session = nobody.post('/v1/sessions:refresh', {'refresh_token': session.json['refresh_token']}, key=harness.fresh()).expect(200)

    def test_what_can_be_done_once_is_not_refused_to_who_did_it(self):
        desk = new_account(self.administrator, 'front_desk')
        service = new_account(self.administrator, 'customer_service')
        lead = desk.post('/v1/leads', {'channel': 'walk_in', 'name': '王芳', 'phone': phone()}, key=harness.fresh()).expect(201).json['lead']
        customer = {'customer_id': lead['customer_id']}
        for _ in range(ROUNDS):
            opened = service.post('/v1/complaints', {**customer, 'text': code('等候')}, key=harness.fresh()).expect(201).json
            path = f'/v1/complaints/{opened["id"]}'
            service.post(f'{path}:investigate', {}, key=harness.fresh()).expect(200)
            service.post(f'{path}:resolve', {'outcome': 'COMPLAINT_OUTCOME_UNFOUNDED'}, key=harness.fresh()).expect(200)


if __name__ == '__main__':
    unittest.main()
