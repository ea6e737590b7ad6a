"""`./dev bench`: benchmark programs of the build, then the benches in Python on both databases.

A bench in Python is tests/bench/bench_NAME.py, takes --database, and may use Instance and the harness.
`--before COMMIT`: the requests alone, of this build and of that commit's, beside each other.
"""
import os
import subprocess
import sys

from base import BUILD, ROOT, DevError, say
from chaos import release_of
from runner import acceptance_data

DATABASES = ('sqlite', 'postgres')


def programs():
    return [path for path in sorted((BUILD / 'bench').glob('*')) if path.is_file() and os.access(path, os.X_OK)]


def scripts():
    return sorted((ROOT / 'tests/bench').glob('bench_*.py'))


def bench(wanted, before=None):
    data = acceptance_data()
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join([str(ROOT / 'infra/dev'), str(ROOT / 'tests/e2e')])}
    if data:
        environment['RENXIN_DATA'] = str(data)
    runs = [(path.name, [str(path)]) for path in programs()]
    runs += [(f'{path.stem} on {database}', [sys.executable, str(path), '--database', database])
             for path in scripts() for database in DATABASES]
    if before:
        tree = release_of(before).parents[2]
        runs = [(f'beside {before} on {database}', [sys.executable, str(ROOT / 'tests/bench/beside.py'), '--before', str(tree), '--database', database])
                for database in DATABASES]
    runs = [(name, command) for name, command in runs if not wanted or wanted in name]
    if not runs:
        raise DevError('no bench of that name' if wanted else 'no benches are there')
    failed = []
    for name, command in runs:
        say(name)
        if subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode:
            failed.append(name)
    say('bench: ' + ('done' if not failed else 'failed: ' + ', '.join(failed)))
    return 1 if failed else 0
