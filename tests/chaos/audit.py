"""The audit after chaos: the journal against the tables and the streams. Answers what is wrong, a line each."""
import collections
import json
import re
import sqlite3
import subprocess

from base import ROOT       # on the path by ./dev
from build import BUSINESS as SERVICES
from cluster import PROGRAMS

_CONSUMER = re.compile(r'option \(options\.v1\.consumers\) = \{name: "([^"]+)", publisher: "(\w+)", event: "(\w+)"\};')


def consumers():
    """(service, consumer, publisher, event) of each that the contract declares."""
    for service in SERVICES:
        text = (ROOT / f'proto/renxin/{service}/v1/{service}.proto').read_text(encoding='utf-8')
        for name, publisher, event in _CONSUMER.findall(text):
            yield service, name, publisher, event


class Tables:
    """Reads a service's tables past the service."""

    def __init__(self, suite):
        self.suite = suite

    def rows(self, service, sql):
        url = self.suite.database_url(service, 'owner')
        if url.startswith('sqlite:'):
            connection = sqlite3.connect(f'file:{url[7:]}?mode=ro', uri=True, timeout=10)
            try:
                return [tuple(str(cell) if cell is not None else '' for cell in row) for row in connection.execute(sql)]
            finally:
                connection.close()
        # Not the psql of the search path: Debian's asks around for a while which one it should be, and an audit asks a hundred times.
        done = subprocess.run([PROGRAMS / 'psql', url, '-X', '-A', '-t', '-F', '\x1f', '-c', sql], capture_output=True, text=True, timeout=60,
                              check=True)
        return [tuple(line.split('\x1f')) for line in done.stdout.splitlines() if line]

    def number(self, service, sql):
        return int(self.rows(service, sql)[0][0] or 0)


def acknowledged(tables, journal):
    """What was answered 2xx is there, once, as it was answered."""
    found = collections.Counter(number for number, in tables.rows('leads', 'select settlement_no from settlements'))
    facts = dict(tables.rows('commissions', 'select settlement_id, total_fen from settlement_facts'))
    for entry in journal.of('settlement'):
        if found[entry['number']] != 1:
            yield f'settlement {entry["number"]} was acknowledged and stands {found[entry["number"]]} times'
        if facts.get(entry['id']) != str(entry['fen']):
            yield f'settlement {entry["number"]} of {entry["fen"]} fen is {facts.get(entry["id"], "absent")} at commissions'
    for kind, table in (('lead', 'leads'), ('visit', 'visits')):
        ids = {row for row, in tables.rows('leads', f'select id from {table}')}
        for entry in journal.of(kind):
            if entry['id'] not in ids:
                yield f'{kind} {entry["id"]} was acknowledged and is absent'


def nothing_more(tables, journal):
    """A retried request acted once: no more records than acknowledged ones. Nothing is imported in these runs."""
    for kind, table in (('lead', 'leads'), ('visit', 'visits'), ('settlement', 'settlements')):
        there = tables.number('leads', f'select count(*) from {table}')
        if there > len(journal.of(kind)):
            yield f'{there} {table} stand, {len(journal.of(kind))} were acknowledged'


def delivered(tables, poison=frozenset()):
    """Every event of every outbox is in the stream, and once in the inbox of each who reacts to it. Dead letters are the
    poison's alone: what was never in anybody's outbox."""
    for service in SERVICES:
        unsent = tables.number(service, 'select count(*) from outbox where stream_seq is null')
        if unsent:
            yield f'{service}: {unsent} events unsent'
        dead = [(event, reason) for event, reason in tables.rows(
            service, 'select event_id, reason from dead_letters where replayed_at is null') if event not in poison]
        if dead:
            yield f'{service}: {len(dead)} dead letters, the first {dead[0]}'
    for service, consumer, publisher, event in consumers():
        published = {row for row, in tables.rows(publisher, f"select event_id from outbox where name = '{event}'")}
        seen = {row for row, in tables.rows(service, f"select event_id from inbox where consumer = '{consumer}'")}
        dead = {row for row, in tables.rows(service, f"select event_id from dead_letters where consumer = '{consumer}'")}
        if published - seen:
            yield f'{consumer}: {len(published - seen)} of {len(published)} events of {publisher}.{event} never acted'
        if seen - published - poison:
            yield f'{consumer}: {len(seen - published - poison)} events acted that {publisher} never committed'
        if seen & poison != dead & poison:
            yield f'{consumer}: took {len(seen & poison)} poisoned events and {len(dead & poison)} of them are dead letters'


def places(tables):
    """Every event has a place of its own in its stream."""
    for service in SERVICES:
        shared = tables.number(service, 'select count(*) from (select stream_epoch, stream_seq from outbox where stream_seq is not null '
                                        'group by stream_epoch, stream_seq having count(*) > 1) as shared')
        if shared:
            yield f'{service}: {shared} places of the stream are claimed by several events'


def at_once(tables, journal):
    """What must hold at any moment, under load too: what was acknowledged is in its own service's tables, no two events
    share a place, and no fact stands without its inbox row."""
    for kind, table in (('lead', 'leads'), ('visit', 'visits'), ('settlement', 'settlements')):
        entries = journal.of(kind)
        ids = {row for row, in tables.rows('leads', f'select id from {table}')}
        missing = [entry['id'] for entry in entries if entry['id'] not in ids]
        if missing:
            yield f'{len(missing)} of {kind} were acknowledged and are absent'
    yield from places(tables)
    facts, seen = (tables.number('commissions', sql) for sql in (
        'select count(*) from settlement_facts', "select count(*) from inbox where consumer = 'commissions_on-settlement'"))
    if facts > seen:
        yield f'{facts} settlements at commissions, {seen} in the inbox'


def ledger(tables):
    total = tables.number('commissions', 'select coalesce(sum(amount_fen), 0) from ledger_entries')
    if total:
        yield f'the ledger adds up to {total} fen'


def points(tables):
    """Every settlement is a fact at membership, and the ledger of points adds up to what the members have."""
    missing = {row for row, in tables.rows('leads', 'select id from settlements')} - {
        row for row, in tables.rows('membership', 'select settlement_id from settlement_facts')}
    if missing:
        yield f'{len(missing)} settlements are absent at membership'
    twice = tables.number('membership', 'select count(*) from (select customer_id, ledger_account, lot_id, for_id from points_ledger '
                                        'group by customer_id, ledger_account, lot_id, for_id having count(*) > 1) as twice')
    if twice:
        yield f'{twice} entries of the ledger of points stand more than once'
    entered = tables.number('membership', 'select coalesce(sum(points), 0) from points_ledger')
    held = tables.number('membership', 'select coalesce(sum(points_balance - points_debt), 0) from members')
    if entered != held:
        yield f'the ledger of points adds up to {entered}, the members have {held}'


def audit(suite, journal, poison=frozenset()):
    """`poison`: ids of events that were made up and cannot be read."""
    tables = Tables(suite)
    return [*acknowledged(tables, journal), *nothing_more(tables, journal), *delivered(tables, poison), *places(tables),
            *ledger(tables), *points(tables)]


def idle(suite, seconds=60):
    """Waits until nothing is under way anywhere; the command's own words when that does not come true."""
    done = suite.renxin('status', '--wait-idle', '--timeout', seconds, '--json', check=False, timeout=seconds + 30)
    return None if done.returncode == 0 else f'not idle after {seconds} s: {done.stdout[-2000:]}{done.stderr[-500:]}'


def counts(journal):
    return json.dumps(collections.Counter(entry['kind'] for entry in journal.entries))
