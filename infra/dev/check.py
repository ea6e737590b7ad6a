"""`./dev check`: format, clang-tidy, architecture."""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

from base import BUILD, ROOT, DevError, say, write_atomically

FORMAT, TIDY = 'clang-format-14', 'clang-tidy-14'
OURS = ('shared', 'services', 'tests')
TIDY_COMMANDS = BUILD / 'tidy'


def sources():
    return sorted(path for folder in OURS for path in (ROOT / folder).rglob('*') if path.suffix in ('.h', '.cc'))


def git(*arguments):
    # A clone made by another user (a container's, say) is fine for reading.
    done = subprocess.run(['git', '-c', f'safe.directory={ROOT}', *arguments], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False)
    return done.stdout.split('\0') if done.returncode == 0 else None


def changed_files(gone=False):
    """Files that differ from where this branch left main, new ones included and with `gone` those that are no more; None when git
    cannot tell."""
    for main in ('origin/main', 'main'):
        base = git('merge-base', 'HEAD', main)
        if base:
            break
    else:
        return None
    differing = git('diff', '--name-only', '-z', '--no-renames', *([] if gone else ['--diff-filter=d']), base[0].strip())
    untracked = git('ls-files', '--others', '--exclude-standard', '-z')
    if differing is None or untracked is None:
        return None
    return {ROOT / name for name in differing + untracked if name}


def check_format():
    files = sources()
    if not files:
        return True
    done = subprocess.run([FORMAT, '--dry-run', '-Werror', '--style=file', *map(str, files)], cwd=ROOT, check=False)
    say(f'format: {len(files)} files, ' + ('fine' if done.returncode == 0 else f'see above; mend with {FORMAT} -i'))
    return done.returncode == 0


def without_precompiled(command):
    """clang cannot read g++'s compiled headers; each source includes what it needs."""
    return re.sub(r' -include \S*/cmake_pch\.hxx| -Winvalid-pch| -fpch-preprocess', '', command)


def parts(entry):
    """An entry for every source of the tree in it: most are compiled joined (infra/cmake/Joined.cmake)."""
    path = pathlib.Path(entry['file'])
    if path.parent.name != 'joined':
        return [entry]
    found = [ROOT / name for name in re.findall(r'^#include "(.+)"$', path.read_text(encoding='utf-8'), re.MULTILINE)]
    return [{**entry, 'file': str(part), 'command': entry['command'].replace(str(path), str(part))} for part in found]


def compiled():
    """The sources that are built; their commands are written for clang-tidy."""
    path = BUILD / 'compile_commands.json'
    if not path.exists():
        raise DevError('compile_commands.json is not there: run ./dev build')
    entries = [part for entry in json.loads(path.read_text(encoding='utf-8')) for part in parts(entry)]
    TIDY_COMMANDS.mkdir(exist_ok=True)
    write_atomically(TIDY_COMMANDS / path.name, json.dumps([{**entry, 'command': without_precompiled(entry['command'])} for entry in entries]))
    return {entry['file'] for entry in entries}


def tidy(path):
    # g++'s commands: clang need not know all its warnings.
    command = [TIDY, '-p', str(TIDY_COMMANDS), '--quiet', '--warnings-as-errors=*',
               '--extra-arg=-Wno-unknown-warning-option', str(path)]
    done = subprocess.run(command, cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return path, done.returncode, done.stdout


def check_tidy(everything):
    known = compiled()
    units = [path for path in sources() if path.suffix == '.cc' and str(path) in known]
    changed = None if everything else changed_files()
    if changed is not None:
        # A header has no command of its own: it is looked at through the file beside it.
        units = [path for path in units if path in changed or path.with_suffix('.h') in changed]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for path, code, said in pool.map(tidy, units):
            if code:
                bad += 1
                print(f'{path.relative_to(ROOT)}:\n{said}', flush=True)
    say(f'clang-tidy: {len(units)} files, {bad} with findings')
    return bad == 0


def check_architecture():
    modules = sorted((ROOT / 'tests/architecture').glob('test_*.py'))
    if not modules:
        say('architecture: no tests there')
        return True
    done = subprocess.run([sys.executable, '-m', 'unittest', 'discover', '-s', str(ROOT / 'tests/architecture')],
                          cwd=ROOT, stdin=subprocess.DEVNULL, check=False,
                          env={**os.environ, 'RENXIN_ROOT': str(ROOT), 'PYTHONPATH': str(ROOT / 'infra/dev')})
    return done.returncode == 0


def check(everything):
    outcomes = {'format': check_format(), 'clang-tidy': check_tidy(everything), 'architecture': check_architecture()}
    failed = [name for name, fine in outcomes.items() if not fine]
    say('check: ' + ('all fine' if not failed else 'failed: ' + ', '.join(failed)))
    return 1 if failed else 0
