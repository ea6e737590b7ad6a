"""How long the suite takes to be ready, and what it weighs at rest. Limits of the issue: 3 s from start to ready of all processes,
already built; 250 MiB PSS for all of ours at rest, ten seconds after that.

Three starts are measured, each to the moment when every process says that it is ready:

  ours     our processes alone; nats-server and PostgreSQL run already, the databases are there
  again    everything as `./dev up` starts it on a folder that has been used: PostgreSQL and nats-server included
  first    the same on an empty folder: certificates, keys, PostgreSQL's initdb, databases, migrations, the first administrator

The limit holds for `ours` and `again`, the middle one of several tries each. PostgreSQL and nats-server are weighed as well, and are not ours.

  bench_start.py --database sqlite|postgres [--tries N]
"""
import argparse
import os
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'infra/dev'))
from base import eventually             # noqa: E402  (the path above finds them)
from suite import SERVICES, Instance    # noqa: E402

LIMIT_SECONDS, LIMIT_BYTES, REST_SECONDS = 3.0, 250 * 2**20, 10


def started(suite):
    began = time.monotonic()
    suite.start()
    return time.monotonic() - began


def ours_again(suite):
    """Our processes ended in order and started again, beside a broker and a database that go on."""
    suite.supervisor.stop('gateway')
    suite.supervisor.stop(*(service for service in SERVICES if service != 'gateway'))
    began = time.monotonic()
    suite.supervisor.start(*SERVICES)
    suite.wait_ready(*SERVICES)
    return time.monotonic() - began


def weigh(suite):
    """Bytes by process when all have been ready for ten seconds."""
    ready = time.monotonic()
    eventually(2 * REST_SECONDS, lambda: time.monotonic() - ready >= REST_SECONDS)
    return {name: suite.pss(name) for name in suite.names()}


def measure(database, tries):
    with tempfile.TemporaryDirectory(prefix='renxin-bench-') as folder:
        suite = Instance(folder, database)
        try:
            first = started(suite)
            again = []
            for _ in range(tries):
                suite.stop()
                suite = Instance(folder, database)
                again.append(started(suite))
            ours = [ours_again(suite) for _ in range(tries)]
            return first, again, ours, weigh(suite)
        finally:
            suite.stop()
            if suite.cluster:
                suite.cluster.destroy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--database', default='sqlite', choices=('sqlite', 'postgres'))
    parser.add_argument('--tries', type=int, default=5)
    arguments = parser.parse_args()
    busy = os.getloadavg()[0]
    first, again, ours, weights = measure(arguments.database, arguments.tries)
    kept = True
    for name, tries in (('ours', ours), ('again', again)):
        middle = statistics.median(tries)
        kept = kept and middle < LIMIT_SECONDS
        print(f'{arguments.database}: {name} {middle:.2f} s (limit {LIMIT_SECONDS:.0f}; {min(tries):.2f} to {max(tries):.2f} in {len(tries)} tries)')
    print(f'{arguments.database}: first {first:.2f} s (no limit); load of the machine before: {busy:.1f}')
    total = sum(weights[name] for name in SERVICES)
    for name, weight in sorted(weights.items(), key=lambda item: -item[1]):
        print(f'  {name:<14} {weight / 2**20:6.1f} MiB{"" if name in SERVICES else " (not ours)"}')
    print(f'{arguments.database}: all of ours at rest {total / 2**20:.0f} MiB PSS (limit {LIMIT_BYTES >> 20})')
    return 0 if kept and total < LIMIT_BYTES else 1


if __name__ == '__main__':
    sys.exit(main())
