"""What a suite costs that has nothing to do: processor time of each process, and on PostgreSQL its statements. Limits of the issue: all of
our processes together less than 1 % of a core, and fewer than 5 statements a second.

The suite is started, left alone for ten seconds and then measured. On a machine that does other work as well, the same wake-up costs more.
The requests of `./dev` itself are counted too: it asks every process every few seconds whether it is ready.

  bench_idle.py --database sqlite|postgres [--seconds N]
"""
import argparse
import os
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'infra/dev'))
import cpu                              # noqa: E402  (the path above finds them)
from base import eventually             # noqa: E402
from suite import SERVICES, Instance    # noqa: E402

LIMIT_SHARE, LIMIT_STATEMENTS, REST_SECONDS = 0.01, 5.0, 10
STATEMENTS = (' LOG:  statement: ', ' LOG:  execute ')


def wait(seconds):
    began = time.monotonic()
    eventually(2 * seconds, lambda: time.monotonic() - began >= seconds)
    return time.monotonic() - began


def count_statements(suite, since):
    with open(suite.log('postgres'), encoding='utf-8', errors='replace') as lines:
        lines.seek(since)
        return sum(' renxin_' in line and any(mark in line for mark in STATEMENTS) for line in lines)


def used(suite):
    return {name: cpu.of_tree(pid) for name, pid in suite.pids().items()}


def measure(database, seconds):
    """Shares of a core by process, and statements a second (None on SQLite). Processor time and statements are measured one after the
    other: logging a statement costs the server more than many of them."""
    with tempfile.TemporaryDirectory(prefix='renxin-bench-') as folder:
        suite = Instance(folder, database)
        try:
            suite.start()
            wait(REST_SECONDS)
            before = used(suite)
            took = wait(seconds)
            shares = {name: (after - before[name]) / took for name, after in used(suite).items()}
            if not suite.cluster:
                return shares, None
            suite.cluster.psql('-c', "alter system set log_statement = 'all'")
            suite.cluster.psql('-c', 'select pg_reload_conf()')
            wait(1)
            size = suite.log('postgres').stat().st_size
            took = wait(seconds)
            return shares, count_statements(suite, size) / took
        finally:
            suite.stop()
            if suite.cluster:
                suite.cluster.destroy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--database', default='sqlite', choices=('sqlite', 'postgres'))
    parser.add_argument('--seconds', type=int, default=30)
    arguments = parser.parse_args()
    busy = os.getloadavg()[0]
    shares, statements = measure(arguments.database, arguments.seconds)
    for name, share in sorted(shares.items(), key=lambda item: -item[1]):
        print(f'  {name:<14} {100 * share:5.2f} % of a core{"" if name in SERVICES else " (not ours)"}')
    total = sum(shares[name] for name in SERVICES)
    print(f'{arguments.database}: all of ours at rest {100 * total:.2f} % of a core (limit {100 * LIMIT_SHARE:.0f}); load of the machine before: {busy:.1f}')
    if statements is not None:
        print(f'{arguments.database}: {statements:.1f} statements a second (limit {LIMIT_STATEMENTS:.0f})')
    return 0 if total < LIMIT_SHARE and (statements or 0) < LIMIT_STATEMENTS else 1


if __name__ == '__main__':
    sys.exit(main())
