"""`./dev chaos`: kills and worse for as long as asked, under mixed load and through a shim that doubles, reorders and
poisons; one audit at the end. The same seed draws the same disturbances; the moments at which they fall are the machine's.
"""
import argparse
import collections
import contextlib
import pathlib
import random
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from audit import counts                # noqa: E402
from disturbances import Bench, deck    # noqa: E402
from run import Run                     # noqa: E402
from stores import may_mount, small_stores  # noqa: E402
from supervisor import BACKOFF_MOST         # noqa: E402

ANSWER_SECONDS = 12     # longer than the gateway waits: its 504 is heard
PATIENCE = 300      # seconds until an outcome is known, whatever is broken meanwhile
IDLE = 300


def arguments():
    top = argparse.ArgumentParser(prog='./dev chaos')
    top.add_argument('--kills', type=int, default=200)
    top.add_argument('--seed', type=int, default=None)
    top.add_argument('--database', choices=('sqlite', 'postgres'), default='sqlite')
    top.add_argument('--minutes', type=float, default=60)
    top.add_argument('--only', help='one disturbance, by its name')
    top.add_argument('--beside', help='folder of the programs of another release: every second process runs them')
    reported = top.parse_args()
    named = [act.__name__ for act, _ in deck(reported.database, with_stores=True)]
    if reported.only and reported.only not in named:
        top.error(f'--only: one of {", ".join(named)}')
    return reported


class Chaos:
    def __init__(self, reported):
        self.reported = reported
        self.seed = random.randrange(2**32) if reported.seed is None else reported.seed
        self.chance = random.Random(self.seed)
        self.done = collections.Counter()

    def say(self, text):
        print(f'{time.strftime("%H:%M:%S")} {text}', flush=True)

    def run(self):
        """What the audit found wrong."""
        database = self.reported.database
        self.say(f'chaos on {database}, seed {self.seed}, until {self.reported.kills} kills or {self.reported.minutes:g} minutes')
        with contextlib.ExitStack() as around:
            folder, stores = around.enter_context(small_stores(database)) if may_mount() else (None, {})
            run = around.enter_context(Run(database, patience=PATIENCE, answer_seconds=ANSWER_SECONDS, shim_seed=self.seed,
                                           backoff_most=BACKOFF_MOST, folder=folder, replicas=2 if database == 'postgres' else 1, beside=self.reported.beside))
            bench = Bench(run, self.chance, stores)
            self.disturb(bench)
            self.say('healing, and waiting for idle')
            run.shim.poison_every = 0
            wrong = run.found(IDLE)
            self.told_at_the_end(bench)
            return wrong

    def disturb(self, bench):
        acts, weights = zip(*[(act, weight) for act, weight in deck(self.reported.database, bool(bench.stores))
                              if not self.reported.only or act.__name__ == self.reported.only])
        until = time.monotonic() + self.reported.minutes * 60
        while bench.kills < self.reported.kills and time.monotonic() < until:
            act = self.chance.choices(acts, weights)[0]
            before = bench.kills
            act(bench)
            self.done[act.__name__] += 1
            bench.grow()
            self.say(f'{act.__name__}: {bench.kills - before} killed, {bench.kills} in all')

    def told_at_the_end(self, bench):
        self.say(f'seed {self.seed}: {bench.kills} kills; {dict(self.done)}')
        self.say(f'acknowledged: {counts(bench.run.journal)}; the shim: {bench.run.shim.counts}')


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    signal.signal(signal.SIGTERM, interrupt)    # everything is unwound
    chaos = Chaos(arguments())
    began = time.monotonic()
    wrong = chaos.run()
    for line in wrong[:50]:
        print(f'WRONG {line}')
    chaos.say(f'{len(wrong)} wrong, seed {chaos.seed}, {(time.monotonic() - began) / 60:.1f} min')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
