"""Installs what is missing: Debian packages, two that apt cannot put beside the others, and what the build takes from npm."""
import os
import pathlib
import platform
import re
import shutil
import subprocess
import tempfile

import node
from base import DEPS, ROOT, DevError, run, say, stream

NATS_MINIMUM = (2, 10, 27)      # earlier ones lose acknowledged messages or let anonymous clients in
NATS_SUITE = 'trixie'
EXPLORER = ROOT / 'services/gateway/explorer'     # its lock file names what the gateway's /docs is built from
NODE_PACKAGES = ('nodejs', 'npm')
FUZZ_PACKAGES = ('clang-14', 'libclang-rt-14-dev')
BENCH_PACKAGES = ('wrk', 'linux-perf')
PHONE_HEADER = pathlib.Path('usr/include/phonenumbers/phonenumberutil.h')


def ensure(heavy=False):
    """Everything a build and a running suite need, and the heavy tests; quick when it is there already."""
    install([*wanted_packages(), *(FUZZ_PACKAGES if heavy else ())], browser_packages())
    ensure_phonenumber()
    ensure_nats()
    node.ensure(EXPLORER)
    node.console()


def as_root():
    if os.geteuid() == 0:
        return []
    if not shutil.which('sudo'):
        raise DevError('packages are missing, and this is neither root nor is there sudo to become it')
    return ['sudo']


def wanted_packages():
    lines = (ROOT / 'infra/deps/debian12.txt').read_text(encoding='utf-8').splitlines()
    packages = [line.strip() for line in lines if line.strip() and not line.startswith('#')]
    if shutil.which('node') and shutil.which('npm'):    # of whatever origin: Debian's npm would not go beside another's node
        packages = [package for package in packages if package not in NODE_PACKAGES]
    return packages


def missing_packages(wanted):
    query = subprocess.run(
        ['dpkg-query', '-W', '-f=${Package} ${db:Status-Abbrev}\n', *wanted],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    installed = {line.split()[0] for line in query.stdout.splitlines() if line.split()[1:] == ['ii']}
    return [package for package in wanted if package not in installed]


def browser_packages():
    """The browser in which tests open the console and /docs, unless one is there or named."""
    return [] if shutil.which(os.environ.get('RENXIN_CHROMIUM', 'chromium')) else ['chromium']


def install(wanted, also=()):
    """What is not there of `wanted`, and `also`."""
    missing = [*missing_packages(wanted), *also]
    if not missing:
        return
    if not shutil.which('apt-get'):
        raise DevError('this is no Debian; please install the like of: ' + ' '.join(missing))
    say(f'installing {len(missing)} packages: ' + ' '.join(missing))
    environment = [*as_root(), 'env', 'DEBIAN_FRONTEND=noninteractive']
    stream([*environment, 'apt-get', 'update', '-qq'], what='apt-get update')
    undo = no_default_cluster() if 'postgresql-15' in missing else []
    try:
        stream([*environment, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', *missing],
               what='apt-get install')
    finally:
        if undo:
            subprocess.run(undo, check=False)


def no_default_cluster():
    """Debian's package starts a cluster of its own on 5432 when it is installed. dev brings its own and
    leaves clusters of the machine alone, so that one is asked not to come into being. Answers the
    command that takes the request back: whoever installs PostgreSQL later decides for themselves."""
    request = '/etc/postgresql-common/createcluster.d/renxin-dev.conf'
    script = f"mkdir -p {os.path.dirname(request)} && echo 'create_main_cluster = false' > {request}"
    run([*as_root(), 'sh', '-c', script], what='asking for no default cluster')
    return [*as_root(), 'rm', '-f', request]


def ensure_phonenumber():
    target = DEPS / 'phonenumber'
    if (target / PHONE_HEADER).exists():
        return
    say('unpacking libphonenumber-dev below .deps')
    with tempfile.TemporaryDirectory() as folder:
        fetch = ['apt-get', '-qq', 'download', 'libphonenumber-dev']
        try:
            run(fetch, what='apt-get download libphonenumber-dev', cwd=folder)
        except DevError:    # packages were there already, but the machine's lists are old or gone
            stream([*as_root(), 'apt-get', 'update', '-qq'], what='apt-get update')
            run(fetch, what='apt-get download libphonenumber-dev', cwd=folder)
        unpack(folder, target)


def unpack(folder, target):
    """Unpacks the one .deb in folder; target appears whole or not at all."""
    packages = list(pathlib.Path(folder).glob('*.deb'))
    if len(packages) != 1:
        raise DevError(f'expected one package in {folder}, found {len(packages)}')
    part = target.with_name(target.name + '.part')
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    run(['dpkg-deb', '-x', packages[0], part], what=f'unpacking {packages[0].name}')
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)


def nats_server():
    """Path of the nats-server binary; `ensure()` has to have run once."""
    for folder in ('usr/sbin', 'usr/bin'):
        if (DEPS / 'nats' / folder / 'nats-server').exists():
            return DEPS / 'nats' / folder / 'nats-server'
    raise DevError('nats-server is not there: run ./dev deps')


def nats_version(binary):
    text = run([binary, '--version'], what='nats-server --version')
    found = re.search(r'v(\d+)\.(\d+)\.(\d+)', text)
    if not found:
        raise DevError(f'cannot read the version of nats-server: {text.strip()}')
    return tuple(int(part) for part in found.groups())


def ensure_nats():
    if not (DEPS / 'nats').exists():
        say(f'unpacking nats-server from Debian {NATS_SUITE} below .deps')
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)     # apt fetches as user _apt when we are root
            fetch_from_suite(pathlib.Path(folder), NATS_SUITE, 'nats-server')
            unpack(folder, DEPS / 'nats')
    version = nats_version(nats_server())
    if version < NATS_MINIMUM:
        shutil.rmtree(DEPS / 'nats')
        raise DevError('nats-server %d.%d.%d is too old' % version + ', needed is %d.%d.%d' % NATS_MINIMUM)


