"""Packages of npm: what a lock file names, fetched once below .deps/node and kept there.

The lock file holds a digest of every package and no registry's address: npm asks the one this machine is set up for and refuses
what has other bytes. Scripts of packages are never run.
"""
import fcntl
import hashlib
import os
import shutil
import subprocess

from base import DEPS, DevError, say

FILES = ('package.json', 'package-lock.json')
SECONDS = 900


def place(source):
    """Where the packages of the lock file in the folder `source` lie; another lock file, another folder. CMake computes the same."""
    digest = hashlib.sha256((source / 'package-lock.json').read_bytes()).hexdigest()
    return DEPS / 'node' / f'{source.name}-{digest[:16]}'


def ensure(source):
    """Fetches them unless they are there; answers their folder, the one that holds node_modules. Two who ask at once do it once."""
    target = place(source)
    if target.exists():
        return target
    if not shutil.which('npm'):
        raise DevError('npm is not there: run ./dev deps')
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.with_name(target.name + '.lock'), 'w', encoding='ascii') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            say(f'fetching the npm packages of {source.name} below .deps')
            fetch(source, target)
    return target


def fetch(source, target):
    """The folder appears whole or not at all."""
    part = target.with_name(f'{target.name}.part')
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for name in FILES:
        shutil.copy(source / name, part)
    try:
        done = subprocess.run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], cwd=part, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        shutil.rmtree(part, ignore_errors=True)
        raise DevError(f'npm ci of {source.name} was not done after {SECONDS} s') from None
    if done.returncode:
        shutil.rmtree(part, ignore_errors=True)
        raise DevError(f'npm ci of {source.name} failed (exit {done.returncode}):\n{done.stdout.strip()}')
    os.rename(part, target)
