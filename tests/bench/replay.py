"""The statements that a database logged for one request of a service, run again alone: as a script for pgbench, or through
SQLite's API. The same texts, prepared, with whatever must be unique fresh in each transaction."""
import re
import secrets
import sqlite3
import time

import harness      # on the path by ./dev

_HEAD = re.compile(r'^(?P<stamp>\S+ \S+ \S+) \|(?P<user>[^|]*)\|(?P<pid>\d+)\| (?P<rest>.*)$')
_STATEMENT = re.compile(r'^(?:LOG:\s+)(?:statement: |execute [^:]+: )(?P<sql>.*)$', re.DOTALL)
_PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
# Ids and hashes: what must differ from one transaction to the next.
_STRING = re.compile(r"'(?:[^']|'')*'")
_UNIQUE = re.compile(r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,128}')


class StatementLog:
    """While this holds, the cluster logs every statement of `user`."""

    def __init__(self, suite, user):
        self.suite, self.user = suite, user
        self.path = suite.log('postgres')

    def _set(self, *settings):
        for name, value in settings:
            self.suite.cluster.psql('-c', f'alter system set {name} = {value}' if value else f'alter system reset {name}')
        self.suite.cluster.psql('-c', 'select pg_reload_conf()')
        logs = 'all' if settings[0][1] else 'none'
        harness.eventually(10, lambda: self.suite.cluster.psql('-Atc', 'show log_statement').strip() == logs, 'the cluster has read it')

    def __enter__(self):
        self._set(('log_statement', "'all'"), ('log_line_prefix', "'%m |%u|%p| '"), ('log_parameter_max_length', '-1'))
        self.start = self.path.stat().st_size
        return self

    def __exit__(self, *_):
        self._set(('log_statement', None), ('log_line_prefix', None), ('log_parameter_max_length', None))

    def transactions(self):
        """Lists of (sql, {number: value}) from begin to commit."""
        with open(self.path, encoding='utf-8') as log:
            log.seek(self.start)
            entries = []
            for line in log.read().splitlines():
                head = _HEAD.match(line)
                if head:
                    entries.append([head['user'], head['pid'], head['rest']])
                elif entries:
                    entries[-1][2] += '\n' + line
        return list(_grouped((pid, rest) for user, pid, rest in entries if user == self.user))


def _grouped(entries):
    open_ones = {}
    for pid, rest in entries:
        if rest.startswith('DETAIL:') and open_ones.get(pid):
            values = {int(number): value for number, value in _PARAMETER.findall(rest)}
            open_ones[pid][-1] = (open_ones[pid][-1][0], values)
            continue
        statement = _STATEMENT.match(rest)
        if not statement:
            continue
        sql = statement['sql'].strip()
        if sql.lower().startswith('begin'):
            open_ones[pid] = []
        if pid in open_ones:
            open_ones[pid].append((sql, {}))
            if sql.lower() in ('commit', 'rollback'):
                yield open_ones.pop(pid)


class Drawn:
    """The literals of a transaction with a variable for each value that must be unique: `draw` makes the expression."""

    def __init__(self, draw):
        self.names = {}     # token -> variable
        self._draw = draw

    def literal(self, quoted):
        inner, pieces, at = quoted[1:-1], [], 0
        for match in _UNIQUE.finditer(inner):
            name = self.names.setdefault(match.group(), f'r{len(self.names) + 1}')
            pieces += [f"'{inner[at:match.start()]}'", self._draw(name, match.group())]
            at = match.end()
        pieces = [piece for piece in [*pieces, f"'{inner[at:]}'"] if piece != "''"]
        return '(' + ' || '.join(pieces) + ')'


def script(transaction):
    """For pgbench -M prepared."""
    def draw(name, token):
        drawn = f'md5(:{name}::text)'
        return f'{drawn}::uuid::text' if '-' in token else f"rpad({drawn}, {len(token)}, 'a')"
    drawn = Drawn(draw)
    lines = []
    for sql, values in transaction:
        bound = re.sub(r'\$(\d+)', lambda match: _value(drawn, values[int(match.group(1))]), sql)
        lines.append(' '.join(bound.split('\n')) + ';')
    return '\n'.join([*(f'\\set {name} random(1, 9000000000000000000)' for name in drawn.names.values()), *lines]) + '\n'


def _value(drawn, value):
    return drawn.literal(value) if value != 'NULL' and _UNIQUE.search(value) else value


def sqlite_transactions(path):
    """Lists of statements from begin to commit, of the log of a process (RENXIN_STATEMENT_LOG)."""
    open_ones = {}
    for line in path.read_text(encoding='utf-8').splitlines():
        connection, sql = line.split('\t', 1)
        if sql.startswith('begin'):
            open_ones[connection] = []
        if connection in open_ones:
            open_ones[connection].append(sql)
            if sql in ('commit', 'rollback'):
                ended = open_ones.pop(connection)
                if sql == 'commit':
                    yield ended


def _time_ordered_id():
    """As the services' own: the time first, then what nobody else has."""
    head = f'{time.time_ns() // 1_000_000:012x}'
    tail = secrets.token_hex(9)
    return f'{head[:8]}-{head[8:]}-7{tail[:3]}-8{tail[3:6]}-{tail[6:18]}'


class SqliteReplay:
    """The statements of one transaction through SQLite's API, on a connection set as shared/db/session.cc sets its own."""

    def __init__(self, path, transaction):
        drawn = Drawn(lambda name, _: f':{name}')
        self._statements = [_STRING.sub(lambda match: _value(drawn, match.group()), sql) for sql in transaction]
        self.statements = len(transaction)
        self._tokens = {name: token for token, name in drawn.names.items()}
        self._connection = sqlite3.connect(path, isolation_level=None, cached_statements=256, timeout=5)
        for pragma in ('journal_mode=wal', 'synchronous=full', 'foreign_keys=on', 'cache_size=-16000', 'wal_autocheckpoint=2000'):
            self._connection.execute(f'pragma {pragma}').fetchall()

    def run(self, seconds, together):
        """Requests a second, so many in one transaction; the time to draw what is unique is left out."""
        began, spent, count = time.monotonic(), 0.0, 0
        first, *inside, last = self._statements
        while time.monotonic() - began < seconds:
            drawn = [{name: _time_ordered_id() if '-' in token else secrets.token_hex(len(token))[:len(token)]
                      for name, token in self._tokens.items()} for _ in range(together)]
            at = time.monotonic()
            self._connection.execute(first)
            for values in drawn:
                for sql in inside:
                    self._connection.execute(sql, values).fetchall()
            self._connection.execute(last)
            spent += time.monotonic() - at
            count += together
        return count / spent
