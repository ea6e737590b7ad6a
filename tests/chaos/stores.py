"""File systems of their own for the stores of one suite: small ones in memory that a test can fill up, and an image
of a disk that can be copied as a power cut would leave it. Needs root."""
import contextlib
import errno
import os
import pathlib
import shutil
import subprocess
import tempfile

from cluster import ACCOUNT, Cluster

SMALL = 1024        # MiB
DISK = 2048         # MiB; sparse
CHUNK = 1024 * 1024


def may_mount():
    """Root of a machine may; root of a container often may not."""
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory(prefix='renxin-mount-') as folder:
        tried = subprocess.run(['mount', '-t', 'tmpfs', 'renxin-chaos', folder], stderr=subprocess.DEVNULL, check=False)
        if tried.returncode == 0:
            subprocess.run(['umount', folder], check=True)
        return tried.returncode == 0


@contextlib.contextmanager
def mounted(target, *options, owner=None):
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    subprocess.run(['mount', *map(str, options), str(target)], check=True)
    try:
        if owner:
            shutil.chown(target, owner, owner)
        yield target
    finally:
        # Lazily: whoever still has a file open there must not keep the rest from being cleaned up.
        subprocess.run(['umount', '--lazy', str(target)], check=True)


@contextlib.contextmanager
def places(database, folder=None):
    """(folder for an Instance, {name: folder} of its stores: nats, and the database's)"""
    folder = pathlib.Path(folder or tempfile.mkdtemp(prefix='renxin-stores-')).resolve()
    home = Cluster(folder, 0, folder / 'log').home if database == 'postgres' else folder / 'db'
    try:
        yield folder, {'nats': folder / 'nats', database: home}
    finally:
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def owner_of(name):
    return ACCOUNT if name == 'postgres' else None


@contextlib.contextmanager
def small_stores(database):
    """places(), each in a memory of its own."""
    with contextlib.ExitStack() as around:
        folder, stores = around.enter_context(places(database))
        for name, store in stores.items():
            around.enter_context(mounted(store, '-t', 'tmpfs', '-o', f'size={SMALL}m,mode=700', 'renxin-chaos', owner=owner_of(name)))
        yield folder, stores


class Disk:
    """A disk that can be copied while it is written to: what the copy lacks is what had not reached the disk."""

    def __init__(self, image):
        self.image = pathlib.Path(image)

    @classmethod
    def made(cls, image):
        disk = cls(image)
        with open(disk.image, 'wb') as out:
            out.truncate(DISK * 1024 * 1024)
        subprocess.run(['mkfs.ext4', '-q', '-F', str(disk.image)], check=True)
        return disk

    def copied(self, image):
        subprocess.run(['cp', '--sparse=always', str(self.image), str(image)], check=True)
        return Disk(image)

    @contextlib.contextmanager
    def under(self, stores):
        """While this holds, the stores lie on this disk, a folder each."""
        with contextlib.ExitStack() as around:
            top = pathlib.Path(around.enter_context(tempfile.TemporaryDirectory(prefix='renxin-disk-')))
            # The file system itself must not write on its own while it is copied.
            around.enter_context(mounted(top, '-o', 'loop,commit=300', self.image))
            for name, store in stores.items():
                (top / name).mkdir(exist_ok=True, mode=0o700)
                around.enter_context(mounted(store, '--bind', top / name, owner=owner_of(name)))
            yield top


@contextlib.contextmanager
def full(folder):
    """Not a byte is left in there while this holds."""
    ballast = folder / 'ballast'
    try:
        with open(ballast, 'wb', buffering=0) as out:
            for size in (CHUNK, 4096, 1):
                fill(out, size)
        yield
    finally:
        ballast.unlink(missing_ok=True)


def fill(out, size):
    piece = b'\0' * size
    try:
        while out.write(piece) == size:
            pass
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
