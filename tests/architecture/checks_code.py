"""What no line may do: in C++, in the texts of SQL, in tests."""
import ast
import re

from checks_layers import cxx_files, is_test
from cxx import functions

FILE_LINES = 500
PROTO_LINES = 600       # a list of messages, no logic; DESIGN 2 wants one file a service
FUNCTION_LINES = 60
MAIN_LINES = 40
COLUMNS = 6

_SQL = re.compile(r'^\s*(?:select|insert into|update|delete from|with|where|order by|group by|on conflict|create|alter|drop|set|pragma)\b'
                  r'|\bselect\b.*\bfrom\b|\bwhere [\w.]+ ?(?:=|<|>|in\b|is\b)|\bvalues ?\(', re.IGNORECASE | re.DOTALL)


def sql_texts(tree):
    """(path, line, text) of every literal that is SQL, or a piece of it."""
    for path, file in cxx_files(tree):
        if is_test(path):
            continue
        for text in file.texts:
            if _SQL.search(text.value):
                yield path, text.line, text.value
    for path in sorted(tree):
        if path.endswith('.sql'):
            for number, line in enumerate(tree[path].split('\n'), 1):
                # Lines that begin with -- are the migrator's own (dialects, remarks): it takes them away.
                line = re.sub(r'^-- (?:pg|sqlite):', '', line)
                if not line.startswith('--'):
                    yield path, number, line


def _sql_without(tree, pattern, what):
    for path, line, text in sql_texts(tree):
        if match := re.search(pattern, text, re.IGNORECASE):
            yield f'{path}:{line}: {what}: {match.group()!r}'


def sql_has_no_clock(tree):
    return _sql_without(tree, r'\bnow\s*\(|\bcurrent_(?:timestamp|date|time)\b|\bclock_timestamp\b|\bdatetime\s*\(\s*\'now',
                        'the clock is the handler\'s ctx.now')


def sql_has_no_comments_slices_or_escapes(tree):
    """SOCI reads an apostrophe in a comment as a quote, `a[1:2]` and `\\:` as named values."""
    yield from _sql_without(tree, r'--|/\*', 'no comments in SQL')
    yield from _sql_without(tree, r'\[\s*\w*\s*:\s*\w*\s*\]', 'no slices in SQL')
    yield from _sql_without(tree, r"(?<![\w'])e'", "no E'' in SQL")


def sql_of_services_lives_in_stores(tree):
    for path, file in cxx_files(tree, 'services/'):
        if is_test(path) or path.endswith('store.cc'):
            continue
        for text in file.texts:
            if re.search(r'^(?:select|insert into|update|delete from)\s', text.value, re.IGNORECASE):
                yield f'{path}:{text.line}: SQL belongs into the module\'s store.cc: {text.value[:40]!r}'


def services_count_in_integers(tree):
    """What is handed to a metric may be a double, and what a test measures."""
    for path, file in cxx_files(tree, 'services/'):
        if is_test(path):
            continue
        for match in re.finditer(r'\b(?:double|float)\b', file.code):
            statement = file.code[max(file.code.rfind(end, 0, match.start()) for end in ';{}') + 1:match.start()]
            if 'observe::' not in statement:
                yield f'{path}:{file.line(match.start())}: {match.group()}: money and rates are integers'


def _python_sleeps(path, text):
    tree = ast.parse(text)
    for function in ast.walk(tree):
        for child in ast.iter_child_nodes(function):
            child.parent = function
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, 'id', '')
        if name != 'sleep':
            continue
        up = node
        while up is not None and not (isinstance(up, ast.FunctionDef) and up.name == 'eventually'):
            up = getattr(up, 'parent', None)
        if up is None:
            yield f'{path}:{node.lineno}: a test waits for a condition (eventually), it does not sleep'


def tests_do_not_sleep(tree):
    for path, file in cxx_files(tree):
        if is_test(path):
            for match in re.finditer(r'\bsleep_(?:for|until)\b|\busleep\b|\bnanosleep\b|(?<![.\w])sleep\s*\(', file.code):
                yield f'{path}:{file.line(match.start())}: {match.group()}: a test waits for a condition'
    for path in sorted(tree):
        if path.startswith('tests/') and path.endswith('.py'):
            yield from _python_sleeps(path, tree[path])


def what_soci_says_is_never_told(tree):
    """soci_error::what() holds the values of the statement: phone numbers."""
    for path, file in cxx_files(tree, 'shared/', 'services/'):
        for caught in re.finditer(r'catch\s*\(\s*(?:const\s+)?soci::\w+\s*&\s*(\w*)\s*\)\s*\{', file.code):
            body, depth = '', 1
            for here in file.code[caught.end():]:
                depth += {'{': 1, '}': -1}.get(here, 0)
                if depth == 0:
                    break
                body += here
            for statement in body.split(';'):
                reported = re.search(r'\b(?:Log|throw|cerr|cout|DbError|runtime_error|Error)\b', statement)
                if caught.group(1) and f'{caught.group(1)}.what()' in statement and reported:
                    yield f'{path}:{file.line(caught.start())}: soci_error::what() leaves shared/db'


