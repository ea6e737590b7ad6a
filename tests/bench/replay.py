"""The statements that PostgreSQL logged for one request of a service, as a script for pgbench: the same texts, prepared, with
whatever must be unique drawn anew in each transaction."""
import re

import harness      # on the path by ./dev

_HEAD = re.compile(r'^(?P<stamp>\S+ \S+ \S+) \|(?P<user>[^|]*)\|(?P<pid>\d+)\| (?P<rest>.*)$')
_STATEMENT = re.compile(r'^(?:LOG:\s+)(?:statement: |execute [^:]+: )(?P<sql>.*)$', re.DOTALL)
_PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
# Ids and hashes: what must differ from one transaction to the next.
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


def script(transaction):
    """For pgbench -M prepared."""
    names = {}

    def name_of(token):
        return names.setdefault(token, f'r{len(names) + 1}')

    def expression(value):
        if value == 'NULL' or not _UNIQUE.search(value):
            return value
        pieces, at = [], 1
        inner = value[1:-1]
        for match in _UNIQUE.finditer(inner):
            pieces.append(f"'{inner[at - 1:match.start()]}'")
            token = match.group()
            drawn = f'md5(:{name_of(token)}::text)'
            pieces.append(f'{drawn}::uuid::text' if '-' in token else f"rpad({drawn}, {len(token)}, 'a')")
            at = match.end() + 1
        pieces.append(f"'{inner[at - 1:]}'")
        return '(' + ' || '.join(piece for piece in pieces if piece != "''") + ')'

    lines = []
    for sql, values in transaction:
        bound = re.sub(r'\$(\d+)', lambda match: expression(values[int(match.group(1))]), sql)
        lines.append(' '.join(bound.split('\n')) + ';')
    return '\n'.join([*(f'\\set {name} random(1, 9000000000000000000)' for name in names.values()), *lines]) + '\n'
