"""`./dev test --changed`: which test programs and modules a set of changed files can touch.

A program is touched by what it is linked from, as ninja knows it; a module by its folder, and by the services that its constant
SERVICES names. What is of no known kind touches everything.
"""
import ast
import os
import pathlib
import subprocess

import check
from base import BUILD, ROOT, DevError

EVERY = 'every'
ALWAYS = ('tests/architecture/', 'tests/contract/', 'tests/k8s/')     # they read the tree itself, and are quick
ON_A_SUITE = ('tests/e2e/', 'tests/chaos/', 'tests/component/')
# Everybody signs in at identity and asks through the gateway.
FOR_ALL = ('shared/', 'proto/', 'services/gateway/', 'services/identity/', 'infra/nats/', 'infra/postgres/', 'tests/e2e/')
BUILD_FILES = ('CMakeLists.txt', 'CMakePresets.json')
NOTHING = ('.clang-format', '.clang-tidy', '.gitignore')
ITS_OWN = {'README.md': ('tests/dev/test_readmes', 'tests/e2e/test_readme'), 'README.zh-CN.md': ('tests/dev/test_readmes',),
           '.ci/run': ('tests/e2e/test_readme',), 'docs/generated/openapi.json': ('tests/component/test_generated',)}


def changed():
    """Paths that differ from where this branch left main, committed or not; those that are gone included."""
    found = check.changed_files(gone=True)
    if found is None:
        raise DevError('git does not tell what has changed since main')
    return sorted(str(path.relative_to(ROOT)) for path in found)


def services_of(path):
    """The constant SERVICES of a module; whoever has none is touched by every service."""
    for node in ast.parse(path.read_text(encoding='utf-8')).body:
        if isinstance(node, ast.Assign) and [getattr(target, 'id', '') for target in node.targets] == ['SERVICES']:
            return tuple(ast.literal_eval(node.value))
    return (EVERY,)


def ninja(*arguments):
    done = subprocess.run(['ninja', '-C', str(BUILD), '-t', *arguments], text=True, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        raise DevError(f'ninja -t {arguments[0]} failed:\n{done.stdout}{done.stderr}')
    return done.stdout.splitlines()


def within(name):
    """A path as ninja writes it, below the root; None of what is no source of ours."""
    path = pathlib.Path(os.path.normpath(BUILD / name))
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / 'build') else None


def included():
    """object file -> sources and headers of ours that its last compilation has read"""
    found, of = {}, None
    for line in ninja('deps'):
        if line.startswith('    '):
            source = within(line.strip())
            if source:
                of.add(source)
        elif ':' in line:
            of = found.setdefault(line.partition(':')[0], set())
    return found


def closures(programs):
    """program -> everything of ours that it is made from"""
    headers, found = included(), {}
    for path in programs:
        inputs = ninja('inputs', str(path.relative_to(BUILD)))
        sources = {source for name in inputs if (source := within(name))}
        found[path.name] = sources.union(*(headers.get(name, ()) for name in inputs))
    return found


def modules_touched(path, modules):
    """`modules`: name -> its SERVICES. Answers names, or None when nobody can know."""
    if path in ITS_OWN:
        return set(ITS_OWN[path]) & set(modules)
    if path.endswith('.md') or path in NOTHING or path.startswith(('docs/', 'k8s/')):
        return set()
    module = path.removesuffix('.py')
    if module in modules:
        return {module}
    on_a_suite = {name for name in modules if name.startswith(ON_A_SUITE)}
    if path.startswith(FOR_ALL):
        return on_a_suite | {name for name in modules if name.startswith(('tests/fuzz/', 'tests/dev/'))}
    if path.startswith('services/') and path.count('/') > 1:
        service = path.split('/')[1]
        return {name for name in on_a_suite if {service, EVERY} & set(modules[name])}
    if path == 'dev' or path.startswith('infra/dev/'):
        return on_a_suite | {name for name in modules if name.startswith('tests/dev/')}
    if path.startswith('tests/') and path.count('/') > 1:
        folder = '/'.join(path.split('/')[:2]) + '/'
        return {name for name in modules if name.startswith(folder)}
    return None


def touched(paths, linked, modules):
    """The names of the programs and modules to run. `linked`: program -> paths; `modules`: name -> services."""
    chosen = {name for name in modules if name.startswith(ALWAYS)}
    for path in paths:
        found = None if path.rpartition('/')[2] in BUILD_FILES else modules_touched(path, modules)
        if found is None:
            return set(linked) | set(modules)
        chosen |= found | {program for program, sources in linked.items() if path in sources}
    return chosen