_BUSINESS = frozenset('''lead leads customer customers commission commissions statement statements settlement settlements
    referral referrals rep reps partner partners member members membership visit visits appointment appointments
    consultation consultations recognition recognitions invoice invoices patient patients voucher vouchers
    complaint complaints department departments hospital hospitals doctor doctors'''.split())


def gateway_knows_no_business(tree):
    """In code and texts, comments left out: there `leads` and `members` are English."""
    for path, file in cxx_files(tree, 'services/gateway/'):
        pieces = [(file.line(match.start()), match.group()) for match in re.finditer(r'[A-Za-z_]\w*', file.code)]
        pieces += [(text.line, word) for text in file.texts for word in re.findall(r'\w+', text.value)]
        for line, piece in pieces:
            if piece == 'leading_comments':
                continue
            words = re.findall(r'[A-Z]+(?![a-z])|[A-Z]?[a-z]+', piece)
            for word in words:
                if word.lower() in _BUSINESS:
                    yield f'{path}:{line}: {piece}: a business word in the gateway'


def files_and_functions_are_short(tree):
    for path in sorted(tree):
        lines = tree[path].count('\n')
        limit = {'h': FILE_LINES, 'cc': FILE_LINES, 'py': FILE_LINES, 'sql': FILE_LINES, 'proto': PROTO_LINES}.get(path.rsplit('.', 1)[-1])
        if limit and lines > limit:
            yield f'{path}: {lines} lines, {limit} are allowed'
        if path.startswith('services/') and path.endswith('/main.cc') and lines > MAIN_LINES:
            yield f'{path}: {lines} lines, a main has {MAIN_LINES} at most: its table may move to wiring.cc, as in services/leads'
        if path.endswith('.py'):
            for node in ast.walk(ast.parse(tree[path])):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno - node.lineno >= FUNCTION_LINES:
                    yield f'{path}:{node.lineno}: {node.name} has more than {FUNCTION_LINES} lines'
    for path, file in cxx_files(tree):
        for line, name, length in functions(file):
            if length > FUNCTION_LINES and not path.endswith('/main.cc'):
                yield f'{path}:{line}: {name} has {length} lines, {FUNCTION_LINES} are allowed'


def headers_are_honest(tree):
    for path, file in cxx_files(tree):
        if path.endswith('.h'):
            if '#pragma once' not in file.code:
                yield f'{path}: no #pragma once'
            for match in re.finditer(r'\busing\s+namespace\b', file.code):
                yield f'{path}:{file.line(match.start())}: using namespace in a header'


def the_environment_is_read_in_one_place(tree):
    for path, file in cxx_files(tree, 'shared/', 'services/'):
        if path != 'shared/core/variables.cc' and not is_test(path):
            for match in re.finditer(r'\b(?:secure_)?getenv\b', file.code):
                yield f'{path}:{file.line(match.start())}: {match.group()}: shared/core/variables.h reads the environment'


_VARIABLE = re.compile(r'(?:RENXIN_[A-Z0-9_]+|XDG_CONFIG_HOME|HOME)')
_CONFIGURATION = 'docs/configuration.md'


def configuration_lists_every_variable(tree):
    """Every name that a program reads stands on the page, and every name of the page is read or set by somebody."""
    page = set(re.findall(r'`(' + _VARIABLE.pattern + r')`', tree.get(_CONFIGURATION, '')))
    for path, file in cxx_files(tree, 'shared/', 'services/'):
        if is_test(path):
            continue
        for text in file.texts:
            if _VARIABLE.fullmatch(text.value) and text.value not in page:
                yield f'{path}:{text.line}: {text.value} is not in {_CONFIGURATION}'
    code = '\n'.join(text for path, text in tree.items() if path.endswith(('.cc', '.h', '.py')) or path in ('dev', '.ci/run'))
    for name in sorted(page - set(_VARIABLE.findall(code))):
        yield f'{_CONFIGURATION}: nobody reads {name}'


def rows_are_read_by_column_name(tree):
    """A tuple of many columns is read in the order of a list that stands elsewhere: shared/db/rows.h names each column with its member."""
    for path, file in cxx_files(tree, 'shared/', 'services/'):
        if is_test(path) or path.startswith('shared/db/tx'):
            continue
        for match in re.finditer(r'\b(?:Select|SelectIn|First|LoadForUpdate)\s*<([^;()]*?)>\s*\(', file.code):
            if match.group(1).count(',') >= COLUMNS:
                yield f'{path}:{file.line(match.start())}: more than {COLUMNS} columns by position: shared/db/rows.h'
        for match in re.finditer(r'\bstd::tie\((?:[^;()]|\([^;()]*\))*\)\s*=[^=]', file.code):
            yield f'{path}:{file.line(match.start())}: std::tie of a row: shared/db/rows.h'


CODE_CHECKS = (rows_are_read_by_column_name, the_environment_is_read_in_one_place, configuration_lists_every_variable, sql_has_no_clock, sql_has_no_comments_slices_or_escapes, sql_of_services_lives_in_stores, services_count_in_integers, tests_do_not_sleep,
               what_soci_says_is_never_told, gateway_knows_no_business, files_and_functions_are_short, headers_are_honest)
