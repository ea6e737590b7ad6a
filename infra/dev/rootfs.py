"""What of Debian an image needs: the packages of the libraries that our programs load, and two of data. No shell, no package manager.

Packages come through an apt root of its own, resolved as if nothing were installed; then only those are kept whose libraries the programs
reach. The machine's own packages are neither used nor changed."""
import os
import pathlib
import platform
import re
import shutil
import subprocess

import deps
from base import DevError, run

DATA = ('tzdata', 'ca-certificates')
LEFT_OUT = re.compile(r'(usr/)?s?bin/|usr/share/(man|doc|locale|lintian|bug|bash-completion|doc-base|info|ca-certificates|zoneinfo/(right|posix))/'
                      r'|usr/lib/.*/(gconv|audit|sasl2)/|var/|etc/(?!ssl/)|lib/systemd/|usr/lib/systemd/')
NOBODY = {'etc/passwd': 'root:x:0:0:root:/:/none\nrenxin:x:65532:65532:renxin:/:/none\n', 'etc/group': 'root:x:0:\nrenxin:x:65532:\n',
          'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n'}
CERTIFICATES = 'etc/ssl/certs/ca-certificates.crt'


def sources(folder):
    """The machine's own archive of this Debian and its security updates."""
    codename = platform.freedesktop_os_release().get('VERSION_CODENAME', 'bookworm')
    for number, suite in enumerate((codename, f'{codename}-security')):
        name, text = deps.derived_source(suite, codename=suite)
        (folder / f'{number}-{name}').write_text(text, encoding='utf-8')


def apt_root(folder):
    """Answers the command line of an apt that knows nothing of this machine but its archive and its keys."""
    for part in ('etc/apt/sources.list.d', 'etc/apt/preferences.d', 'var/lib/apt/lists/partial', 'var/cache/apt/archives/partial', 'var/lib/dpkg'):
        (folder / part).mkdir(parents=True)
    status = folder / 'var/lib/dpkg/status'
    status.touch()
    if os.geteuid() == 0:
        for part in ('var/lib/apt/lists/partial', 'var/cache/apt/archives/partial'):
            shutil.chown(folder / part, user='_apt')
    sources(folder / 'etc/apt/sources.list.d')
    architecture = run(['dpkg', '--print-architecture'], what='dpkg').strip()
    return ['apt-get', '-qq', '-o', f'Dir={folder}', '-o', f'Dir::State::status={status}', '-o', 'Dir::Etc::trustedparts=/etc/apt/trusted.gpg.d',
            '-o', f'APT::Architecture={architecture}', '-o', 'APT::Install-Recommends=false', '-o', 'Debug::NoLocking=true']


def needed(paths):
    """Names of the libraries that these files load."""
    said = run(['readelf', '--dynamic', '--wide', *paths], what='readelf')
    return set(re.findall(r'\(NEEDED\)\s+Shared library: \[([^\]]+)\]', said))


def packages_of(programs):
    """Debian's names of the packages that hold the libraries which these programs load on this machine, where they were built."""
    names = needed(programs)
    paths = dict(re.findall(r'^\s*(\S+) => (/\S+)', run(['ldd', *programs], what='ldd'), re.MULTILINE))
    loaders = {name for name in names if name.startswith('ld-')}       # of libc6, which is there in any case
    if missing := sorted(names - loaders - set(paths)):
        raise DevError(f'these libraries are not on this machine: {", ".join(missing)}')
    return {owner_of(paths[name]) for name in sorted(names - loaders)}


def owner_of(path):
    """Some files are known to dpkg below /lib, some below /usr/lib."""
    other = path.removeprefix('/usr') if path.startswith('/usr/') else f'/usr{path}'
    for name in (path, other):
        done = subprocess.run(['dpkg-query', '-S', name], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if done.returncode == 0:
            return done.stdout.split(':')[0]
    raise DevError(f'no package has {path}')


def download(folder, packages):
    """{package: .deb} of these and everything that they depend on."""
    apt = apt_root(folder)
    run([*apt, 'update'], what='reading the package lists')
    run([*apt, 'install', '--yes', '--download-only', *sorted(packages)], what='resolving and fetching packages')
    return {path.name.split('_')[0]: path for path in sorted((folder / 'var/cache/apt/archives').glob('*.deb'))}


def unpacked(archives, folder):
    folder.mkdir()
    for name, path in archives.items():
        run(['dpkg-deb', '-x', path, folder / name], what=f'unpacking {name}')
    return {name: folder / name for name in archives}


def reached(programs, trees):
    """The packages whose libraries the programs load, directly or through another."""
    holders = {path.name: (package, path) for package, tree in trees.items() for path in sorted(tree.rglob('*.so*')) if not path.is_dir()}
    found, open_names, seen = set(), needed(programs), set()
    while open_names:
        name = open_names.pop()
        seen.add(name)
        if name not in holders:
            raise DevError(f'{name} is in none of the packages that were fetched')
        package, path = holders[name]
        found.add(package)
        open_names |= needed([path.resolve()]) - seen
    return found


def control(archive):
    """The fields of a package that an inventory wants."""
    text = run(['dpkg-deb', '-f', archive, 'Package', 'Version', 'Architecture', 'Source', 'Homepage', 'Maintainer', 'Description'], what='dpkg-deb')
    return {line.split(': ', 1)[0]: line.split(': ', 1)[1] for line in text.splitlines() if not line.startswith(' ') and ': ' in line}


def entries(trees):
    """{path in the image: (content, executable)} of the packages that are kept."""
    found = {}
    for tree in trees.values():
        for path in sorted(tree.rglob('*')):
            name = str(path.relative_to(tree))
            if LEFT_OUT.match(name) or (path.is_dir() and not path.is_symlink()):
                continue
            found[name] = (os.readlink(path), False) if path.is_symlink() else (path.read_bytes(), bool(path.stat().st_mode & 0o111))
    return found


def copyright_of(name, trees):
    """Its text; some packages point to the folder of another of the same source."""
    place = trees[name] / 'usr/share/doc' / name
    for _ in range(3):
        if place.is_symlink():
            target = os.path.basename(os.readlink(place))
        elif (place / 'copyright').is_symlink():
            target = os.path.basename(os.path.dirname(os.readlink(place / 'copyright')))
        else:
            break
        place = trees[target] / 'usr/share/doc' / target
    if not (place / 'copyright').is_file():
        raise DevError(f'{name} has no copyright file')
    return (place / 'copyright').read_bytes()


def build(folder, programs):
    """Answers the entries of the base layer, and {package: fields} of what is in it."""
    folder = pathlib.Path(folder)
    archives = download(folder / 'apt', packages_of(programs) | set(DATA))
    trees = unpacked(archives, folder / 'trees')
    kept = sorted(reached(programs, trees) | set(DATA))
    base = entries({name: trees[name] for name in kept})
    mozilla = sorted((trees['ca-certificates'] / 'usr/share/ca-certificates/mozilla').glob('*.crt'))
    base[CERTIFICATES] = (b''.join(path.read_bytes() for path in mozilla), False)
    for name, text in NOBODY.items():
        base[name] = (text.encode(), False)
    fields = {name: control(archives[name]) for name in kept}
    for name, each in fields.items():
        base[f'usr/share/doc/{name}/copyright'] = (copyright_of(name, trees), False)
        text = ''.join(f'{key}: {value}\n' for key, value in each.items())
        base[f'var/lib/dpkg/status.d/{name}'] = (text.encode(), False)      # where scanners of images without dpkg look
    return base, fields
