"""What a container of a rendered overlay would see, on this machine: its environment, its files, its command. Nothing that the YAML does not say."""
import re

EXPANSION = re.compile(r'\$\((\w+)\)')


class Container:
    """`secrets`: name -> {key: text}. `root` takes the place of the root file system, `claims` has a folder for each claim;
    `elsewhere` maps texts such as addresses to those of this machine."""

    def __init__(self, documents, owner, secrets, root, claims=None, kind='containers', elsewhere=None):
        template = owner['spec']['template']
        self.documents, self.secrets, self.root, self.claims = documents, secrets, root, claims
        self.container, = template['spec'][kind]
        self.labels, self.name, self.elsewhere = template['metadata']['labels'], owner['metadata']['name'], elsewhere or {}
        self.volumes = {each['name']: each for each in template['spec'].get('volumes', [])}
        self.variables = self._variables()
        self.places = {mount['mountPath']: self._place(mount) for mount in self.container.get('volumeMounts', [])}

    def _variables(self):
        found = {}
        for each in self.container.get('envFrom', []):
            found |= self.documents.find('ConfigMap', each['configMapRef']['name'])['data']
        for each in self.container.get('env', []):
            found[each['name']] = self._value(each, found)
        return found

    def _value(self, each, before):
        if 'value' in each:
            return EXPANSION.sub(lambda match: before[match.group(1)], each['value'])
        source = each['valueFrom']
        if 'secretKeyRef' in source:
            return self.secrets[source['secretKeyRef']['name']][source['secretKeyRef']['key']]
        if source['fieldRef']['fieldPath'] == 'metadata.name':
            return f'{self.name}-0'
        return self.labels[re.fullmatch(r"metadata\.labels\['(.+)'\]", source['fieldRef']['fieldPath']).group(1)]

    def _place(self, mount):
        """Claims outlive a pod and may be shared; everything else is the pod's own."""
        volume = self.volumes.get(mount['name'])
        claim = volume.get('persistentVolumeClaim', {}).get('claimName') if volume else mount['name']
        if not claim:
            return self.root / mount['mountPath'].lstrip('/')
        return self.claims / claim / EXPANSION.sub(lambda match: self.variables[match.group(1)], mount.get('subPathExpr', ''))

    def environment(self):
        return {name: self.local(value) for name, value in self.variables.items()}

    def mount(self):
        """Makes the folders, and the files of Secrets and ConfigMaps in them."""
        for mount in self.container.get('volumeMounts', []):
            place, volume = self.places[mount['mountPath']], self.volumes.get(mount['name'], {})
            place.mkdir(parents=True, exist_ok=True)
            for source in volume.get('projected', {}).get('sources', [volume]):
                if 'secret' in source:
                    texts = self.secrets[source['secret'].get('secretName') or source['secret']['name']]
                elif 'configMap' in source:
                    texts = self.documents.find('ConfigMap', source['configMap']['name'])['data']
                else:
                    continue
                for item in source.get('secret', source.get('configMap'))['items']:
                    (place / item['path']).write_text(self.local(texts[item['key']]), encoding='utf-8')

    def local(self, text):
        """Paths of mounts, and addresses, as those of this machine."""
        for path, place in self.places.items():
            text = re.sub(rf'(^|[:="\s]){re.escape(path)}(?=[/"\s]|$)', lambda match, place=place: f'{match.group(1)}{place}', text)
        for before, after in self.elsewhere.items():
            text = text.replace(before, after)
        return text

    def command(self, programs):
        """`programs`: the path of the image -> one of this machine."""
        first, *rest = self.container['command']
        return [str(programs(first)), *map(self.local, [*rest, *self.container.get('args', [])])]
