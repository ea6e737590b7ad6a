"""Who may include whom. Each check takes {path: text} and answers what is wrong, one sentence each."""
import functools
import re

from cxx import Source

# An arrow goes from a folder to one that stands behind it.
LAYERS = ('testing', 'intake', 'operations', 'policies', 'facts', 'runtime', 'http', 'bus', 'db', 'contract', 'privacy', 'observe', 'core')
_STD = re.compile(r'[a-z_]+$')
_C_STD = {'math.h', 'stdint.h', 'string.h', 'time.h'}


@functools.lru_cache(maxsize=4096)
def source(text):
    return Source(text)


def cxx_files(tree, *folders):
    for path in sorted(tree):
        if path.endswith(('.h', '.cc')) and path.startswith(folders or ('shared/', 'services/', 'tests/')):
            yield path, source(tree[path])


def is_test(path):
    return path.endswith(('_test.cc', '_test.h')) or '/testing' in path or path.startswith('tests/')


def arrows_of_shared_go_downwards(tree):
    for path, file in cxx_files(tree, 'shared/'):
        folder = path.split('/')[1]
        if folder not in LAYERS:
            yield f'{path}: shared/{folder} has no place in the list of layers'
            continue
        for line, included, quoted in file.includes():
            if not quoted or path.endswith(('_test.cc', '_test.h')):
                continue    # a test beside what it tests takes its fixtures from shared/testing
            if included.startswith('services/'):
                yield f'{path}:{line}: shared may not know a service'
            to = included.split('/')[1] if included.startswith('shared/') else None
            if to in LAYERS and LAYERS.index(to) < LAYERS.index(folder):
                yield f'{path}:{line}: {folder} may not include {to}: arrows go downwards only'


def services_keep_to_themselves(tree):
    for path, file in cxx_files(tree, 'services/'):
        own = path.split('/')[1]
        for line, included, quoted in file.includes():
            if quoted and not included.startswith(('shared/', 'renxin/', f'services/{own}/')):
                yield f'{path}:{line}: includes {included}; a service knows shared, the contract and itself'


def rules_are_pure(tree):
    for path, file in cxx_files(tree, 'services/'):
        if path.rsplit('/', 1)[1] not in ('rules.h', 'rules.cc'):
            continue
        own = path.split('/')[1]
        for line, included, quoted in file.includes():
            if quoted:
                fine = included.startswith('shared/core/') or re.fullmatch(rf'services/{own}/\w+/rules\.h', included)
            else:
                fine = _STD.match(included) or included in _C_STD
            if not fine:
                yield f'{path}:{line}: includes {included}; a rule includes std, shared/core and rules.h alone'


def handlers_touch_nothing_but_their_tx(tree):
    for path, file in cxx_files(tree, 'services/'):
        if path.startswith(('services/gateway/', 'services/cli/')) or is_test(path):
            continue
        if path.rsplit('/', 1)[1].rsplit('.', 1)[0] not in ('handlers', 'reactions', 'store', 'rules', 'imports'):
            continue
        for line, included, _ in file.includes():
            if included.startswith(('shared/bus/', 'shared/http/', 'boost/', 'nats', 'soci')):
                yield f'{path}:{line}: includes {included}; nothing leaves the process but through the Tx'


def heavy_and_foreign_headers_stay_where_they_belong(tree):
    whole = {'boost/asio.hpp': 'take the parts', 'boost/beast.hpp': 'take the parts'}
    for path, file in cxx_files(tree):
        for line, included, _ in file.includes():
            if included in whole:
                yield f'{path}:{line}: {included} costs four seconds a file: {whole[included]}'
            if included.startswith('soci') and not path.startswith('shared/db/'):
                yield f'{path}:{line}: SOCI stays in shared/db'
            if re.match(r'nats(/|\.h)', included) and not path.startswith('shared/bus/'):
                yield f'{path}:{line}: nats.c stays in shared/bus'


# What is generated for a handler or a reaction is in their signatures; everybody else names generated types by a forward declaration.
NAME_GENERATED_TYPES = ('handlers.h', 'reactions.h')
_HEAVY = re.compile(r'google/protobuf/|boost/|soci|nats|.*\.pb\.h$')


def _heavy_below(tree, header, seen):
    """(header, include) of the first heavy include that is reached from a header of shared/."""
    if header in seen or header not in tree:
        return None
    seen.add(header)
    for _, included, _ in source(tree[header]).includes():
        if _HEAVY.match(included):
            return header, included
        if found := _heavy_below(tree, included, seen):
            return found
    return None


def headers_of_modules_are_light(tree):
    """A header is read by every file that includes it. Programs are put together in main.cc and wiring.cc, which may read anything."""
    for path, file in cxx_files(tree, 'services/'):
        name = path.rsplit('/', 1)[1]
        if path.startswith(('services/gateway/', 'services/cli/')) or is_test(path) or name in ('main.cc', 'wiring.cc'):
            continue
        for line, included, _ in file.includes():
            if name.endswith('.h') and _HEAVY.match(included) and not (name in NAME_GENERATED_TYPES and included.endswith('.pb.h')):
                yield f'{path}:{line}: includes {included}; a header of a module forward-declares it'
            elif included.startswith('shared/') and (heavy := _heavy_below(tree, included, set())):
                yield f'{path}:{line}: {included} brings {heavy[1]} (through {heavy[0]}) to every file that reads it'


def coroutines_stay_at_the_edges(tree):
    for path, file in cxx_files(tree, 'services/', 'shared/'):
        if path.startswith(('services/gateway/', 'shared/http/')):
            continue
        for match in re.finditer(r'\bco_(?:await|return|yield)\b|\bawaitable\b', file.code):
            yield f'{path}:{file.line(match.start())}: {match.group()}: coroutines live in shared/http and the gateway'


LAYER_CHECKS = (arrows_of_shared_go_downwards, services_keep_to_themselves, rules_are_pure, handlers_touch_nothing_but_their_tx,
                heavy_and_foreign_headers_stay_where_they_belong, headers_of_modules_are_light, coroutines_stay_at_the_edges)
