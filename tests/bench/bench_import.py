"""The three real imports together: wall time from the first call until the suite is idle, and the memory of each
process (PSS, sampled). Limits of the issue: 90 s on two cores, 256 MiB a process.

  bench_import.py --database sqlite|postgres [--data DIR]     DIR: the folder of real data, default $RENXIN_DATA
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'infra/dev'))
import cpu    # noqa: E402
from suite import BUSINESS, Instance    # noqa: E402

OURS = (*BUSINESS, 'gateway')


def sample(suite, peaks, stop):
    while not stop.wait(0.5):
        for name in OURS:
            peaks[name] = max(peaks.get(name, 0), suite.pss(name))


def print_cpu(suite, database):
    """Where the processor's time went, the most first."""
    pids = suite.pids()
    used = {name: cpu.of_tree(pid) for name, pid in pids.items() if name != 'postgres'}
    used.update({f'database of {role}': seconds for role, seconds in cpu.of_backends(pids.get('postgres')).items()})
    reported = sorted(((seconds, name) for name, seconds in used.items() if seconds >= 0.1), reverse=True)
    print(f'{database}: CPU seconds: ' + ', '.join(f'{name} {seconds:.1f}' for seconds, name in reported), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--database', default='sqlite', choices=('sqlite', 'postgres'))
    parser.add_argument('--data', type=pathlib.Path, default=pathlib.Path(os.environ.get('RENXIN_DATA', ROOT.parent / 'shared/data')))
    arguments = parser.parse_args()
    tool = arguments.data.resolve().parent / 'tools/real_inputs.py'
    if not tool.exists():
        print(f'acceptance data absent ({arguments.data})')
        return 0
    with tempfile.TemporaryDirectory(prefix='renxin-bench-') as folder:
        subprocess.run([sys.executable, tool, folder], check=True, stdout=subprocess.DEVNULL)
        with Instance(database=arguments.database) as suite:
            suite.login()
            peaks, stop = {}, threading.Event()
            watcher = threading.Thread(target=sample, args=(suite, peaks, stop), daemon=True)
            watcher.start()
            began = time.monotonic()
            for name in ('funnel', 'desk', 'till'):
                at = time.monotonic()
                suite.renxin('import', '--dir', f'{folder}/{name}', '--source', name)
                print(f'{arguments.database}: {name} {time.monotonic() - at:.1f} s', flush=True)
            at = time.monotonic()
            suite.renxin('status', '--wait-idle')
            print(f'{arguments.database}: then idle after {time.monotonic() - at:.1f} s', flush=True)
            seconds = time.monotonic() - began
            stop.set()
            watcher.join()
            print_cpu(suite, arguments.database)
    worst = max(peaks, key=peaks.get)
    print(f'{arguments.database}: three imports until idle {seconds:.1f} s (limit 90); '
          f'highest PSS {peaks[worst] / 2**20:.0f} MiB ({worst}, limit 256)')
    return 0 if seconds <= 90 and peaks[worst] <= 256 * 2**20 else 1


if __name__ == '__main__':
    sys.exit(main())
