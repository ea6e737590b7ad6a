"""P2: names, phone numbers and what people say stand in clear nowhere: not in a log, not in a stream, not in a file of a database.

They are planted through every door that takes them; then every file of the running suite is read. A campaign, which is nobody's, is
planted as well and must be found in what the databases write, so that a look that sees nothing would be noticed.
"""
import os
import pathlib
import random
import unittest

from files import Source, idle
from harness import administrator, fresh
from people import account, code, phone

HAN = '婼翀珺彧琬翾瑄祎琤漪'      # so rare that nothing else of the suite holds three of them


def planted_name():
    return '欧阳' + ''.join(random.choices(HAN, k=6))


def everything(folder):
    for path in sorted(folder.rglob('*')):
        if path.is_file() and not path.is_symlink():
            try:
                yield path, path.read_bytes()
            except FileNotFoundError:
                continue        # a segment that was recycled meanwhile


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
        folder = pathlib.Path(os.environ['RENXIN_E2E_INSTANCE']).parent
        files = list(everything(folder))
        needles = [(text, form) for text in self.secrets for form in (text.encode(), text.encode('gb18030'), ascii(text).strip("'").encode())]
        found = sorted({(str(path.relative_to(folder)), text) for path, content in files for text, form in needles if form in content})
        self.assertEqual(found, [])
        written = {path.relative_to(folder).parts[0] for path, content in files if campaign.encode() in content}
        self.assertTrue(written, 'what is not personal is found nowhere either: the look sees nothing')
        self.assertGreater(len(self.secrets), 10)


if __name__ == '__main__':
    unittest.main()
