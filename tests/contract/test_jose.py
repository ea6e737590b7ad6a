"""Our access tokens and those of another implementation (npm `jose`, pinned) are each other's.

Always: the pin is exact, and our signer and verifier agree. With RENXIN_TEST_LONG=1 also: jose is fetched by npm, reads what
we sign and refuses what it must, and we do the same with what jose signs. RENXIN_NODES names the node programs to run it on
(by colon; `node` when it is not set).
"""
import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = pathlib.Path(os.environ.get('RENXIN_ROOT') or HERE.parents[1])
JOSE = HERE / 'jose'
TOOL = ROOT / 'build/dev/bin/token_tool'
LONG = bool(os.environ.get('RENXIN_TEST_LONG'))
SEED, KID, NOW = bytes(range(32)), 'k-1', 1_800_000_000
PEOPLE = (('acc-1', 'st-1', '李强', ['rep']), ('acc-2', '', 'admin', ['administrator', 'auditor']), ('acc-3', 'st-3', 'a"b\\c\u2028é😀', ['finance']))


def tool(*words):
    return subprocess.run([str(TOOL), *words], check=True, capture_output=True, timeout=30).stdout.decode().split('\n')[:-1]


def sign(account, staff, name, roles, now=NOW):
    public, token = tool('sign', SEED.hex(), KID, str(now), account, staff, name, ','.join(roles))
    return public, token


def verify(public, token, now=NOW, kid=KID):
    return tool('verify', public, kid, str(now), token)


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def claims(account, staff, name, roles, **more):
    return {'iss': 'renxin-identity', 'aud': 'renxin', 'sub': account, 'staff': staff, 'name': name, 'roles': roles,
            'iat': NOW, 'nbf': NOW, 'exp': NOW + 600, 'jti': 'jti-1', **more}


class Ours(unittest.TestCase):
    def test_the_pin_is_exact_and_bears_a_digest(self):
        wanted = json.loads((JOSE / 'package.json').read_text(encoding='utf-8'))['dependencies']
        locked = json.loads((JOSE / 'package-lock.json').read_text(encoding='utf-8'))['packages']
        self.assertEqual({f'node_modules/{name}' for name in wanted}, set(locked) - {''})
        for name, version in wanted.items():
            self.assertRegex(version, r'\A\d+\.\d+\.\d+\Z')
            self.assertEqual(locked[f'node_modules/{name}']['version'], version)
            self.assertRegex(locked[f'node_modules/{name}']['integrity'], r'\Asha512-')

    def test_signer_and_verifier_agree(self):
        for person in PEOPLE:
            public, token = sign(*person)
            account, staff, name, roles = person
            self.assertEqual(verify(public, token), ['ok', account, staff, name, ','.join(roles), 'jti-1'])
            self.assertEqual(verify(public, token, NOW + 3600), ['refused', 'token-expired'])
            self.assertEqual(verify(public, token, kid='k-2'), ['refused', 'bad-token'])


class WithJose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix='renxin-jose-'))
        for name in ('package.json', 'package-lock.json', 'exchange.mjs'):
            shutil.copy(JOSE / name, cls.folder)
        subprocess.run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], cwd=cls.folder, check=True, capture_output=True, timeout=300)
        cls.nodes = os.environ.get('RENXIN_NODES', 'node').split(':')

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def exchange(self, node, public, tokens=(), wishes=()):
        asked = {'public': public, 'seed': b64url(SEED), 'kid': KID, 'now': NOW, 'tokens': tokens, 'wishes': wishes}
        done = subprocess.run([node, 'exchange.mjs'], cwd=self.folder, input=json.dumps(asked).encode(), capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return json.loads(done.stdout)

    def test_jose_reads_ours_and_refuses_what_was_altered_or_is_over(self):
        signed = [sign(*person) for person in PEOPLE]
        public, tokens = signed[0][0], [token for _, token in signed]
        head, body, signature = tokens[0].split('.')
        other = b64url(bytes([1]) + base64.urlsafe_b64decode(signature + '==')[1:])
        wrong = {f'{head}.{body}.{other}': 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
                 f'{head}.{tokens[1].split(".")[1]}.{signature}': 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
                 sign(*PEOPLE[0], now=NOW - 3600)[1]: 'ERR_JWT_EXPIRED',
                 sign(*PEOPLE[0], now=NOW + 3600)[1]: 'ERR_JWT_CLAIM_VALIDATION_FAILED'}
        for node in self.nodes:
            answer = self.exchange(node, public, [*tokens, *wrong])
            self.assertRegex(answer['node'], re.compile(r'\Av(?:1[89]|[2-9]\d)\.'))
            for person, read in zip(PEOPLE, answer['read']):
                expected = {key: value for key, value in claims(*person).items() if value != ''}
                self.assertEqual({key: value for key, value in read['payload'].items() if value != ''}, expected)
                self.assertEqual(read['header'], {'alg': 'EdDSA', 'kid': KID, 'typ': 'JWT'})
            self.assertEqual([read.get('code') for read in answer['read'][len(PEOPLE):]], list(wrong.values()), node)

    def test_we_read_joses_and_refuse_what_we_must(self):
        public, _ = sign(*PEOPLE[0])
        one = claims(*PEOPLE[0])
        refused = [({}, {**one, 'exp': NOW - 31}, 'token-expired'),
                   ({}, {**one, 'aud': 'others'}, 'bad-token'),
                   ({}, {**one, 'iss': 'others'}, 'bad-token'),
                   ({'kid': 'k-9'}, one, 'bad-token'),
                   ({'typ': 'at+jwt'}, one, 'bad-token'),
                   ({'cty': 'JWT'}, one, 'bad-token'),
                   ({}, {key: value for key, value in one.items() if key != 'exp'}, 'bad-token')]
        wishes = [*({'header': {}, 'claims': claims(*person)} for person in PEOPLE), *({'header': head, 'claims': body} for head, body, _ in refused)]
        for node in self.nodes:
            signed = self.exchange(node, public, wishes=wishes)['signed']
            for (account, staff, name, roles), token in zip(PEOPLE, signed):
                self.assertEqual(verify(public, token), ['ok', account, staff, name, ','.join(roles), 'jti-1'], node)
            for (head, body, reason), token in zip(refused, signed[len(PEOPLE):]):
                self.assertEqual(verify(public, token), ['refused', reason], (node, head, body))


if not LONG:
    del WithJose    # it needs npm's registry


if __name__ == '__main__':
    unittest.main()
