"""Keeps a set of processes running: starts, watches, restarts with back-off, and ends them in order.

All forks happen on the supervisor's own thread, which lives until every child has ended: Linux sends
PR_SET_PDEATHSIG when the *thread* that forked ends, not when the process does.
"""
import concurrent.futures
import contextlib
import ctypes
import dataclasses
import os
import pathlib
import queue
import signal
import subprocess
import threading
import time
from typing import Callable

from base import DevError

BACKOFF_FIRST = 0.2
BACKOFF_MOST = 5.0
UP_LONG_ENOUGH = 10.0       # after so long the next death starts with the first back-off again
TICK = 0.05
PROBE_WHILE_STARTING = 0.1
PROBE_WHILE_READY = 1.0
PR_SET_PDEATHSIG = 1

STARTING, READY, NOT_READY, WAITING = 'starting', 'ready', 'not ready', 'waiting'
STOPPING, STOPPED = 'stopping', 'stopped'

_libc = ctypes.CDLL(None)


@dataclasses.dataclass
class Spec:
    """How to run one process. `command` and `environment` are asked at every start, so that a test can
    change them between two lives of the process."""
    name: str
    command: Callable[[], list]
    environment: Callable[[], dict]
    ready: Callable[[], bool]
    log: pathlib.Path
    port: int = 0
    user: str | None = None
    cwd: str = '/'
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 30.0
    death_signal: int = signal.SIGKILL      # what the kernel sends when dev itself is gone


@dataclasses.dataclass
class Child:
    spec: Spec
    process: subprocess.Popen | None = None
    wanted: bool = False
    state: str = STOPPED
    starts: int = 0
    last_exit: str = ''
    started_at: float = 0.0
    since: str = ''             # the same by the clock on the wall
    backoff: float = BACKOFF_FIRST
    retry_at: float = 0.0
    probe_at: float = 0.0
    stop_by: float = 0.0

    @property
    def pid(self):
        return self.process.pid if self.process else None

    @property
    def restarts(self):
        return max(0, self.starts - 1)


def die_with_parent(signum):
    """For Popen's preexec_fn, which runs after setuid; setuid would clear the death signal."""
    parent = os.getpid()

    def prepare():
        _libc.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
        if os.getppid() != parent:      # the parent went between fork and prctl
            os._exit(1)
    return prepare


def describe_exit(code):
    if code >= 0:
        return f'exit {code}'
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f'signal {-code}'


class Supervisor:
    def __init__(self, specs, on_change=None, backoff_most=BACKOFF_MOST):
        self.children = {spec.name: Child(spec) for spec in specs}
        self._on_change = on_change or (lambda child: None)
        self._backoff_most = backoff_most
        self._requests = queue.SimpleQueue()
        self._over = False
        self._hurried = False
        self._thread = threading.Thread(target=self._loop, name='supervisor', daemon=True)
        self._thread.start()

    # ---- for callers on any thread

    def start(self, *names):
        self._ask(lambda: [self._want(self.children[name]) for name in names])

    def begin_stop(self, *names):
        self._ask(lambda: [self._begin_stop(self.children[name]) for name in names])

    def stop(self, *names):
        """Asks them to end, together, and returns when they have; killed when their time is over."""
        self.begin_stop(*names)
        while self._thread.is_alive() and any(self.children[name].process for name in names):
            time.sleep(TICK)

    def kill(self, name, signum):
        """Sends a signal to a running child; answers its pid, or None if it was not running."""
        def send():
            process = self.children[name].process
            if process is None or process.poll() is not None:
                return None
            process.send_signal(signum)
            return process.pid
        return self._ask(send)

    def hurry(self):
        """From now on whoever is being stopped is killed. Only sets values: a signal handler may call it."""
        self._hurried = True
        for child in self.children.values():
            child.stop_by = 0.0

    def close(self):
        """Only after every child was stopped: ends the thread, and with it whoever is left."""
        if self._thread.is_alive():
            self._ask(self._end)
            self._thread.join()

    # ---- on the supervisor's thread

    def _ask(self, work):
        if not self._thread.is_alive():
            raise RuntimeError('the supervisor has ended')
        answer = concurrent.futures.Future()
        self._requests.put((work, answer))
        return answer.result(timeout=60)

    def _end(self):
        self._over = True

    def _loop(self):
        while not self._over:
            self._serve()
            for child in self.children.values():
                self._tend(child, time.monotonic())

    def _serve(self):
        try:
            work, answer = self._requests.get(timeout=TICK)
        except queue.Empty:
            return
        try:
            answer.set_result(work())
        except Exception as error:      # belongs to whoever asked; supervision goes on
            answer.set_exception(error)

    def _want(self, child):
        child.wanted = True
        child.retry_at = 0.0
        child.backoff = BACKOFF_FIRST
        if child.process is None:
            self._spawn(child)

    def _begin_stop(self, child):
        child.wanted = False
        child.stop_by = time.monotonic() + (0 if self._hurried else child.spec.stop_seconds)
        if child.process is None:
            self._enter(child, STOPPED)
        else:
            self._enter(child, STOPPING)
            child.process.send_signal(child.spec.stop_signal)
            child.process.send_signal(signal.SIGCONT)       # a paused process cannot end

    def _tend(self, child, now):
        if child.process is None:
            if child.wanted and now >= child.retry_at:
                self._spawn(child)
            return
        code = child.process.poll()
        if code is not None:
            self._exited(child, code, now)
        elif not child.wanted:
            if now >= child.stop_by:
                child.process.kill()
        elif now >= child.probe_at:
            self._probe(child)

    def _spawn(self, child):
        spec = child.spec
        identity = {'user': spec.user, 'group': spec.user, 'extra_groups': []} if spec.user else {}
        with open(spec.log, 'ab') as log:
            try:
                child.process = subprocess.Popen(
                    [str(part) for part in spec.command()], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=spec.environment(),
                    cwd=spec.cwd, start_new_session=True,       # Ctrl-C is for dev alone
                    preexec_fn=die_with_parent(spec.death_signal), **identity)
            except (OSError, DevError) as error:    # a build may just be writing the program
                log.write(f'dev: cannot start {spec.name}: {error}\n'.encode())
        child.starts += 1
        child.started_at = time.monotonic()
        child.since = time.strftime('%Y-%m-%dT%H:%M:%S%z')
        child.probe_at = 0.0
        if child.process:
            self._enter(child, STARTING)
        else:
            self._back_off(child, 'cannot start', child.started_at)

    def _exited(self, child, code, now):
        child.process = None
        if child.wanted:
            self._back_off(child, describe_exit(code), now)
        else:
            child.last_exit = describe_exit(code)
            self._enter(child, STOPPED)

    def _back_off(self, child, reason, now):
        if now - child.started_at >= UP_LONG_ENOUGH:
            child.backoff = BACKOFF_FIRST
        child.last_exit = reason
        child.retry_at = now + child.backoff
        child.backoff = min(self._backoff_most, child.backoff * 2)
        self._enter(child, WAITING)

    def _probe(self, child):
        try:
            ready = bool(child.spec.ready())
        except Exception:       # a probe that cannot answer says no
            ready = False
        if ready:
            self._enter(child, READY)
        elif child.state == READY:
            self._enter(child, NOT_READY)
        calm = child.state == READY
        child.probe_at = time.monotonic() + (PROBE_WHILE_READY if calm else PROBE_WHILE_STARTING)

    def _enter(self, child, state):
        if child.state != state:
            child.state = state
            with contextlib.suppress(OSError):      # nobody reads what we print: no reason to stop watching
                self._on_change(child)
