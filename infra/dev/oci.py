"""Writes an image as one file (an OCI archive): layers, configuration, manifest, index. The same input gives the same bytes."""
import datetime
import gzip
import hashlib
import io
import json
import tarfile

MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
CONFIG = 'application/vnd.oci.image.config.v1+json'
LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'
ARCHITECTURES = {'amd64': 'amd64', 'arm64': 'arm64'}      # Debian's names -> Go's


def layer(entries, epoch):
    """A tar of {path: bytes, or the target of a symbolic link as text, or None for a folder} and the modes of files that are executable:
    entries are (content, executable). Folders above come by themselves; all belongs to root and nobody may write."""
    folders = {'/'.join(path.split('/')[:depth]) for path in entries for depth in range(1, path.count('/') + 1)}
    everything = {**{path: (None, False) for path in folders}, **entries}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(everything):
            content, executable = everything[path]
            member = tarfile.TarInfo(path)
            member.mtime = epoch
            if content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(content, str):
                member.type, member.linkname, member.mode = tarfile.SYMTYPE, content, 0o777
            else:
                member.size, member.mode = len(content), 0o755 if executable else 0o644
            archive.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return out.getvalue()


def digest(data):
    return 'sha256:' + hashlib.sha256(data).hexdigest()


def compact(value):
    return json.dumps(value, sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode()


def timestamp(epoch):
    return datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')


class Image:
    def __init__(self, reference, architecture, epoch):
        self.reference, self.epoch = reference, epoch
        self.blobs = {}
        self.layers = []        # (descriptor, digest of what it unpacks to, what made it)
        self.config = {'architecture': ARCHITECTURES[architecture], 'os': 'linux', 'created': timestamp(epoch)}

    def add_layer(self, entries, what):
        plain = layer(entries, self.epoch)
        self.layers.append((self._blob(gzip.compress(plain, 6, mtime=0), LAYER), digest(plain), what))

    def _blob(self, data, media_type):
        name = digest(data)
        self.blobs[name] = data
        return {'mediaType': media_type, 'digest': name, 'size': len(data)}

    def write(self, path, run):
        """`run` is the configuration of its containers: User, Env, Cmd, Labels. Answers the digest of the manifest: the image's."""
        config = {**self.config, 'config': run, 'rootfs': {'type': 'layers', 'diff_ids': [unpacked for _, unpacked, _ in self.layers]},
                  'history': [{'created': self.config['created'], 'created_by': what} for _, _, what in self.layers]}
        manifest = {'schemaVersion': 2, 'mediaType': MANIFEST, 'config': self._blob(compact(config), CONFIG),
                    'layers': [descriptor for descriptor, _, _ in self.layers]}
        described = self._blob(compact(manifest), MANIFEST)
        index = {'schemaVersion': 2, 'manifests': [{**described, 'annotations': {'org.opencontainers.image.ref.name': self.reference}}]}
        files = {'oci-layout': compact({'imageLayoutVersion': '1.0.0'}), 'index.json': compact(index),
                 **{f'blobs/sha256/{name.removeprefix("sha256:")}': data for name, data in self.blobs.items()}}
        path.write_bytes(layer({name: (data, False) for name, data in files.items()}, self.epoch))
        return described['digest']
