"""One suite under load with its journal, and what is done to it."""
import contextlib
import os
import pathlib
import shutil
import tempfile

import harness                      # on the path by ./dev
import pay
from audit import audit, idle
from load import ANSWER_SECONDS, Journal, Load
from shim import Shim
from suite import Instance

BACKOFF_MOST = 0.5      # processes die on purpose here


def grown(journal, by, seconds=40):
    """Waits until so many more requests were acknowledged: the load is alive."""
    start = len(journal.entries)
    return harness.eventually(seconds, lambda: len(journal.entries) >= start + by, f'{by} more acknowledged requests')


class Run:
    """One suite under load. `patience`: seconds for which a worker tries until an outcome is known, `answer_seconds` how long for one
    answer; `shim_seed`: every service speaks with nats-server through a shim; `options` go to Instance."""

    def __init__(self, database, patience=60, answer_seconds=ANSWER_SECONDS, shim_seed=None, **options):
        self.extra = {}
        self.folder = tempfile.mkdtemp(prefix='renxin-chaos-')
        self.patience, self.answer_seconds = patience, answer_seconds
        self.suite = Instance(**{'database': database, 'extra': self.extra, 'backoff_most': BACKOFF_MOST, **options})
        self.load = None
        self.shim = None if shim_seed is None else Shim(self.suite.port('nats'), self.suite.ca, shim_seed)
        self.journal = Journal(os.path.join(self.folder, 'journal'))
        self._around = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as around:
            around.callback(shutil.rmtree, self.folder, ignore_errors=True)
            if self.shim:
                around.enter_context(self.shim)
                self.extra.update({name: self.shim.environment() for name in self.suite.services})
            around.enter_context(self.suite)
            self.suite.login()
            self.rep = pay.hire(self.suite)
            around.callback(lambda: self.load and self.load.abandon())
            self.begin_load()
            self._around = around.pop_all()
        return self

    def __exit__(self, *error):
        return self._around.__exit__(*error)

    def begin_load(self):
        """Once more after settle(), with customers of their own."""
        self.load = Load(self.suite, self.journal, self.rep, patience=self.patience, answer_seconds=self.answer_seconds,
                         first=self.load.count + 1 if self.load else 1)
        self.load.start()
        grown(self.journal, 20)

    def crash_at(self, process, point, passes, **also):
        """Arms the point for the next life of the process, waits until it was hit, disarms it."""
        lives = self.suite.restarts(process)
        before = self.extra.get(process, {})
        self.extra[process] = {**before, 'RENXIN_CRASH_AT': f'{point}:{passes}', **also}
        self.suite.kill(process)
        # One restart for the kill, another for the crash point.
        harness.eventually(60, lambda: self.suite.restarts(process) >= lives + 2, f'{process} dies at {point}')
        self.extra[process] = before
        # The life that has just begun may still be armed; a kill makes sure of a clean one.
        self.suite.kill(process)
        harness.eventually(60, lambda: self.suite.restarts(process) >= lives + 3, f'{process} starts again')
        self.suite.wait_ready(process)

    def with_broker_down(self, act, provision=True):
        """Something happens to the streams while nats-server is away."""
        self.suite.hold('nats')
        act(pathlib.Path(self.suite.broker.store))
        self.suite.broker.prepare()
        self.suite.release('nats')
        self.suite.wait_ready('nats')
        if provision:
            self.suite.broker.provision()

    def wipe_stream(self, provision=True):
        self.with_broker_down(lambda store: empty(store), provision)

    def settle(self, seconds=60):
        """Heals, ends the load, waits for idle."""
        self.suite.wake()
        self.suite.wait_ready()
        if not self.load.stop(self.patience):
            return ['a worker never got its answer']
        still = idle(self.suite, seconds)
        return [still] if still else []

    def found(self, seconds=60):
        """Settles, answers what the audit finds wrong, and locks the month; poison of the shim is no fault."""
        wrong = self.settle(seconds) + audit(self.suite, self.journal, self.shim.poison if self.shim else frozenset())
        # What a release before may not know yet is asked of this one alone (operations.md).
        self.suite.hold_others()
        wrong += pay.wrong(self.suite, self.journal, self.rep)
        return wrong + [f'refused for good: {refused}' for refused in self.load.refused]


def empty(folder):
    """Of what is in it: it may be the root of a file system of its own."""
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
