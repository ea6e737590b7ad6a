"""`./dev chaos`: tests/chaos/long.py on one database or on both, beside the release before if asked for."""
import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile

from base import BUILD, ROOT, DevError, run, say, stream
from supervisor import die_with_parent

LONG = ROOT / 'tests/chaos/long.py'
DATABASES = ('sqlite', 'postgres')
SECONDS_TO_END = 120


def release_of(commit):
    """The folder of the programs of another commit, built below build/before once."""
    name = run(['git', 'rev-parse', '--short=12', f'{commit}^{{commit}}'], what=f'looking for {commit}', cwd=ROOT).strip()
    tree = BUILD.parent / 'before' / name
    programs = tree / 'build/dev/bin'
    if not (tree / '.built').exists():
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir(parents=True)
        packed = subprocess.run(['git', 'archive', name], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(tree)
        (tree / '.deps').symlink_to(ROOT / '.deps')     # what lies there is pinned, and costly to fetch again
        say(f'building the programs of {name}')
        stream([tree / 'dev', 'build', 'programs'], what=f'the build of {name}', cwd=tree, env=os.environ)
        (tree / '.built').touch()
    return programs


def run_to_its_end(command, environment):
    """Its exit code. On Ctrl-C it takes its suite and its mounts down, and is waited for."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True,
                               preexec_fn=die_with_parent(signal.SIGTERM))
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait(SECONDS_TO_END)
        raise


def chaos(database, kills, minutes, seed, only, before):
    if before and database == 'sqlite':
        raise DevError('--before needs --database postgres: on SQLite a service has one process')
    databases = [database] if database else DATABASES
    beside = release_of(before) if before else None
    environment = {**os.environ, 'PYTHONDONTWRITEBYTECODE': '1',
                   'PYTHONPATH': os.pathsep.join([str(ROOT / 'infra/dev'), str(ROOT / 'tests/e2e')])}
    reported = {'--kills': kills, '--minutes': minutes, '--seed': seed, '--only': only}
    options = [str(part) for name, value in reported.items() if value is not None for part in (name, value)]
    failed = []
    for each in databases:
        also = ['--beside', str(beside)] if beside and each == 'postgres' else []
        command = [sys.executable, str(LONG), '--database', each, *options, *also]
        if run_to_its_end(command, environment):
            failed.append(each)
    say('chaos: ' + ('nothing lost, nothing doubled' if not failed else 'something is wrong on ' + ', '.join(failed)))
    return 1 if failed else 0
