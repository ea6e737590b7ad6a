"""`./dev test --sanitize`: the tests of shared/ with the sanitizers compiled in, memory and undefined behaviour first,
then threads. What the libraries of the system do among themselves is left out by name, in infra/sanitize/."""
import ctypes
import pathlib
import tempfile

import build
from base import BUILD, ROOT, say
from jobs import Job
from runner import PARALLEL, conclude, environment_for, programs_of, run_jobs, scratch

SUPPRESSIONS = ROOT / 'infra/sanitize'
SECONDS = 900       # for one program; they run some ten times slower than they are
OPTIONS = {
    'asan': {'ASAN_OPTIONS': 'detect_stack_use_after_return=1:strict_string_checks=1',
             'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1',
             'LSAN_OPTIONS': f'suppressions={SUPPRESSIONS}/leaks.txt:print_suppressions=0'},
    'tsan': {'TSAN_OPTIONS': f'suppressions={SUPPRESSIONS}/threads.txt:second_deadlock_stack=1'},
}
ADDR_NO_RANDOMIZE = 0x0040000


def sanitize(wanted):
    # Inherited by what is started: the sanitizers of gcc 12 do not start where a newer kernel draws addresses from 32 bits.
    if ctypes.CDLL(None).personality(ADDR_NO_RANDOMIZE) == -1:
        say('addresses stay random here; with 32 bits of it (vm.mmap_rnd_bits) a sanitizer may not start')
    results = []
    with tempfile.TemporaryDirectory(prefix='renxin-reports-') as folder:
        for preset, options in OPTIONS.items():
            build.build('shared_tests', preset)
            ours = (BUILD.parent / preset / 'shared_tests.txt').read_text(encoding='utf-8').split()
            programs = [path for path in programs_of(BUILD.parent / preset) if path.name in ours and (not wanted or wanted in path.name)]
            say(f'running with {preset}')
            # A broker for each: streams are made with the size they may reach, and there is room for one run.
            with scratch() as reported:
                environment = environment_for({**reported, **options}, quick=False, heavy=False)
                results += run_jobs([Job(f'{path.name} [{preset}]', path, pathlib.Path(folder) / f'{path.name}.{preset}.json', environment,
                                         SECONDS) for path in programs], PARALLEL)
    return conclude(results)
