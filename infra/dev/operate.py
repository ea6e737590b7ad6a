"""`./dev down`, `status`, `logs` and `psql`: commands for a suite that another process runs, found by its folder.

A process is known by pid and start time, and signalled through a descriptor of it: a pid that was given out again is never killed.
"""
import contextlib
import json
import os
import pathlib
import select
import shutil
import signal

from base import DevError, say, started
from build import BUSINESS
from cluster import DATABASE, PROGRAMS
from supervisor import READY

NOT_RUNNING = 3         # exit code of `status`, as LSB has it
HURRY_SECONDS = 15      # for those who are killed: they need not finish anything
HEADER = ('process', 'pid', 'port', 'state', 'restarts', 'since')


def described(folder):
    """What instance.json says while the process that wrote it lives, else None."""
    try:
        said = json.loads((pathlib.Path(folder) / 'instance.json').read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return None
    return said if started(said['dev']) == said['dev_started'] else None


@contextlib.contextmanager
def process_of(pid, start):
    """A descriptor of that very process, or None when it is gone; opened before the start time is looked at."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        yield None
        return
    try:
        yield descriptor if started(pid) == start else None
    finally:
        os.close(descriptor)


def holder_of(folder):
    """(pid, start time) of who took the lock of the folder last, be it building, starting or running; None when nobody has."""
    try:
        pid, start = (pathlib.Path(folder) / 'lock').read_text(encoding='ascii').split()
        return int(pid), int(start)
    except (OSError, ValueError):
        return None


def ended(descriptor, seconds):
    return bool(select.select([descriptor], [], [], seconds)[0])


def ask_to_end(descriptor):
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(descriptor, signal.SIGTERM)


def down(folder, seconds):
    """Ends the suite of a folder in order; what takes longer than `seconds` is killed. 0 when it has ended, or there was none."""
    holder = holder_of(folder)
    with process_of(*holder) if holder else contextlib.nullcontext() as descriptor:
        if descriptor is None:
            say(f'no suite runs in {folder}')
            return 0
        say(f'ending the suite in {folder} (dev has pid {holder[0]})')
        ask_to_end(descriptor)
        if not ended(descriptor, seconds):
            say(f'not ended after {seconds:g} s: ending at once')
            ask_to_end(descriptor)
            if not ended(descriptor, HURRY_SECONDS):
                raise DevError(f'pid {holder[0]} does not end')
    say('ended')
    return 0


def table(header, rows):
    rows = [header, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    return '\n'.join('  ' + '  '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def status(folder):
    """0 when everything is ready, 1 when something is not, 3 when nothing runs."""
    said, holder = described(folder), holder_of(folder)
    if not said and holder and started(holder[0]) == holder[1]:
        say(f'the suite in {folder} is being built or started (dev has pid {holder[0]})')
        return 1
    if not said:
        say(f'no suite runs in {folder}')
        return NOT_RUNNING
    processes = said['processes']
    print(table(HEADER, [(name, str(row['pid'] or '-'), str(row['port']), row['state'], str(row['restarts']), row['since'] or '-')
                         for name, row in processes.items()]))
    waiting = [name for name, row in processes.items() if row['state'] != READY]
    print(f'\n  gateway    {said["url"]}   (certificate authority: {said["ca"]})\n  databases  {said["database"]}\n'
          f'  dev        pid {said["dev"]}\n  {"not ready: " + ", ".join(waiting) if waiting else "all ready"}', flush=True)
    return 1 if waiting else 0


def logs(folder, name, follow, lines):
    """Becomes `tail`; with `follow` also after the log was rotated. Also of a suite that has ended."""
    log = pathlib.Path(folder) / 'log' / f'{name}.log'
    there = sorted(path.stem for path in log.parent.glob('*.log'))
    if name not in there:
        raise DevError(f'no log of {name} in {log.parent}; there: {", ".join(there) or "none"}')
    become('tail', [f'--lines={lines}', *(['-F'] if follow else []), log])


def psql(folder, service, sql, owner=False):
    """Becomes psql as the role of the running service (`owner`: of its migrations), or sqlite3 on its file."""
    if service not in BUSINESS:
        raise DevError(f'no database of {service}; there: {", ".join(BUSINESS)}')
    said = described(folder)
    file = pathlib.Path(folder) / 'db' / f'{service}.db'
    if said and said['database'] == 'postgres':
        become(PROGRAMS / 'psql', ['-c', sql] if sql else [], connection(said, service, 'owner' if owner else 'app'))
    if not file.exists():
        raise DevError(f'no suite runs in {folder}' if not said else f'{file} is not there')
    become('sqlite3', ['-cmd', '.timeout 10000', file, *([sql] if sql else [])])


def connection(said, service, part):
    """psql's environment: what stands in its arguments everybody on the machine can read."""
    role = f'renxin_{service}_{part}'
    password = pathlib.Path(said['folder'], 'secrets/postgres', f'{role}.password').read_text(encoding='ascii').strip()
    return {'PGHOST': '127.0.0.1', 'PGPORT': str(said['processes']['postgres']['port']), 'PGUSER': role, 'PGDATABASE': DATABASE,
            'PGPASSWORD': password}


def become(program, arguments, environment=None):
    if not shutil.which(program):
        raise DevError(f'{program} is not there: run ./dev deps')
    os.execvpe(program, [str(program), *map(str, arguments)], {**os.environ, **(environment or {})})
