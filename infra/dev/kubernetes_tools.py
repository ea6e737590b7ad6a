"""What renders and checks the manifests of k8s/, below .deps: kubectl of a later Debian (12's knows no components), promtool of this one,
schemas of npm by a lock file with digests. Nothing of it is installed into the machine, and nothing speaks with a cluster."""
import os
import pathlib
import re
import shutil
import tempfile

import deps
import node
from base import DEPS, ROOT, DevError, locked, run, say, stream

KUBECTL_SUITE, KUBECTL_MINIMUM = 'trixie', (1, 30)      # preStop.sleep
PROMTOOL_MINIMUM = (2, 42)
SCHEMAS = ROOT / 'k8s/schemas'


def ensure():
    """Fetches what is missing; two who ask at once do it once."""
    with locked(DEPS / 'kubernetes.lock'):
        if not kubectl().exists():
            say(f'unpacking kubectl from Debian {KUBECTL_SUITE} below .deps')
            fetch('kubectl', DEPS / 'kubectl', lambda folder: deps.fetch_from_suite(folder, KUBECTL_SUITE, 'kubectl'))
            young_enough(kubectl(), ['version', '--client'], KUBECTL_MINIMUM)
        if not promtool().exists():
            say('unpacking prometheus below .deps')
            fetch('prometheus', DEPS / 'prometheus', download_prometheus)
            young_enough(promtool(), ['--version'], PROMTOOL_MINIMUM)
    node.ensure(SCHEMAS)


def kubectl():
    return DEPS / 'kubectl/usr/bin/kubectl'


def promtool():
    return DEPS / 'prometheus/usr/bin/promtool'


def modules():
    """The folder that holds node_modules."""
    return node.place(SCHEMAS)


def fetch(name, target, download):
    with tempfile.TemporaryDirectory(prefix=f'renxin-{name}-') as folder:
        os.chmod(folder, 0o755)     # apt fetches as user _apt when we are root
        download(pathlib.Path(folder))
        deps.unpack(folder, target)


def download_prometheus(folder):
    command = ['apt-get', '-qq', 'download', 'prometheus']
    try:
        run(command, what='apt-get download prometheus', cwd=folder)
    except DevError:    # the machine's lists are old or gone
        stream([*deps.as_root(), 'apt-get', 'update', '-qq'], what='apt-get update')
        run(command, what='apt-get download prometheus', cwd=folder)


def young_enough(binary, arguments, minimum):
    text = run([binary, *arguments], what=binary.name)
    found = re.search(r'(\d+)\.(\d+)\.\d+', text)
    if not found or tuple(map(int, found.groups())) < minimum:
        shutil.rmtree(binary.parents[2])
        raise DevError(f'{binary.name} {text.strip()} is too old: {minimum[0]}.{minimum[1]} is needed')
