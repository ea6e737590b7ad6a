"""P2: names, phone numbers and what people say stand in clear nowhere: not in a log, not in a stream, not in a file of a database.

They are planted through doors that take them; then every file of the running suite is read. A campaign, which is nobody's, is planted as
well and must be found in what the databases and the broker write, so that a look that sees nothing would be noticed.
"""
import base64
import json
import os
import pathlib
import random
import unittest
import urllib.parse

from files import Source, idle
from harness import fresh, suite
from people import account, code, phone

SERVICES = ('every',)
HAN = '婼翀珺彧琬翾瑄祎琤漪'      # so rare that nothing else of the suite holds three of them


def planted_name():
    return '欧阳' + ''.join(random.choices(HAN, k=6))


def forms(text):
    """As it may stand in a file: plain, in the other encoding of Chinese, escaped, percent-encoded, and within base64."""
    plain = text.encode()
    yield from (plain, text.encode('gb18030'), ascii(text).strip("'").encode(), json.dumps(text).strip('"').encode())
    yield from (quoted.encode() for quoted in {urllib.parse.quote(text), urllib.parse.quote(text).lower()})
    for shift in range(3):
        # What of it does not depend on its neighbours: whole groups of three bytes.
        inner = plain[(3 - shift) % 3:]
        yield base64.b64encode(inner[:len(inner) // 3 * 3])


def everything(folder):
    """Every file below it. The suite is running: files and folders may go while they are read."""
    for parent, _, names in os.walk(folder):
        for path in sorted(pathlib.Path(parent, name) for name in names):
            if path.is_file() and not path.is_symlink():
                try:
                    yield path, path.read_bytes()
                except FileNotFoundError:
                    continue


class InClear(unittest.TestCase):
    def setUp(self):
        self.secrets = []

    def secret(self, text):
        self.secrets.append(text)
        return text

    def person(self):
        return {'name': self.secret(planted_name()), 'phone': self.secret(phone())}

    def test_P2_nothing_personal_stands_in_clear(self):
        desk, service, campaign = account('front_desk'), account('customer_service'), code('campaign')
        lead = desk.post('/v1/leads', {'channel': 'walk_in', 'campaign': campaign, **self.person()}, key=fresh()).expect(201).json['lead']
        # What is refused may be logged with its reason, never with what it said.
        desk.post('/v1/leads', {'channel': 'walk_in', 'name': self.secret(planted_name()), 'phone': self.secret('1380013' + '9' * 9)},
                  key=fresh()).expect(400)
        desk.post('/v1/leads', {'channel': 'walk_in', self.secret(planted_name()): 'x', **self.person()}, key=fresh()).expect(400)
        desk.get('/v1/leads', query={'channel': self.secret(planted_name())})
        service.post('/v1/complaints', {'customer_id': lead['customer_id'], 'text': self.secret(planted_name()) + '态度不好'},
                     key=fresh()).expect(201)
        service.post(f"/v1/customers/{lead['customer_id']}:reveal", {'reason': self.secret(planted_name())}, key=fresh())
        source = Source()
        source.take('customers', [{'customer_no': code('c'), **self.person(), 'birthday': '1988-02-29'}])
        # Refused rows are kept for whoever sent them.
        source.take('customers', [{'customer_no': code('c'), 'name': self.secret(planted_name()), 'phone': self.secret('139' + '1' * 12),
                                   'birthday': '1988-02-30'}])
        idle()
        folder, database = (pathlib.Path(suite()[name]) for name in ('folder', 'database_folder'))
        files = list(everything(folder)) + ([] if database.is_relative_to(folder) else list(everything(database)))
        needles = [(text, form) for text in self.secrets for form in forms(text)]
        self.assertEqual(sorted({(str(path), text) for path, content in files for text, form in needles if form in content}), [])
        written = [path for path, content in files if campaign.encode() in content]
        for where in (database, folder / 'nats'):
            self.assertTrue([path for path in written if path.is_relative_to(where)], f'nothing is found in {where}: the look sees nothing')
        self.assertGreater(len(self.secrets), 10)


if __name__ == '__main__':
    unittest.main()
