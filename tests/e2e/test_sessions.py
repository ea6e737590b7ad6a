"""Signed in for longer than ten minutes: refresh tokens that serve once, their theft, their end (P1)."""
import concurrent.futures
import json
import pathlib
import subprocess
import tempfile
import unittest

from build import command_line
from harness import administrator, eventually, fresh, suite
from people import account, code, new_account

SERVICES = ('identity', 'cli')
SESSIONS = '/v1/sessions'
REFRESH = '/v1/sessions:refresh'
END = '/v1/sessions:end'


def anonymous():
    return administrator().with_token(None)


def sign_in(person, key=None):
    return anonymous().post(SESSIONS, {'username': person.username, 'password': person.password}, key=key).expect(201).json


def refresh(token, key=None):
    return anonymous().post(REFRESH, {'refresh_token': token}, key=key)


def refusal(reply):
    return reply.status, reply.json['reason']


def history(person):
    return account('auditor').get(f'/v1/history/account/{person.account_id}').expect(200).json['entries']


class RefreshTokens(unittest.TestCase):
    def setUp(self):
        self.person = new_account(administrator(), 'finance')

    def test_P1_a_sign_in_answers_a_refresh_token_and_a_refresh_the_next(self):
        first = sign_in(self.person)
        self.assertRegex(first['refresh_token'], r'\A[A-Za-z0-9_-]{43}\Z')
        self.assertEqual((first['token_type'], int(first['expires_in']), int(first['refresh_expires_in'])), ('Bearer', 600, 43_200))
        second = refresh(first['refresh_token']).expect(200).json
        self.assertNotEqual(second['refresh_token'], first['refresh_token'])
        self.assertNotEqual(second['access_token'], first['access_token'])
        self.assertEqual(second['account'], first['account'])
        me = anonymous().with_token(second['access_token']).get('/v1/sessions/current').expect(200).json
        self.assertEqual(me['username'], self.person.username)
        third = refresh(second['refresh_token']).expect(200).json
        refresh(third['refresh_token']).expect(200)

    def test_P1_a_used_token_ends_every_token_of_its_sign_in_and_no_other(self):
        stolen, other = sign_in(self.person), sign_in(self.person)
        second = refresh(stolen['refresh_token']).expect(200).json
        self.assertEqual(refusal(refresh(stolen['refresh_token'])), (401, 'token-reused'))
        self.assertEqual(refusal(refresh(second['refresh_token'])), (401, 'token-expired'))
        self.assertEqual(refusal(refresh(stolen['refresh_token'])), (401, 'token-reused'))
        refresh(other['refresh_token']).expect(200)
        reported = [entry for entry in history(self.person) if entry['to'] == 'session ended']
        self.assertEqual([entry['why'] for entry in reported], ['a refresh token was used twice'])
        self.assertEqual(refresh(stolen['refresh_token']).headers['WWW-Authenticate'], 'Bearer')

    def test_P1_a_repeat_under_the_same_key_gets_the_same_answer_for_ten_seconds(self):
        first, key = sign_in(self.person), fresh()
        second = refresh(first['refresh_token'], key).expect(200).json
        self.assertEqual(refresh(first['refresh_token'], key).expect(200).json, second)
        late = eventually(30, lambda: (reply := refresh(first['refresh_token'], key)).status != 200 and reply, 'the end of the grace')
        self.assertEqual(refusal(late), (401, 'token-reused'))
        self.assertEqual(refusal(refresh(second['refresh_token'])), (401, 'token-expired'))

    def test_P1_a_key_of_one_anonymous_client_is_not_anothers(self):
        one, other, key = sign_in(self.person), sign_in(new_account(administrator(), 'finance')), fresh()
        mine = refresh(one['refresh_token'], key).expect(200).json
        theirs = refresh(other['refresh_token'], key).expect(200).json
        self.assertNotEqual(mine['account'], theirs['account'])
        self.assertNotEqual(mine['refresh_token'], theirs['refresh_token'])

    def test_P1_two_at_the_same_moment_one_wins_and_the_other_ends_it(self):
        for _ in range(5):
            token = sign_in(self.person)['refresh_token']
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                replies = list(pool.map(lambda _, token=token: refresh(token), range(2)))
            self.assertEqual(sorted(reply.status for reply in replies), [200, 401])
            won, lost = sorted(replies, key=lambda reply: reply.status)
            self.assertEqual(refusal(lost), (401, 'token-reused'))
            self.assertEqual(refusal(refresh(won.json['refresh_token'])), (401, 'token-expired'))

    def test_P1_two_at_the_same_moment_under_one_key_are_one(self):
        token, key = sign_in(self.person)['refresh_token'], fresh()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            replies = [reply.expect(200).json for reply in pool.map(lambda _: refresh(token, key), range(2))]
        self.assertEqual(replies[0], replies[1])
        refresh(replies[0]['refresh_token']).expect(200)

    def test_P1_who_signs_out_is_signed_out(self):
        first = sign_in(self.person)
        second = refresh(first['refresh_token']).expect(200).json
        for token in (second['refresh_token'], second['refresh_token'], first['refresh_token']):
            self.assertEqual(anonymous().post(END, {'refresh_token': token}).expect(200).json, {})
        self.assertEqual(refusal(refresh(second['refresh_token'])), (401, 'token-expired'))
        self.assertEqual(refusal(anonymous().post(END, {'refresh_token': 'A' * 43})), (401, 'bad-token'))

    def test_P1_signing_out_at_the_command_line_ends_the_sign_in_there_and_here(self):
        with tempfile.TemporaryDirectory(prefix='renxin-logout-') as folder:
            password, session = pathlib.Path(folder, 'password'), pathlib.Path(folder, 'session.json')
            password.write_text(self.person.password + '\n', encoding='utf-8')

            def renxin(*words):
                return subprocess.run([str(command_line()), '--url', suite()['url'], '--ca', suite()['ca'], '--session', str(session), *words],
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
            signed_in = renxin('login', '--username', self.person.username, '--password-file', str(password))
            self.assertEqual(signed_in.returncode, 0, signed_in.stderr)
            token = json.loads(session.read_text(encoding='utf-8'))['refresh_token']
            self.assertEqual(renxin('logout').stdout, f'signed out {self.person.username}\n')
            self.assertFalse(session.exists())
            self.assertEqual(refusal(refresh(token)), (401, 'token-expired'))
            again = renxin('logout')
            self.assertEqual((again.returncode, again.stdout), (0, 'nobody was signed in\n'))
            self.assertIn('renxin login', renxin('period', 'list').stderr)

    def test_P1_a_new_password_ends_every_session(self):
        tokens = [sign_in(self.person)['refresh_token'] for _ in range(2)]
        body = {'old_password': self.person.password, 'new_password': fresh()}
        self.person.post('/v1/accounts/current:changePassword', {**body, 'old_password': 'not it'}, key=fresh()).expect(400)
        tokens[0] = refresh(tokens[0]).expect(200).json['refresh_token']
        self.person.post('/v1/accounts/current:changePassword', body, key=fresh()).expect(200)
        for token in tokens:
            self.assertEqual(refusal(refresh(token)), (401, 'token-expired'))
        self.person.password = body['new_password']
        refresh(sign_in(self.person)['refresh_token']).expect(200)

    def test_P1_a_disabled_account_has_no_sessions(self):
        token = sign_in(self.person)['refresh_token']
        administrator().post(f'/v1/accounts/{self.person.account_id}:disable', {'reason': 'left'}, key=fresh()).expect(200)
        self.assertEqual(refusal(refresh(token)), (401, 'token-expired'))

    def test_P1_what_is_no_refresh_token(self):
        self.assertEqual(refusal(refresh(code('x'))), (401, 'bad-token'))
        self.assertEqual(refusal(refresh(sign_in(self.person)['access_token'][:100])), (401, 'bad-token'))
        for path in (REFRESH, END):
            for body, rule in (({}, 'required'), ({'refresh_token': 'x' * 101}, 'max_len')):
                wrong = anonymous().post(path, body).expect(400).json
                self.assertEqual([(each['field'], each['rule']) for each in wrong['errors']], [('refresh_token', rule)])


if __name__ == '__main__':
    unittest.main()
