"""Everything that is done to a suite under load. Each takes a Bench, does its harm, heals it, and answers when the
suite may be left to itself; DECK says how often each is picked."""
import contextlib
import os
import random
import shutil
import signal
import threading

import cpu
from run import Run, empty, grown
from stores import full

VICTIMS = ('leads', 'referrals', 'commissions', 'membership', 'identity', 'gateway', 'nats')
# Where each crash point is passed under this load: (service, point, pass).
POINTS = (('leads', 'before_commit', 9), ('leads', 'after_commit', 9), ('leads', 'before_publish', 3), ('leads', 'before_mark', 3),
          ('commissions', 'before_ack', 3), ('referrals', 'before_ack', 3), ('commissions', 'before_commit', 5))
REACTING = ('referrals', 'commissions', 'membership')


class Bench:
    """What the disturbances act on: a run, its small stores, and the one source of chance."""

    def __init__(self, run: Run, chance: random.Random, stores):
        self.run, self.chance, self.stores = run, chance, stores
        self.kills = 0

    @property
    def suite(self):
        return self.run.suite

    def processes(self):
        return self.suite.names()

    def of(self, *services):
        """The processes of these services, replicas included."""
        return [name for name, service in self.suite.services.items() if service in services]

    def kill(self, name, signum=signal.SIGKILL):
        if self.suite.kill(name, signum):
            self.kills += 1

    def grow(self, most=25, seconds=60):
        grown(self.run.journal, self.chance.randrange(1, most), seconds)

    def last(self, least, most):
        """For so many seconds it stays as it is."""
        threading.Event().wait(self.chance.uniform(least, most))

    def ready(self):
        self.suite.wait_ready(seconds=60)


def kill(bench):
    """kill -9 of one process, whichever."""
    bench.kill(bench.chance.choice(bench.processes()))


def kill_two(bench):
    """Two processes at the same moment."""
    for name in bench.chance.sample(bench.processes(), 2):
        bench.kill(name)


def crash_point(bench):
    """A process dies between two lines of its code."""
    service, point, passes = bench.chance.choice(POINTS)
    bench.ready()
    bench.run.crash_at(bench.chance.choice(bench.of(service)), point, passes + bench.chance.randrange(5))
    bench.kills += 3


def freeze(bench):
    """SIGSTOP: it holds its locks and its connections, and says nothing."""
    name = bench.chance.choice([name for name in bench.processes() if name != 'postgres'])
    bench.suite.kill(name, signal.SIGSTOP)
    try:
        bench.last(1, 12)
    finally:
        bench.suite.kill(name, signal.SIGCONT)


def freeze_backend(bench):
    """One session of PostgreSQL hangs."""
    backends = [pid for pid in bench.suite.backends() if cpu.role(pid) != 'background']
    if backends:
        pid = bench.chance.choice(backends)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            try:
                bench.last(1, 8)
            finally:
                os.kill(pid, signal.SIGCONT)


def postgres_immediate(bench):
    """pg_ctl stop -m immediate: no checkpoint, sessions cut, recovery at the next start."""
    bench.kill('postgres', signal.SIGQUIT)


def terminate(bench):
    """SIGTERM under load: it finishes what it has begun."""
    name = bench.chance.choice(bench.of(*VICTIMS))
    bench.suite.restart(name)


def wipe(bench):
    """The streams are gone."""
    bench.run.wipe_stream()


def _copy_of_streams(bench):
    """As they are now; the server is stopped for a copy that is whole."""
    copy = os.path.join(bench.run.folder, 'streams')
    shutil.rmtree(copy, ignore_errors=True)
    bench.run.with_broker_down(lambda store: shutil.copytree(store, copy, ignore=shutil.ignore_patterns('ballast')))
    return copy


def _put_back(copy):
    def act(store):
        empty(store)
        shutil.copytree(copy, store, dirs_exist_ok=True)
    return act


def truncate_stream(bench):
    """The streams fall back to an older copy of themselves."""
    copy = _copy_of_streams(bench)
    grown(bench.run.journal, 40, 60)
    bench.run.with_broker_down(_put_back(copy))


def truncate_and_refill(bench):
    """The same, and who reacts looks only when the stream has grown past where it had been."""
    copy = _copy_of_streams(bench)
    grown(bench.run.journal, 40, 60)
    away = bench.of(*REACTING)
    for name in away:
        bench.suite.hold(name)
    bench.run.with_broker_down(_put_back(copy))
    grown(bench.run.journal, 90, 60)
    for name in away:
        bench.suite.release(name)


def torn_block(bench):
    """The newest block of a stream lost its second half."""
    def act(store):
        blocks = sorted(store.rglob('*.blk'), key=lambda path: path.stat().st_mtime)
        if blocks:
            os.truncate(blocks[-1], blocks[-1].stat().st_size // 2)
    bench.run.with_broker_down(act)


def disk_full(bench):
    """No space for the database or for the streams, and then again. nats-server reckons its limit when it starts
    and does not recover from a full disk by itself, so an operator's restart belongs to the healing."""
    name = bench.chance.choice(sorted(bench.stores))
    with full(bench.stores[name]):
        bench.last(2, 6)
    if name == 'nats':
        bench.suite.restart('nats')


def slow_consumer(bench):
    """The processes of a service do not read what the server has for them; it waits for them or cuts them off."""
    service = bench.chance.choice(REACTING)
    bench.run.shim.stall(service)
    try:
        bench.last(4, 14)
    finally:
        bench.run.shim.release(service)


BOTH = ('sqlite', 'postgres')
# (what, its weight among those that are picked, on which databases)
DECK = (
    (kill, 40, BOTH), (kill_two, 10, BOTH), (crash_point, 10, BOTH), (freeze, 8, BOTH), (freeze_backend, 4, ('postgres',)),
    (postgres_immediate, 6, ('postgres',)), (terminate, 8, BOTH), (wipe, 3, BOTH), (truncate_stream, 3, BOTH), (truncate_and_refill, 3, BOTH),
    (torn_block, 3, BOTH), (disk_full, 4, BOTH), (slow_consumer, 4, BOTH))


def deck(database, with_stores):
    """(disturbance, weight) of those that can be done here."""
    return [(act, weight) for act, weight, databases in DECK if database in databases and (with_stores or act is not disk_full)]
