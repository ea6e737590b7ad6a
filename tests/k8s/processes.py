"""What a container of a rendered overlay would see, on this machine: its environment, its files, its command. Nothing that the YAML does not say."""
import re


class Container:
    """`secrets`: name -> {key: text}. `folder` takes the place of the root; claims are folders in it."""

    def __init__(self, documents, owner, container, secrets, folder):
        template = owner['spec']['template']
        self.documents, self.container, self.secrets, self.folder = documents, container, secrets, folder
        self.labels, self.volumes = template['metadata']['labels'], {each['name']: each for each in template['spec'].get('volumes', [])}

    def environment(self):
        found = {}
        for each in self.container.get('envFrom', []):
            found |= self.documents.find('ConfigMap', each['configMapRef']['name'])['data']
        for each in self.container.get('env', []):
            found[each['name']] = self._value(each, found)
        return {name: self.local(value) for name, value in found.items()}

    def _value(self, each, before):
        if 'value' in each:
            return re.sub(r'\$\((\w+)\)', lambda match: before[match.group(1)], each['value'])
        source = each['valueFrom']
        if 'secretKeyRef' in source:
            return self.secrets[source['secretKeyRef']['name']][source['secretKeyRef']['key']]
        return self.labels[re.fullmatch(r"metadata\.labels\['(.+)'\]", source['fieldRef']['fieldPath']).group(1)]

    def mount(self):
        """Writes the files of its Secrets, makes the folders of its claims."""
        for mount in self.container.get('volumeMounts', []):
            place = self.folder / mount['mountPath'].lstrip('/')
            place.mkdir(parents=True, exist_ok=True)
            secret = self.volumes[mount['name']].get('secret')
            for item in secret['items'] if secret else []:
                (place / item['path']).write_text(self.secrets[secret['secretName']][item['key']], encoding='ascii')

    def local(self, text):
        """A path of a mount as one of this machine."""
        for mount in self.container.get('volumeMounts', []):
            text = re.sub(rf'(^|[:=]){re.escape(mount["mountPath"])}/', lambda match: f'{match.group(1)}{self.folder}{mount["mountPath"]}/', text)
        return text

    def command(self, programs):
        first, *rest = self.container['command']
        return [str(programs / first.removeprefix('/usr/bin/')), *rest, *map(self.local, self.container.get('args', []))]
