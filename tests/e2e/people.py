"""Accounts for every role, and the few rows of staff that a test needs.

    finance = account('finance')
    rep = account('rep', staff_id=...)
"""
import datetime
import decimal
import secrets

import harness
from harness import administrator, fresh

ROLES = ('rep', 'supervisor', 'market_director', 'leader', 'consultant', 'front_desk', 'back_office', 'operations',
         'customer_service', 'customer_service_director', 'finance', 'personnel', 'administrator', 'auditor', 'clinician', 'compliance')
_known = {}


def code(prefix):
    """A short code that nobody else has: sources, user names, numbers."""
    return f'{prefix}-{secrets.token_hex(5)}'


def today():
    """The hospital's day (G3)."""
    return datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()


def fen(yuan):
    """'12.50' as the interface takes it."""
    return round(decimal.Decimal(yuan) * 100)


def phone():
    """A mobile number that no other test uses: households are proposed across all sources (L3)."""
    return f'138{secrets.randbelow(10 ** 8):08d}'


def new_account(by, *roles, staff_id=''):
    """Made by an administrator; answers a client that is signed in as it, with `username`."""
    username, password = code('-'.join(roles)[:40].replace('_', '-')), secrets.token_hex(12)
    body = {'username': username, 'roles': list(roles), 'password': password}
    if staff_id:
        body['staff_id'] = staff_id
    made = by.post('/v1/accounts', body, key=fresh()).expect(201).json
    client = harness.sign_in(by.with_token(None), username, password)
    client.username, client.account_id, client.password = username, made['id'], password
    return client


def account(*roles):
    """Nobody's account with these roles in the shared suite; made once per run of a module."""
    if roles not in _known:
        _known[roles] = new_account(administrator(), *roles)
    return _known[roles]


def hire(by, job):
    """A member of staff of their own, in no plan; answers the id."""
    row = {'staff_no': code('p'), 'name': '周敏', 'job': job, 'joined_on': '2025-01-01'}
    return by.post('/v1/staff', row, key=fresh()).expect(201).json['id']


def new_person(by, *roles):
    """An account of a member of staff, with `staff_id`."""
    staff_id = hire(by, roles[0])
    client = new_account(by, *roles, staff_id=staff_id)
    client.staff_id = staff_id
    return client


def person(*roles):
    """The account of a member of staff with these roles in the shared suite; made once per run of a module."""
    key = ('person', *roles)
    if key not in _known:
        _known[key] = new_person(administrator(), *roles)
    return _known[key]


def own_account(role, staff_id):
    """An account of that member of staff."""
    return new_account(administrator(), role, staff_id=staff_id)


def staff_by_number(client, source):
    """staff_no -> id of everybody imported from that source."""
    found, token = {}, ''
    while True:
        query = {'source': source, 'page_size': 200, **({'page_token': token} if token else {})}
        page = client.get('/v1/staff', query=query).expect(200).json
        found |= {row['staff_no']: row['id'] for row in page.get('staff', ())}
        token = page.get('next_page_token')
        if not token:
            return found
