"""`./dev real DIR`: imports every set found in DIR into a fresh suite and prints the figures as JSON.

A figure is asked of the service that counts it, through a public route; nothing here reads the files
beyond finding them, so that it runs unchanged on data nobody has seen.
"""
import json
import os
import pathlib
import sys
import time

from base import ROOT, DevError
from compare import compare
from figures import figures_of
from suite import Instance

sys.path.insert(0, str(ROOT / 'tests/e2e'))
import harness      # noqa: E402  (the path above finds it)

IMPORT_SECONDS = 3600
OK, NOT_THERE = 0, 3        # exit codes of renxin; 3: a kind of file that no service takes yet


def note(text):
    """Progress; standard output is the JSON's alone (base.result_only)."""
    print(f'dev: {text}', file=sys.stderr, flush=True)


def sets_in(folder):
    folder = pathlib.Path(folder).resolve()
    found = {path.name: path for path in sorted(folder.iterdir()) if any(path.glob('*.csv'))} if folder.is_dir() else {}
    if not found:
        raise DevError(f'no folder with .csv files in {folder}')
    return found


def kinds_in(path):
    return {file.stem for file in path.glob('*.csv')}


def import_set(suite, name, folder):
    """Imports all files of one set under a source of its own; answers what the command reports."""
    note(f'importing {name}')
    done = suite.renxin('import', '--dir', folder, '--source', name, '--json', check=False, timeout=IMPORT_SECONDS)
    if done.stderr.strip():
        note(done.stderr.strip())
    if done.returncode not in (OK, NOT_THERE):
        raise DevError(f'importing {name} failed (exit {done.returncode})\n{done.stdout}')
    return json.loads(done.stdout)


def import_all(suite, sets):
    suite.login()
    began = time.monotonic()
    reports = {name: import_set(suite, name, path) for name, path in sets.items()}
    suite.renxin('status', '--wait-idle', '--timeout', IMPORT_SECONDS, timeout=IMPORT_SECONDS + 60)
    note(f'imported and idle after {time.monotonic() - began:.1f} s on {suite.database}')
    return reports


def days_asked(wanted):
    """The days whose birthdays are wanted. No import file names any, so they are those that an expected file asks for: the
    one that is compared with, else the one of the acceptance data; only the days are read of it, never a figure."""
    if wanted is None:
        file = pathlib.Path(os.environ.get('RENXIN_DATA') or ROOT.parent / 'shared/data') / 'expected.json'
        wanted = json.loads(file.read_text(encoding='utf-8')) if file.is_file() else {}
    return tuple(sorted({day for figures in wanted.values() for day in figures.get('birthdays') or ()}))


def real(folder, database, expected=None, out=sys.stdout):
    """Prints the figures; with `expected` (a file) compares them too, and answers 1 when any differs."""
    sets = sets_in(folder)
    wanted = json.loads(pathlib.Path(expected).read_text(encoding='utf-8')) if expected else None
    with Instance(database=database) as suite:
        reports = import_all(suite, sets)
        client = harness.administrator_of(suite)
        days = days_asked(wanted)
        result = {name: figures_of(client, name, reports[name], kinds_in(path), days) for name, path in sets.items()}
    print(json.dumps(result, ensure_ascii=False, indent=1), file=out, flush=True)
    return compare(result, wanted) if wanted is not None else 0