def fetch_from_suite(folder, suite, package):
    """Downloads a package of another Debian release through an apt root of its own: the machine's
    sources, lists and pins are not touched. The archive is the one this machine uses."""
    root = folder / 'apt'
    for part in ('etc/apt/sources.list.d', 'etc/apt/preferences.d', 'var/lib/apt/lists/partial',
                 'var/cache/apt/archives/partial', 'var/lib/dpkg'):
        (root / part).mkdir(parents=True)
    (root / 'var/lib/dpkg/status').touch()
    if os.geteuid() == 0:
        for part in ('var/lib/apt/lists/partial', 'var/cache/apt/archives/partial'):
            shutil.chown(root / part, user='_apt')
    name, text = derived_source(suite)
    (root / 'etc/apt/sources.list.d' / name).write_text(text, encoding='utf-8')
    architecture = run(['dpkg', '--print-architecture'], what='dpkg').strip()
    apt = ['apt-get', '-qq', '-o', f'Dir={root}', '-o', f'Dir::State::status={root}/var/lib/dpkg/status',
           '-o', 'Dir::Etc::trustedparts=/etc/apt/trusted.gpg.d', '-o', f'APT::Architecture={architecture}']
    run([*apt, 'update'], what=f'reading the package lists of Debian {suite} (if it speaks of a missing key: '
        'the package debian-archive-keyring of this machine is too old, upgrade it)')
    run([*apt, 'download', package], what=f'apt-get download {package}', cwd=folder)


def derived_source(suite, etc=pathlib.Path('/etc/apt'), codename=None):
    """The machine's own entry for the Debian archive with the suite replaced: (file name, text)."""
    codename = codename or platform.freedesktop_os_release().get('VERSION_CODENAME', 'bookworm')
    for path in sorted(etc.glob('sources.list.d/*.sources')):
        for stanza in re.split(r'\n\s*\n', path.read_text(encoding='utf-8')):
            text = deb822_entry(stanza, codename, suite)
            if text:
                return 'derived.sources', text
    for path in [etc / 'sources.list', *sorted(etc.glob('sources.list.d/*.list'))]:
        for line in path.read_text(encoding='utf-8').splitlines() if path.exists() else []:
            found = re.match(r'\s*deb\s+(\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)', line)
            if found and found[3] == codename and 'main' in found[4].split():
                return 'derived.list', f'deb {found[1] or ""}{found[2]} {suite} main\n'
    raise DevError(f'found no entry for Debian {codename} main in {etc}, so nats-server cannot be fetched')


def deb822_entry(stanza, codename, suite):
    lines = [line for line in stanza.splitlines() if not line.startswith('#')]
    fields, last = {}, None
    for line in lines:
        if line[:1] in (' ', '\t') and last:
            fields[last] += '\n' + line         # a folded value, such as an inlined key
        elif ':' in line:
            last, value = line.split(':', 1)
            last = last.strip().lower()
            fields[last] = value.strip()
    applies = (codename in fields.get('suites', '').split() and 'main' in fields.get('components', '').split()
               and 'deb' in fields.get('types', '').split() and fields.get('enabled', 'yes') != 'no')
    if not applies:
        return None
    kept = {'Types': 'deb', 'URIs': fields['uris'], 'Suites': suite, 'Components': 'main'}
    if 'signed-by' in fields:
        kept['Signed-By'] = fields['signed-by']
    return ''.join(f'{name}: {value}\n' for name, value in kept.items())
