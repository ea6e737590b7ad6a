"""`./dev fuzz`: the libFuzzer programs of tests/fuzz, two at a time, from their corpora."""
import concurrent.futures
import os
import re
import signal
import subprocess

import build
import deps
from base import BUILD, ROOT, DevError, say
from supervisor import die_with_parent

CORPORA = ROOT / 'tests/fuzz/corpus'
FOLDER = BUILD.parent / 'fuzz'
RUNS, MINUTES = 10_000_000, 20      # of each target: whichever comes first
PARALLEL = 2


def targets():
    return sorted(path.name for path in CORPORA.iterdir())


def command(target, runs, minutes):
    """What it finds on its way is kept below build/fuzz, so that a later run goes on from there."""
    grown, found = FOLDER / 'grown' / target, FOLDER / 'found'
    for folder in (grown, found):
        folder.mkdir(parents=True, exist_ok=True)
    return [str(FOLDER / 'fuzz' / target), f'-runs={runs}', f'-max_total_time={int(minutes * 60)}', '-max_len=8192', '-timeout=10',
            '-rss_limit_mb=2048', '-print_final_stats=1', f'-artifact_prefix={found}/{target}-', str(grown), str(CORPORA / target)]


def fuzz_one(target, runs, minutes):
    """(target, how many runs, what it said when it found something)"""
    log = FOLDER / f'{target}.log'
    with open(log, 'wb') as out:
        code = subprocess.run(command(target, runs, minutes), stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False,
                              timeout=minutes * 60 + 300, preexec_fn=die_with_parent(signal.SIGKILL)).returncode
    said = log.read_text(encoding='utf-8', errors='replace')
    done = re.search(r'stat::number_of_executed_units: (\d+)', said)
    ended = re.search(r'Done \d+ runs in (\d+) second', said)
    count = int(done.group(1)) if done else 0
    say(f'{target}: {count:,} runs' + (f' in {ended.group(1)} s' if ended else '') + (', found something' if code else ''))
    return target, count, said[-6000:] if code else None


def fuzz(wanted=None, runs=RUNS, minutes=MINUTES):
    """{target: what it said} of those that found something; every one has had its runs or its minutes."""
    chosen = [target for target in targets() if not wanted or wanted == target]
    if not chosen:
        raise DevError(f'no such target; there are {", ".join(targets())}')
    deps.install(deps.FUZZ_PACKAGES)
    build.build('fuzz_targets', preset='fuzz')
    with concurrent.futures.ThreadPoolExecutor(min(PARALLEL, os.cpu_count() or 1)) as pool:
        results = list(pool.map(lambda target: fuzz_one(target, runs, minutes), chosen))
    return {target: said for target, _, said in results if said is not None}


def main(wanted, runs, minutes):
    found = fuzz(wanted, runs or RUNS, minutes or MINUTES)
    for target, said in found.items():
        print(f'{target}:\n{said}')
    say(f'fuzz: {"nothing found" if not found else "found something: " + ", ".join(found)}')
    return 1 if found else 0
