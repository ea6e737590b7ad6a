"""`./dev package`: the programs, nats-server, systemd units and a README as one archive, for one machine without containers."""
import gzip
import pathlib
import re
import tempfile

import build
import deps
import image
import oci
import rootfs
from base import ROOT, run, say

SOURCE = ROOT / 'infra/package'
# What Debian's own packages of libraries do not bring by themselves.
BESIDE = ('ca-certificates', 'tzdata', 'openssl', 'adduser', 'curl')


def filled(text, version, packages):
    text = text.replace('@VERSION@', version).replace('@PACKAGES@', ' '.join(packages))
    assert not re.search(r'@[A-Z]+@', text)
    return text


def contents(programs, version):
    """{path in the archive: (content, executable)}."""
    packages = sorted(rootfs.packages_of(list(programs.values())) | set(BESIDE))
    found = {'README.md': (filled((SOURCE / 'README.md').read_text(encoding='utf-8'), version, packages).encode(), False)}
    for folder in ('units', 'etc'):
        found |= {f'{folder}/{path.name}': (path.read_bytes(), False) for path in sorted((SOURCE / folder).iterdir())}
    for name, path in {**programs, 'nats-server': deps.nats_server()}.items():
        found[f'bin/{name}'] = (path.read_bytes(), True)
    return found


def make(programs, target, version):
    """Answers the archive; its folder is renxin-VERSION."""
    with tempfile.TemporaryDirectory(prefix='renxin-package-') as folder:
        found = contents(image.stripped(programs, pathlib.Path(folder) / 'programs'), version)
    architecture = run(['dpkg', '--print-architecture'], what='dpkg').strip()
    target.mkdir(parents=True, exist_ok=True)
    archive = target / f'renxin-{version}-{architecture}.tar.gz'
    archive.write_bytes(gzip.compress(oci.layer({f'renxin-{version}/{path}': entry for path, entry in found.items()}, image.epoch()), 6, mtime=0))
    return archive


def main(programs, version):
    deps.ensure()
    if programs is None:
        build.build('programs', preset='release')
        programs = ROOT / 'build/release/bin'
    archive = make(image.programs_in(programs), ROOT / 'build/package', version)
    say(f'{archive.relative_to(ROOT)}, {archive.stat().st_size >> 20} MiB; its README.md says how it is installed')
    return 0
