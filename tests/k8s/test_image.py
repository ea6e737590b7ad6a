"""`./dev image`: the archive is what the specification of OCI says and the same for the same input; nothing in it is a shell; its inventory is whole.

With RENXIN_TEST_LONG=1 also: a real image of this build, made twice to the same digest, and as root each program started in it as user 65532."""
import hashlib
import io
import json
import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest
from unittest import mock

import image
import oci
import rootfs
import sbom
from base import BIN, DevError

LONG = bool(os.environ.get('RENXIN_TEST_LONG'))
EPOCH = 1_700_000_000
ENTRIES = {'usr/bin/renxin': (b'\x7fELF', True), 'lib/libc.so.6': (b'c', False), 'lib64': ('lib', False)}


def files_of(data, **options):
    with tarfile.open(fileobj=io.BytesIO(data), **options) as archive:
        return {member.name: (member, archive.extractfile(member).read() if member.isfile() else None) for member in archive}


def small_image(path, entries=None, **config):
    made = oci.Image('renxin:t', 'amd64', EPOCH)
    made.add_layer({'etc/passwd': (b'x', False)}, 'base')
    made.add_layer(ENTRIES if entries is None else entries, 'programs')
    return made.write(path, {'User': image.USER, **config})


class Archive(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.path = pathlib.Path(scratch.name, 'a.tar')

    def test_a_layer_belongs_to_root_has_its_folders_and_the_time_of_the_commit(self):
        found = files_of(oci.layer(ENTRIES, EPOCH))
        self.assertEqual(sorted(found), ['lib', 'lib/libc.so.6', 'lib64', 'usr', 'usr/bin', 'usr/bin/renxin'])
        self.assertEqual({(member.uid, member.gid, member.mtime) for member, _ in found.values()}, {(0, 0, EPOCH)})
        modes = {name: oct(member.mode) for name, (member, _) in found.items() if not member.issym()}
        self.assertEqual(modes, {'lib': '0o755', 'lib/libc.so.6': '0o644', 'usr': '0o755', 'usr/bin': '0o755', 'usr/bin/renxin': '0o755'})
        self.assertEqual(found['lib64'][0].linkname, 'lib')

    def test_the_same_input_in_another_order_gives_the_same_bytes(self):
        first = small_image(self.path)
        before = self.path.read_bytes()
        self.assertEqual(small_image(self.path, dict(reversed(ENTRIES.items()))), first)
        self.assertEqual(self.path.read_bytes(), before)
        self.assertNotEqual(small_image(self.path, {**ENTRIES, 'lib/libc.so.6': (b'd', False)}), first)
        self.assertNotEqual(small_image(self.path, Env=['A=b']), first)

    def test_every_digest_is_that_of_its_bytes_from_the_index_down_to_the_layers(self):
        digest = small_image(self.path)
        found = {name: data for name, (_, data) in files_of(self.path.read_bytes()).items() if data is not None}
        self.assertEqual(json.loads(found['oci-layout']), {'imageLayoutVersion': '1.0.0'})

        def blob(descriptor):
            data = found[f'blobs/sha256/{descriptor["digest"].removeprefix("sha256:")}']
            self.assertEqual((descriptor['digest'], descriptor['size']), ('sha256:' + hashlib.sha256(data).hexdigest(), len(data)))
            return data
        entry, = json.loads(found['index.json'])['manifests']
        self.assertEqual(entry['digest'], digest)
        manifest = json.loads(blob(entry))
        config = json.loads(blob(manifest['config']))
        self.assertEqual((config['config']['User'], config['os'], config['architecture']), ('65532:65532', 'linux', 'amd64'))
        for descriptor, unpacked in zip(manifest['layers'], config['rootfs']['diff_ids'], strict=True):
            with tarfile.open(fileobj=io.BytesIO(blob(descriptor)), mode='r:gz') as archive:
                archive.fileobj.seek(0)
                self.assertEqual(unpacked, 'sha256:' + hashlib.sha256(archive.fileobj.read()).hexdigest())
        self.assertEqual(len(found), 2 + 2 + len(manifest['layers']))


class Contents(unittest.TestCase):
    def test_a_shell_an_interpreter_or_a_foreign_program_is_refused(self):
        for path, wrong in {'bin/sh': True, 'usr/bin/perl': True, 'usr/lib/busybox': True, 'usr/bin/openssl': True, 'usr/sbin/ldconfig': True,
                            'usr/bin/renxin-leads': False, 'usr/bin/nats-server': False, 'lib/x86_64-linux-gnu/libc.so.6': False}.items():
            self.assertEqual(bool(list(image.find_wrong({path: (b'', True)}))), wrong, path)

    def test_what_nobody_reads_is_left_out_of_packages(self):
        for path, out in {'usr/bin/openssl': True, 'sbin/ldconfig': True, 'usr/share/man/man1/a.1.gz': True, 'usr/share/zoneinfo/right/UTC': True,
                          'usr/share/doc/libc6/changelog.gz': True, 'etc/ld.so.conf.d/a.conf': True, 'usr/share/zoneinfo/Asia/Shanghai': False,
                          'lib/x86_64-linux-gnu/libc.so.6': False, 'lib64/ld-linux-x86-64.so.2': False}.items():
            self.assertEqual(bool(rootfs.LEFT_OUT.match(path)), out, path)

    def test_licences_are_found_also_where_a_package_points_to_another(self):
        with tempfile.TemporaryDirectory() as folder:
            trees = {name: pathlib.Path(folder, name) for name in ('gcc-12-base', 'libgcc-s1', 'none')}
            for tree in trees.values():
                (tree / 'usr/share/doc').mkdir(parents=True)
            (trees['gcc-12-base'] / 'usr/share/doc/gcc-12-base').mkdir()
            (trees['gcc-12-base'] / 'usr/share/doc/gcc-12-base/copyright').write_bytes(b'GPL')
            (trees['libgcc-s1'] / 'usr/share/doc/libgcc-s1').symlink_to('gcc-12-base')
            self.assertEqual(rootfs.copyright_of('libgcc-s1', trees), b'GPL')
            with self.assertRaisesRegex(DevError, 'none has no copyright file'):
                rootfs.copyright_of('none', trees)

    def test_the_libraries_of_our_programs_lead_to_packages_of_debian(self):
        packages = rootfs.packages_of(list(image.programs_in(BIN).values()))
        self.assertLessEqual({'libc6', 'libstdc++6', 'libpq5', 'libssl3', 'libprotobuf32', 'libnats3.4', 'libphonenumber8'}, packages)
        self.assertFalse([name for name in packages if name.startswith('lib32')])

    def test_a_test_build_is_recognised(self):
        self.assertTrue(all(image.CRASH_POINTS in (BIN / name).read_bytes() for name in image.PROGRAMS if name not in ('renxin', 'renxin-gateway')))

    def test_a_folder_without_all_programs_is_refused(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(DevError, 'has no renxin, renxin-identity'):
            image.programs_in(folder)


class Inventory(unittest.TestCase):
    def test_it_names_every_part_once_and_says_that_the_image_contains_it(self):
        parts = [sbom.debian({'Package': 'libstdc++6', 'Version': '12.2.0-14', 'Architecture': 'amd64'}, 'debian-12'),
                 sbom.program('renxin', b'abc', '0' * 40), *(sbom.npm(name, entry) for name, entry in image.embedded().items())]
        made = json.loads(sbom.document(('renxin:t', 'sha256:00'), EPOCH, parts))
        ids = [part['SPDXID'] for part in made['packages']]
        self.assertEqual(len(ids), len(set(ids)))
        for each in ids:
            self.assertRegex(each, r'^SPDXRef-[A-Za-z0-9.-]+$')
        self.assertEqual({each['relatedSpdxElement'] for each in made['relationships']}, set(ids))
        self.assertEqual(made['packages'][1]['externalRefs'][0]['referenceLocator'], 'pkg:deb/debian/libstdc++6@12.2.0-14?arch=amd64&distro=debian-12')
        self.assertIn('swagger-ui-dist', {part['name'] for part in made['packages']})
        self.assertEqual(made['creationInfo']['created'], '2023-11-14T22:13:20Z')


class Real(unittest.TestCase):
    """What takes half a minute and the archive of Debian."""

    def made_twice(self):
        digests = []
        for number in range(2):
            scratch = tempfile.TemporaryDirectory(prefix='renxin-image-test-')
            self.addCleanup(scratch.cleanup)
            folder = pathlib.Path(scratch.name)
            with mock.patch.object(image, 'say'):
                digests.append(image.make(image.programs_in(BIN), folder, 'test'))
        self.assertEqual(digests[0], digests[1])
        return folder

    def unpacked(self, folder):
        found = {name: data for name, (_, data) in files_of((folder / 'renxin.oci.tar').read_bytes()).items() if data is not None}
        entry, = json.loads(found['index.json'])['manifests']
        manifest = json.loads(found['blobs/sha256/' + entry['digest'][7:]])
        root = folder / 'root'
        for descriptor in manifest['layers']:
            with tarfile.open(fileobj=io.BytesIO(found['blobs/sha256/' + descriptor['digest'][7:]]), mode='r:gz') as archive:
                archive.extractall(root)
        return root

    def one_image_is_made_twice_and_its_programs_start(self):
        folder = self.made_twice()
        root = self.unpacked(folder)
        parts = {part['name'] for part in json.loads((folder / 'sbom.spdx.json').read_text(encoding='utf-8'))['packages']}
        of_dpkg = {path.name for path in (root / 'var/lib/dpkg/status.d').iterdir()}
        self.assertEqual(parts, of_dpkg | {'renxin:test', 'nats-server', *image.PROGRAMS, *image.embedded()})
        self.assertEqual({path.name for path in (folder / 'licences').iterdir()}, of_dpkg | {'nats-server'})
        if os.geteuid() == 0:
            self.programs_start(root)

    def programs_start(self, root):
        work = root / 'files'
        work.mkdir()
        (work / 'keys').write_text(''.join(f'{name} {"0123456789abcdef" * 4}\n' for name in ('kek k1', 'index', 'hash')), encoding='ascii')
        for path in (work, work / 'keys'):
            os.chown(path, 65532, 65532)

        def started(*command):
            environment = {'RENXIN_KEY_FILE': '/files/keys', 'RENXIN_DATABASE_URL': f'sqlite:/files/{command[0]}.db'}
            done = subprocess.run(['/usr/sbin/chroot', '--userspec=65532:65532', root, f'/usr/bin/{command[0]}', *command[1:]], env=environment,
                                  capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, (command, done.stderr))
        for name in image.PROGRAMS:
            started(name, {'renxin': '--help', 'renxin-gateway': '--openapi'}.get(name, '--migrate-only'))
        started('nats-server', '--version')
        shell = subprocess.run(['/usr/sbin/chroot', root, '/bin/sh', '-c', 'true'], capture_output=True, check=False)
        self.assertEqual(shell.returncode, 127)

    if LONG:
        test_one_image_is_made_twice_and_its_programs_start = one_image_is_made_twice_and_its_programs_start


if __name__ == '__main__':
    unittest.main()
