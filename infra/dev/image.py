"""`./dev image`: one image with every program, nats-server among them; the role is its command. Beside it what is in it, and the licences."""
import contextlib
import json
import os
import pathlib
import platform
import shutil
import tempfile

import build
import deps
import oci
import rootfs
import sbom
from base import ROOT, DevError, run, say

PROGRAMS = ('renxin', *(f'renxin-{name}' for name in build.SERVICES))
USER = '65532:65532'
CRASH_POINTS = b'RENXIN_CRASH_AT'       # only a test build reads it
SHELLS = {'sh', 'bash', 'dash', 'busybox', 'ash', 'zsh', 'perl', 'python3', 'apt', 'apt-get', 'dpkg'}


def commit():
    return run(['git', '-c', f'safe.directory={ROOT}', 'rev-parse', 'HEAD'], what='git', cwd=ROOT).strip()


def epoch():
    """The time of the commit: the same sources, the same image."""
    return int(os.environ.get('SOURCE_DATE_EPOCH') or run(['git', '-c', f'safe.directory={ROOT}', 'log', '-1', '--format=%ct'], what='git', cwd=ROOT))


def programs_in(folder):
    found = {name: pathlib.Path(folder) / name for name in PROGRAMS}
    missing = [name for name, path in found.items() if not path.exists()]
    if missing:
        raise DevError(f'{folder} has no {", ".join(missing)}')
    return found


def stripped(programs, folder):
    """Copies without debugging information, which also has paths of this machine."""
    folder.mkdir()
    for name, path in programs.items():
        run(['strip', '--strip-all', '-o', folder / name, path], what=f'strip {name}')
    return {name: folder / name for name in programs}


def find_wrong(entries):
    """What must not be in an image: a shell, an interpreter, a package manager, a file that gives its user more than they have."""
    for path in sorted(entries):
        name = path.rsplit('/', 1)[-1]
        if path.startswith(('bin/', 'sbin/', 'usr/bin/', 'usr/sbin/')) and name not in (*PROGRAMS, 'nats-server'):
            yield f'{path}: a program that is not ours'
        if name in SHELLS:
            yield f'{path}: a shell, an interpreter or a package manager'


def embedded():
    """What of npm is compiled into the gateway."""
    lock = json.loads((deps.EXPLORER / 'package-lock.json').read_text(encoding='utf-8'))
    return {name.removeprefix('node_modules/'): entry for name, entry in lock['packages'].items() if name}


def nats_fields():
    """The server is of another Debian release, unpacked by deps."""
    return {'Package': 'nats-server', 'Version': '.'.join(map(str, deps.nats_version(deps.nats_server()))), 'Architecture': 'any'}


def write_licences(folder, base):
    """Of every package its copyright file, as Debian has it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path, (content, _) in base.items():
        parts = path.split('/')
        if parts[:3] == ['usr', 'share', 'doc']:
            (folder / parts[3]).write_bytes(content)
    of_nats = next((deps.nats_server().parents[2] / 'usr/share/doc/nats-server').glob('copyright'))
    shutil.copy(of_nats, folder / 'nats-server')


def make(programs, target, tag):
    """Answers the image's digest. `target` gets renxin.oci.tar, sbom.spdx.json, licences/."""
    test_build = any(CRASH_POINTS in path.read_bytes() for path in programs.values())
    if test_build:
        say('these programs are a test build: the image is labelled so, do not give it to anybody')
    when, reference = epoch(), f'renxin:{tag}'
    with tempfile.TemporaryDirectory(prefix='renxin-image-') as folder:
        os.chmod(folder, 0o755)
        folder = pathlib.Path(folder)
        ours = stripped(programs, folder / 'programs')
        base, packages = rootfs.build(folder, list(ours.values()))
        contents = {f'usr/bin/{name}': (path.read_bytes(), True) for name, path in {**ours, 'nats-server': deps.nats_server()}.items()}
    wrong = list(find_wrong({**base, **contents}))
    if wrong:
        raise DevError('the image would hold what it must not:\n' + '\n'.join(wrong))
    target.mkdir(parents=True, exist_ok=True)
    image = oci.Image(reference, run(['dpkg', '--print-architecture'], what='dpkg').strip(), when)
    image.add_layer(base, 'libraries and data of Debian')
    image.add_layer(contents, 'programs of the suite, nats-server')
    labels = {'org.opencontainers.image.title': 'renxin', 'org.opencontainers.image.version': tag, 'org.opencontainers.image.revision': commit(),
              'org.opencontainers.image.created': oci.timestamp(when), **({'renxin.build': 'test'} if test_build else {})}
    digest = image.write(target / 'renxin.oci.tar', {'User': USER, 'Env': ['PATH=/usr/bin'], 'Cmd': ['/usr/bin/renxin', '--help'],
                                                     'WorkingDir': '/', 'Labels': labels})
    release = platform.freedesktop_os_release().get('VERSION_ID', '12')
    parts = [sbom.debian(fields, f'debian-{release}') for fields in [*packages.values(), nats_fields()]]
    parts += [sbom.npm(name, entry) for name, entry in embedded().items()]
    parts += [sbom.program(path.removeprefix('usr/bin/'), content, commit()) for path, (content, _) in contents.items() if 'nats' not in path]
    (target / 'sbom.spdx.json').write_text(sbom.document((reference, digest), when, parts), encoding='utf-8')
    write_licences(target / 'licences', base)
    return digest


def main(programs, tag):
    deps.ensure()
    if programs is None:
        build.build('programs', preset='release')
        programs = ROOT / 'build/release/bin'
    target = ROOT / 'build/image'
    digest = make(programs_in(programs), target, tag)
    size = (target / 'renxin.oci.tar').stat().st_size
    with contextlib.suppress(ValueError):
        target = target.relative_to(ROOT)
    say(f'{target}/renxin.oci.tar: renxin:{tag}, {size >> 20} MiB, {digest}')
    say(f'{target}/sbom.spdx.json and {target}/licences say what is in it')
    return 0
