"""A rendered overlay, and what is asked of it again and again."""
import dataclasses
import functools
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
OWN = re.compile(r'/usr/bin/(?:renxin(?:-[a-z]+)?|nats-server)')
CLUSTER_WIDE = ('Namespace',)
MADE_BY_POD_TEMPLATE = ('Deployment', 'StatefulSet', 'Job')


@dataclasses.dataclass
class Pod:
    """A pod template and whose it is."""
    where: str
    owner: dict
    labels: dict
    spec: dict

    def containers(self):
        """(where, container, is it the long-running kind)."""
        serves = self.owner['kind'] != 'Job'
        for each in self.spec.get('initContainers', []):
            yield f'{self.where}: {each.get("name")}', each, False
        for each in self.spec.get('containers', []):
            yield f'{self.where}: {each.get("name")}', each, serves

    def is_gateway(self):
        return self.labels.get('app.kubernetes.io/component') == 'gateway'


def name_of(document):
    return f'{document.get("kind")}/{document.get("metadata", {}).get("name")}'


def is_named(document, name):
    return re.fullmatch(re.escape(name) + (r'(-[a-z0-9]{10})?' if document['kind'] == 'ConfigMap' else ''), document['metadata']['name'])


def matches(selector, labels):
    """matchLabels and matchExpressions with In."""
    wanted = (selector or {}).get('matchLabels', {})
    among = (selector or {}).get('matchExpressions', [])
    return (all(labels.get(key) == value for key, value in wanted.items())
            and all(labels.get(each['key']) in each.get('values', []) for each in among))


class Documents(list):
    def __init__(self, documents, overlay):
        super().__init__(documents)
        self.overlay = overlay

    def of_kind(self, *kinds):
        return [each for each in self if each.get('kind') in kinds]

    def find(self, kind, name):
        """By its name, or by that with the digest which kustomize puts behind the name of a generated ConfigMap."""
        return next((each for each in self.of_kind(kind) if is_named(each, name)), None)

    def pods(self):
        for each in self.of_kind(*MADE_BY_POD_TEMPLATE):
            template = each['spec']['template']
            yield Pod(name_of(each), each, template['metadata'].get('labels', {}), template['spec'])

    def served_pods(self):
        return [pod for pod in self.pods() if pod.owner['kind'] != 'Job']

    def containers(self):
        for pod in self.pods():
            for where, container, serves in pod.containers():
                yield pod, where, container, serves

    def replicas(self, owner):
        """The least that runs: what the workload says, or who scales it."""
        for scaler in self.of_kind('HorizontalPodAutoscaler', 'ScaledObject'):
            if scaler['spec']['scaleTargetRef']['name'] == owner['metadata']['name']:
                return scaler['spec'].get('minReplicas', scaler['spec'].get('minReplicaCount', 0))
        return owner['spec'].get('replicas', 1)

    def most(self, owner):
        """The most that may run, an update not counted."""
        for scaler in self.of_kind('HorizontalPodAutoscaler', 'ScaledObject'):
            if scaler['spec']['scaleTargetRef']['name'] == owner['metadata']['name']:
                return scaler['spec'].get('maxReplicas', scaler['spec'].get('maxReplicaCount', 100))
        return owner['spec'].get('replicas', 1)

    def ports(self, selector):
        """Names and numbers of the ports of the pods that a selector takes."""
        return {value for pod in self.pods() if matches({'matchLabels': selector}, pod.labels)
                for container in pod.spec.get('containers', []) for port in container.get('ports', [])
                for value in (port.get('name'), port.get('containerPort'))}

    def given(self):
        """{Kind/name: keys} of what an operator creates before: the file given.txt of the overlay."""
        path = ROOT / 'k8s/overlays' / self.overlay / 'given.txt'
        rows = [line.split('#')[0].split() for line in path.read_text(encoding='utf-8').splitlines()]
        return {row[0]: set(row[1:]) for row in rows if row}


@functools.lru_cache(maxsize=None)
def services():
    """The services of this tree: folders with a main.cc, but for the command line and the gateway."""
    return tuple(sorted(path.parent.name for path in (ROOT / 'services').glob('*/main.cc') if path.parent.name not in ('cli', 'gateway')))


@functools.lru_cache(maxsize=None)
def variables():
    """What the programs read, by docs/configuration.md."""
    return frozenset(re.findall(r'`(RENXIN_[A-Z0-9_]+)`', (ROOT / 'docs/configuration.md').read_text(encoding='utf-8')))


@functools.lru_cache(maxsize=None)
def consumers():
    """{(stream, consumer)} of the contract."""
    found = set()
    for path in (ROOT / 'proto').rglob('*.proto'):
        for name, publisher in re.findall(r'consumers\) = \{\s*name: "([\w-]+)",\s*publisher: "(\w+)"', path.read_text(encoding='utf-8')):
            found.add((f'EV_{publisher.upper()}', name))
    return frozenset(found)


def quantity(text):
    """Bytes of a memory or disk quantity."""
    found = re.fullmatch(r'(\d+)(Ki|Mi|Gi|Ti|)', str(text))
    if not found:
        return None
    return int(found[1]) << {'': 0, 'Ki': 10, 'Mi': 20, 'Gi': 30, 'Ti': 40}[found[2]]
