"""What every module of dev needs: where things lie, how to speak, how to fail."""
import contextlib
import fcntl
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / 'build' / 'dev'
BIN = BUILD / 'bin'
DEPS = ROOT / '.deps'


class DevError(Exception):
    """Something the person at the keyboard has to know; printed without a stack trace."""


def say(text):
    print(f'dev: {text}', flush=True)


def result_only():
    """Standard output becomes the result's alone: everything else that this process and its children write there, progress of the
    build included, goes to standard error. Answers the file for the result."""
    sys.stdout.flush()
    result = os.fdopen(os.dup(sys.stdout.fileno()), 'w', encoding='utf-8')
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return result


def run(command, *, what, **options):
    """Runs a command to its end; on failure raises with what it said instead of a stack trace."""
    options.setdefault('stdin', subprocess.DEVNULL)
    done = subprocess.run([str(part) for part in command], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        raise DevError(f'{what} failed (exit {done.returncode}):\n{done.stdout.strip()}')
    return done.stdout


def stream(command, *, what, **options):
    """Runs a command whose progress the person should see."""
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, **options)
    if done.returncode != 0:
        raise DevError(f'{what} failed (exit {done.returncode})')


def eventually(seconds, predicate, every=0.05):
    """Polls until predicate() is truthy and returns it, or None once the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() >= deadline:
            return None
        time.sleep(every)


def write_atomically(path, text, mode=0o644):
    """A reader sees the old file or the new one, and a secret is never readable in between."""
    part = path.with_name(f'.{path.name}.{os.getpid()}')
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, 'w', encoding='utf-8') as out:
        out.write(text)
    os.replace(part, path)


def tail(path, lines=20):
    try:
        with open(path, 'rb') as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 64 * 1024))
            text = log.read().decode('utf-8', 'replace')
    except OSError:
        return '(no log)'
    return '\n'.join(text.splitlines()[-lines:]) or '(log is empty)'


def started(pid):
    """When a process was started, in ticks since the machine was; None once it is gone, zombies included. A pid that was given
    out again has another."""
    try:
        fields = pathlib.Path(f'/proc/{pid}/stat').read_text(encoding='ascii', errors='replace').rpartition(')')[2].split()
    except OSError:
        return None
    return None if fields[0] == 'Z' else int(fields[19])


@contextlib.contextmanager
def locked(path, busy=None):
    """Holds a lock that the kernel lets go of even when we are killed. With `busy`, a held lock is
    an error (formatted with the holder's pid); without, it is waited for. The file says who holds it: pid and start time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'a+', encoding='utf-8') as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError:
            lock.seek(0)
            raise DevError(busy.format(pid=(lock.read().split() or ['?'])[0])) from None
        lock.truncate(0)
        lock.write(f'{os.getpid()} {started(os.getpid())}\n')
        lock.flush()
        yield


def main_guard(function):
    """Turns DevError and Ctrl-C into an exit code."""
    try:
        return function()
    except DevError as error:
        sys.stdout.flush()
        print(f'dev: {error}', file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print('dev: interrupted', file=sys.stderr, flush=True)
        return 130
