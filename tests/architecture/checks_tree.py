"""What the tree as a whole must have: documentation, a contract without gaps, nothing left lying about."""
import posixpath
import re

# Put together from pieces so that this file does not find itself.
_MARKERS = re.compile(r'\b(?:' + '|'.join(('TO' 'DO', 'FIX' 'ME', 'XX' 'X', 'GTEST_' 'SKIP')) + r')\b')
# DESIGN 8: the one reason for which a test may stay out of a run; under CI the run fails for it.
_ABSENT = re.compile('GTEST_' r'SKIP\(\) << "acceptance data absent')
_MACHINE = re.compile(r'(?<![\w.$}>-])/(?:' + '|'.join(('ho' 'me', 'ro' 'ot', 'wo' 'rk', 'Us' 'ers', 'm' 'nt')) + r')/[\w.-]')


def every_folder_explains_itself(tree):
    folders = {'/'.join(path.split('/')[:2]) for path in tree if path.startswith(('shared/', 'services/')) and path.count('/') > 1}
    for folder in sorted(folders):
        if f'{folder}/README.md' not in tree:
            yield f'{folder}: no README.md'


def nothing_is_left_lying_about(tree):
    for path in sorted(tree):
        for number, line in enumerate(tree[path].split('\n'), 1):
            if (match := _MARKERS.search(line)) and not _ABSENT.search(line):
                yield f'{path}:{number}: {match.group()}'


def no_path_of_one_machine(tree):
    for path in sorted(tree):
        for number, line in enumerate(tree[path].split('\n'), 1):
            if match := _MACHINE.search(line):
                yield f'{path}:{number}: a path of one machine: {match.group()}'


def _rpcs(text):
    """(line, name, body) of each rpc of a .proto; the body is what stands in its braces."""
    bare = re.sub(r'//[^\n]*', '', text)
    for match in re.finditer(r'\brpc\s+(\w+)\s*\([^)]*\)\s*returns\s*\([^)]*\)\s*([;{])', bare):
        body, depth = '', 1 if match.group(2) == '{' else 0
        for here in bare[match.end():]:
            depth += {'{': 1, '}': -1}.get(here, 0)
            if depth <= 0:
                break
            body += here
        yield bare.count('\n', 0, match.start()) + 1, match.group(1), body


def every_rpc_says_who_may(tree):
    for path in sorted(tree):
        if path.startswith('proto/') and path.endswith('.proto'):
            for line, name, body in _rpcs(tree[path]):
                if 'options.v1.access)' not in body:
                    yield f'{path}:{line}: rpc {name} has no access option'


def migrations_are_ascii(tree):
    """A checksum and two databases read them: nothing that an editor or an encoding may change."""
    for path in sorted(tree):
        if '/migrations/' in path:
            if not tree[path].isascii():
                yield f'{path}: not ASCII'
            if not re.fullmatch(r'\d{4}_[a-z0-9_]+\.sql', path.rsplit('/', 1)[1]):
                yield f'{path}: a migration is called 0001_what.sql'


def links_in_papers_lead_somewhere(tree):
    folders = {posixpath.dirname(path) for path in tree}
    folders |= {posixpath.dirname(folder) for folder in folders}
    for path in sorted(tree):
        if not path.endswith('.md'):
            continue
        text = re.sub(r'```.*?```', '', tree[path], flags=re.DOTALL)
        for match in re.finditer(r'\]\(([^)#\s]+)(?:#[^)\s]*)?\)', text):
            target = match.group(1)
            if '://' in target or target.startswith('mailto:'):
                continue
            wanted = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if not wanted.startswith('..') and wanted not in tree and wanted not in folders:
                yield f'{path}: no such file: {target}'


def papers_named_in_sources_exist(tree):
    for path in sorted(tree):
        if path.startswith(('shared/', 'services/', 'proto/', 'infra/')):
            for match in re.finditer(r'\bdocs/[\w./-]+\.(?:md|json)\b', tree[path]):
                if match.group() not in tree:
                    yield f'{path}: no such document: {match.group()}'


def _routes(text):
    """(verb and path, method) of each rpc of a .proto that has a route."""
    for _, name, body in _rpcs(text):
        if match := re.search(r'\b(get|post|put|patch|delete): "([^"]+)"', body):
            yield f'{match.group(1).upper()} {match.group(2)}', name


def readmes_of_services_name_what_they_own(tree):
    """Tables, routes, events and consumers: what a reader looks for first, and what is forgotten first."""
    for path in sorted(tree):
        if not (match := re.fullmatch(r'services/(\w+)/README\.md', path)):
            continue
        service, wanted = match.group(1), []
        for other in sorted(tree):
            if other.startswith(f'services/{service}/migrations/'):
                wanted += [f'`{table}`' for table in re.findall(r'^create table (\w+)', tree[other], re.MULTILINE)]
            if other.startswith(f'proto/renxin/{service}/'):
                wanted += [f'`{route}`' for route, _ in _routes(tree[other])]
                wanted += [f'ev.renxin.{service}.v1.{name}' for name in re.findall(r'options\.v1\.event\) = \{name: "(\w+)"', tree[other])]
                wanted += re.findall(r'options\.v1\.consumers\) = \{\s*name: "([\w-]+)"', tree[other])
        for what in wanted:
            if what not in tree[path]:
                yield f'{path}: says nothing of {what}'


def every_consumer_is_delivered_in_any_order(tree):
    """DESIGN 8: everything twice and out of order, by a common fixture (shared/testing/delivery.h)."""
    tested = {name for path in tree if path.endswith('_test.cc')
              for name in re.findall(r'ExpectHighestVersionStands\(\s*"([\w-]+)"', tree[path])}
    for path in sorted(tree):
        if path.startswith('proto/'):
            for name in re.findall(r'options\.v1\.consumers\) = \{\s*name: "([\w-]+)"', tree[path]):
                if name not in tested:
                    yield f'{path}: no ExpectHighestVersionStands for {name}'


TREE_CHECKS = (every_consumer_is_delivered_in_any_order, papers_named_in_sources_exist, readmes_of_services_name_what_they_own, every_folder_explains_itself, nothing_is_left_lying_about, no_path_of_one_machine, every_rpc_says_who_may,
               migrations_are_ascii, links_in_papers_lead_somewhere)
