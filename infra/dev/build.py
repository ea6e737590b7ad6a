"""Configures and builds the tree."""
import os
import shutil

from base import BIN, BUILD, ROOT, DevError, locked, say, stream

BUSINESS = ('identity', 'leads', 'referrals', 'commissions', 'membership', 'notifications')
SERVICES = (*BUSINESS, 'gateway')


def program(name):
    path = BIN / name
    if not path.exists():
        raise DevError(f'{os.path.relpath(path, ROOT)} is not there: run ./dev build')
    return path


def service_program(service):
    return program(f'renxin-{service}')


def command_line():
    return program('renxin')


def jobs():
    """A compiler of this code takes up to 1.5 GB: a machine with many cores and little memory would swap."""
    with open('/proc/meminfo', encoding='ascii') as info:
        available = next(int(line.split()[1]) for line in info if line.startswith('MemAvailable'))
    return max(1, min(os.cpu_count() or 1, available // (1536 * 1024)))


def configure(preset):
    folder = BUILD.parent / preset
    stamp, presets = folder / '.configured', ROOT / 'CMakePresets.json'
    if (folder / 'build.ninja').exists() and stamp.exists() and stamp.stat().st_mtime >= presets.stat().st_mtime:
        return      # from here on ninja configures again by itself when a CMake file changes
    say(f'configuring build/{preset}')
    stream(['cmake', '--preset', preset], what=f'cmake --preset {preset}', cwd=ROOT,
           env={**os.environ, 'CLICOLOR_FORCE': '0'})
    stamp.touch()


def build(target=None, preset='dev'):
    """Builds all, or one target; presets: CMakePresets.json. One build at a time: two would tear each other's files."""
    if not shutil.which('cmake'):
        raise DevError('cmake is not there: run ./dev deps')
    with locked(BUILD.parent / 'dev.lock'):
        configure(preset)
        say(f'building {target or "everything"}')
        command = ['cmake', '--build', '--preset', preset, '--parallel', str(jobs())]
        stream(command + (['--target', target] if target else []), what='the build', cwd=ROOT)
