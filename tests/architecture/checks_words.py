"""The words of the field (CONTRIBUTING.md): headings of READMEs, phrases in prose, identifiers in public headers, protos and SQL."""
import re

HEADINGS = ['Tables', 'Events', 'Routes', 'Invariants', 'Configuration', 'Limits and gaps']

# Phrases of ours that a reader of RFCs, PostgreSQL and NATS would not search for, and what says it instead. Put together from
# pieces, so that this file does not find itself.
PHRASES = {
    'made a' 'new': 'recreated', 'told ' 'live': 'pushed to clients', 'was re' 'wound': 'truncated or reset',
    'stand in one ' 'lane': 'are serialised', 'stands in one ' 'lane': 'is serialised',
    'at the same moment from two ' 'sides': 'concurrently', 'from two ' 'sides': 'concurrently', 'takes the group ' 'apart': 'retried one by one',
    'taken ' 'apart': 'retried one by one', 'stranger\'s ' 'clone': 'clean-machine install', 'the one ' 'door': 'entry point',
    'nobody\'s ' 'event': 'event without a consumer', 'closes the ' 'letter': 'resolves the entry', 'says and ' 'hears': 'events published and consumed',
    'what a handler is ' 'told': 'request context', 'rules of the ' 'house': 'rules of this repository', 'stands on the ' 'ground': 'base schema',
    'is to' 'ld': 'gets, is notified', 'are to' 'ld': 'get, are notified', 'was to' 'ld': 'got, was notified', 're' 'wound': 'truncated or reset',
    'over' 'taken': 'ahead', 'a' 'new': 'again',
    'kn' 'obs': 'configuration', 'pap' 'ers': 'documentation', 'for ' 'eyes': 'lossy',
}

# Identifiers, whole or as the first word of one.
VERBS = ('Bring', 'Take', 'Step', 'Keep', 'Put', 'Ensure', 'Deal', 'GoOn', 'Draw')
NAMES = ('Asker', 'Desk', 'Book', 'Sheet', 'Met', 'Drawn', 'Seers', 'Told', 'Telling', 'TellAll', 'Works', 'WorkKind', 'Place', 'PlaceToken',
         'ParsePlace', 'NotOurPage', 'House', 'Bench', 'DecodeForEyes', 'ToldMessage', 'MayBeTold')
COLUMNS = ('told', 'asked', 'lapse', 'lapses', 'lapsed', 'kept', 'desk', 'drawn', 'lapses_at', 'told_at')
_VERB = re.compile(r'\b(?:' + '|'.join(VERBS) + r')(?:[A-Z]\w*)?\s*\(')
_NAME = re.compile(r'\b(?:' + '|'.join(NAMES) + r')\b')
_COLUMN = re.compile(r'\b(?:' + '|'.join(COLUMNS) + r')\b')


def readmes_have_the_same_headings(tree):
    for path in sorted(tree):
        if not re.fullmatch(r'(services|shared)/\w+/README\.md', path):
            continue
        found = re.findall(r'^## (.+)$', tree[path], re.MULTILINE)
        if found != HEADINGS:
            yield f'{path}: headings are {", ".join(found)}; they must be {", ".join(HEADINGS)}'
        elif not re.match(r'# \S[^\n]*\n\n[A-Z]', tree[path]):
            yield f'{path}: begins with a paragraph that says what it is for'


def prose_says_it_in_the_words_of_the_field(tree):
    for path in sorted(tree):
        if not path.endswith(('.md', '.h', '.cc', '.proto', '.sql', '.py')):
            continue
        for number, line in enumerate(tree[path].lower().split('\n'), 1):
            for phrase, better in PHRASES.items():
                if re.search(rf'\b{phrase}\b', line):
                    yield f'{path}:{number}: "{phrase}"; say: {better}'


def identifiers_are_words_of_the_field(tree):
    for path in sorted(tree):
        if not path.startswith(('shared/', 'services/', 'proto/')) or not path.endswith(('.h', '.proto', '.sql')):
            continue
        comment = '--' if path.endswith('.sql') else '//'
        for number, line in enumerate(tree[path].split('\n'), 1):
            code = re.sub(r'"(?:\\.|[^"\\])*"', '""', line).split(comment)[0]
            wrong = _VERB.search(code) or _NAME.search(code) or (None if path.endswith('.h') else _COLUMN.search(code))
            if wrong:
                yield f'{path}:{number}: {wrong.group().rstrip("(")} is no word of the field (CONTRIBUTING.md)'


WORD_CHECKS = (readmes_have_the_same_headings, prose_says_it_in_the_words_of_the_field, identifiers_are_words_of_the_field)
