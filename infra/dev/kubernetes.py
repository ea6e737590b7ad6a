"""`./dev k8s render|check`: the overlays of k8s/ as one file, and whether schemas, our policies and Prometheus's own tools agree with them."""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

import kubernetes_tools as tools
from base import ROOT, DevError, say

K8S = ROOT / 'k8s'
sys.path.insert(0, str(K8S / 'policies'))

import controls     # noqa: E402
import monitoring   # noqa: E402
from documents import Documents     # noqa: E402


def overlays():
    return sorted(path.parent.name for path in (K8S / 'overlays').glob('*/kustomization.yaml'))


def components():
    return sorted(path.parent.name for path in (K8S / 'components').glob('*/kustomization.yaml'))


def kustomize(folder):
    done = subprocess.run([str(tools.kubectl()), 'kustomize', str(folder)], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise DevError(f'{folder} does not render:\n{done.stderr.strip()}')
    return done.stdout


def render(overlay):
    if overlay not in overlays():
        raise DevError(f'no overlay {overlay}; there are {", ".join(overlays())}')
    return kustomize(K8S / 'overlays' / overlay)


def render_with(component):
    """The base with one component more, and with those that it stands on."""
    stands_on = {'backup': ['cnpg'], 'administrator-sqlite': ['sqlite'], 'keda': ['nats-r3']}.get(component, [])
    with tempfile.TemporaryDirectory(prefix='renxin-k8s-') as folder:
        def relative(path):
            return os.path.relpath(path, os.path.realpath(folder))
        lines = ['apiVersion: kustomize.config.k8s.io/v1beta1', 'kind: Kustomization', 'namespace: renxin', f'resources: [{relative(K8S / "base")}]',
                 'components:', *(f'  - {relative(K8S / "components" / name)}' for name in [*stands_on, component])]
        with open(f'{folder}/kustomization.yaml', 'w', encoding='utf-8') as out:
            out.write('\n'.join(lines) + '\n')
        return kustomize(folder)


def ask(command, text):
    """What k8s/schemas/validate.mjs makes of it. RENXIN_NODES names the node programs; here the first is taken."""
    program = os.environ.get('RENXIN_NODES', 'node').split(':')[0]
    done = subprocess.run([program, str(K8S / 'schemas/validate.mjs'), str(tools.modules()), command], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise DevError(f'validate.mjs {command} failed:\n{done.stderr.strip()}')
    return json.loads(done.stdout)


def parse(texts):
    """The documents of each text."""
    return ask('parse', json.dumps(texts))


def findings_of_schemas(documents):
    """(control, index, what) by the schemas, what is there more than once is looked at once."""
    first = {}
    for index, document in enumerate(documents):
        first.setdefault(json.dumps(document, sort_keys=True), index)
    indices = list(first.values())
    text = json.dumps([documents[index] for index in indices])
    for control in ('schema', 'types'):
        for index, message in ask(control, text):
            yield control, indices[index], message


def check(overlay=None):
    """Every overlay (or one), and every component on the base alone, as an overlay might leave some out."""
    names = [overlay] if overlay else overlays()
    alone = [] if overlay else components()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        texts = list(pool.map(render, names)) + list(pool.map(render_with, alone))
    parsed = parse(texts)
    titles = [(title, document) for title, documents in zip([*names, *(f'component {name}' for name in alone)], parsed) for document in documents]
    wrong = [f'{titles[index][0]}: {control}: {controls.name_of(titles[index][1])}: {message}'
             for control, index, message in findings_of_schemas([document for _, document in titles])]
    for name, documents in zip(names, parsed):
        wrong += [f'{name}: {control}: {where}: {message}' for control, where, message in controls.run(Documents(documents, name))]
    if not overlay:
        wrong += monitoring.check(tools.promtool(), parse)
    for line in wrong:
        print(line, flush=True)
    say(f'k8s: {", ".join(names)}: ' + ('nothing wrong' if not wrong else f'{len(wrong)} findings'))
    return 1 if wrong else 0


def main(action, overlay):
    tools.ensure()
    if action == 'check':
        return check(overlay)
    if not overlay:
        raise DevError(f'which one: {", ".join(overlays())}')
    print(render(overlay), end='')
    return 0
