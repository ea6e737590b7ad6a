"""`./dev up`: one suite in the foreground until Ctrl-C, with `--demo` a small hospital in it."""
import pathlib
import signal
import threading
import time

import build
import deps
from base import locked, say
from demo import Demonstration
from operate import table
from suite import Instance

HEADER = ('process', 'pid', 'port', 'state', 'restarts')


def print_change(child):
    why = f' ({child.last_exit})' if child.last_exit and child.state in ('waiting', 'stopped') else ''
    pid = f' pid {child.pid}' if child.pid else ''
    restarts = f', restarts {child.restarts}' if child.restarts else ''
    say(f'{time.strftime("%H:%M:%S")} {child.spec.name} {child.state}{why}{pid}{restarts}')


def print_addresses(suite, reported=''):
    say('the suite is up\n')
    print(table(HEADER, [(child.spec.name, str(child.pid or '-'), str(child.spec.port), child.state, str(child.restarts))
                         for child in suite.supervisor.children.values()]))
    print(f'''
  gateway        {suite.url}   (certificate authority: {suite.ca})
  console        {suite.url}/c/
  administrator  admin, password in {suite.password_file}
  databases      {suite.database}
  logs           {suite.folder}/log/
  instance       {suite.file}
{reported}
  Ctrl-C ends it.
''', flush=True)


def up(folder, database, port, skip_build=False, demonstrate=False, seed=None):
    folder = pathlib.Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / 'lock', busy=f'a suite runs in {folder} already (dev has pid {{pid}})'):
        if not skip_build:
            deps.ensure()
            build.build("programs")
        shown = Demonstration(folder, seed) if demonstrate else None
        supervise(Instance(folder, database, port, on_change=print_change, extra=shown.environment() if shown else None,
                           throttled=True), shown)
    return 0


def supervise(suite, shown=None):
    ending = threading.Event()

    def end(*_):
        if ending.is_set() and suite.supervisor:
            suite.supervisor.hurry()        # asked twice: no more patience
        elif not ending.is_set():
            ending.set()
            raise KeyboardInterrupt
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:       # nohup means what it says
        signal.signal(signal.SIGHUP, end)
    try:
        suite.start()
        print_addresses(suite, shown.run(suite) if shown else '')
        while True:
            signal.pause()
    except KeyboardInterrupt:
        say('ending in order; once more to end at once')
    finally:
        ending.set()
        suite.stop()
    say('ended')
