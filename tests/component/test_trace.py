"""One trace id from the HTTP request to the last consumer: it stands in the log of everybody who had a part.
Only a suite of its own writes that much into its logs."""
import json
import os
import pathlib
import secrets
import sys
import unittest

from suite import Instance

sys.path.insert(0, str(pathlib.Path(os.environ['RENXIN_ROOT']) / 'tests/e2e'))
import harness      # noqa: E402  (the path above finds it)

TOLD = ('gateway', 'leads', 'referrals', 'commissions')


class Trace(unittest.TestCase):
    def test_from_the_request_to_the_last_consumer(self):
        extra = {service: {'RENXIN_LOG_LEVEL': 'debug'} for service in TOLD}
        with Instance(extra=extra) as suite:
            client = harness.administrator_of(suite)
            username, password = 'desk', secrets.token_hex(12)
            client.post('/v1/accounts', {'username': username, 'roles': ['consultant', 'front_desk', 'finance'], 'password': password}).expect(201)
            desk = harness.sign_in(client.with_token(None), username, password)
            lead = desk.post('/v1/leads', {'channel': 'phone', 'name': '王芳', 'phone': '13912345678'}).expect(201).json['lead']
            trace = secrets.token_hex(16)
            reported = {'traceparent': f'00-{trace}-{secrets.token_hex(8)}-01'}
            desk.post('/v1/visits', {'customer_id': lead['customer_id'], 'department': 'dental'}, headers=reported).expect(201)
            desk.post('/v1/settlements', {
                'settlement_no': 's1', 'kind': 'SETTLEMENT_KIND_SALE', 'customer_id': lead['customer_id'], 'occurred_at': '2026-05-01T10:00:00+08:00',
                'lines': [{'line_no': '1', 'category': 'dental', 'amount_fen': 100}]}, headers=reported).expect(201)

            def seen(service):
                lines = [json.loads(line) for line in suite.log(service).read_text(encoding='utf-8').splitlines() if trace in line]
                return {line['msg'] for line in lines if line['trace_id'] == trace}
            for service, word in (('gateway', 'request'), ('leads', 'request'), ('referrals', 'event'), ('commissions', 'event')):
                with self.subTest(service):
                    harness.eventually(20, lambda: word in seen(service), f'the trace in the log of {service}')


if __name__ == '__main__':
    unittest.main()
