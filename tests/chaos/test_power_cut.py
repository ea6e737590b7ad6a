"""A power cut of the machine: the disk as it is at a random moment, with nothing that had not reached it. A suite that
starts on that disk has every acknowledged write, and every event goes where it belongs (promises 1 and 2).

Only with --long: it needs root, for loop devices. The method is proven first: a copy keeps what was synced, and only that.
"""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import audit as audits              # noqa: E402
import ports                        # noqa: E402
import harness                      # noqa: E402
from run import Run, grown          # noqa: E402
from stores import Disk, may_mount, places      # noqa: E402
from suite import Instance          # noqa: E402

CUTS = 5
LONG = bool(os.environ.get('RENXIN_TEST_LONG'))


class Journal:
    """What had been acknowledged before the cut."""

    def __init__(self, entries):
        self.entries = entries

    def of(self, kind):
        return [entry for entry in self.entries if entry['kind'] == kind]


def cut(run, disk, image):
    """(what had been acknowledged, the disk as the cut leaves it). The processes stand still while it is copied, so that
    the copy is of one moment; that moment falls anywhere in what they do."""
    acknowledged = list(run.journal.entries)
    try:
        for name in run.suite.names():
            run.suite.kill(name, signal.SIGSTOP)
        for pid in run.suite.backends():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        return Journal(acknowledged), disk.copied(image)
    finally:
        run.suite.wake()


class PowerCut:
    database = None

    def test_what_was_acknowledged_is_there_and_every_event_arrives(self):
        seed = int(os.environ.get('RENXIN_CHAOS_SEED', random.randrange(2**32)))
        print(f'power cut on {self.database}, seed {seed}', flush=True)
        chance = random.Random(seed)
        with tempfile.TemporaryDirectory(prefix='renxin-power-') as disks, places(self.database) as (folder, stores):
            disk = Disk.made(pathlib.Path(disks) / 'disk.img')
            cuts = []
            with disk.under(stores), Run(self.database, folder=folder) as run:
                kept = pathlib.Path(disks) / 'kept'
                shutil.copytree(folder, kept, ignore=shutil.ignore_patterns('nats', 'db', 'log', 'ports.json', 'instance.json'))
                for number in range(CUTS):
                    grown(run.journal, chance.randrange(20, 60))
                    threading.Event().wait(chance.uniform(0, 0.5))      # not always as a request is answered
                    cuts.append(cut(run, disk, pathlib.Path(disks) / f'cut-{number}.img'))
            for number, (journal, left) in enumerate(cuts):
                with self.subTest(cut=number, acknowledged=len(journal.entries), seed=seed):
                    self.assertEqual(self.recovered(left, kept, journal), [])
                left.image.unlink()

    def recovered(self, disk, kept, journal):
        """What the audit finds wrong with a suite that starts on that disk."""
        with places(self.database) as (folder, stores):
            shutil.copytree(kept, folder, dirs_exist_ok=True)
            with disk.under(stores), Instance(folder=folder, database=self.database, gateway_port=ports.free_ports(1)[0]) as suite:
                suite.login()
                still = audits.idle(suite)
                tables = audits.Tables(suite)
                # What was under way at the cut may be there or not; what was acknowledged must be.
                return [*([still] if still else []), *audits.acknowledged(tables, journal), *audits.delivered(tables),
                        *audits.places(tables), *audits.ledger(tables), *audits.points(tables)]


def rows_kept(synchronous, folder):
    """(rows committed when the disk was copied, rows that are on the copy), for SQLite with that setting."""
    disk = Disk.made(folder / f'{synchronous}.img')
    committed, over, writing = [0], threading.Event(), threading.Lock()
    with disk.under({'db': folder / f'db-{synchronous}'}):
        def write():
            connection = sqlite3.connect(folder / f'db-{synchronous}/t.db', isolation_level=None)
            connection.execute('pragma journal_mode=wal')
            connection.execute(f'pragma synchronous={synchronous}')
            connection.execute('create table t (n integer)')
            connection.execute('pragma wal_checkpoint(truncate)')
            connection.execute('pragma wal_autocheckpoint=0')
            while not over.is_set():
                with writing:
                    connection.execute('insert into t values (1)')
                    committed[0] += 1
            connection.close()
        writer = threading.Thread(target=write)
        writer.start()
        try:
            harness.eventually(60, lambda: committed[0] >= 300, 'rows are committed')
            with writing:       # the copy is of one moment
                before = committed[0]
                copy = disk.copied(folder / f'{synchronous}-copy.img')
        finally:
            over.set()
            writer.join()
    with copy.under({'db': folder / f'copy-{synchronous}'}):
        connection = sqlite3.connect(folder / f'copy-{synchronous}/t.db')
        kept = connection.execute('select count(*) from t').fetchone()[0]
        connection.close()
    return before, kept


if LONG and not may_mount():
    print('nothing may be mounted here: the tests of a power cut are not registered')
elif LONG:
    class Method(unittest.TestCase):
        """The copy keeps what was synced and loses what was not; otherwise it would prove nothing."""

        def test_what_is_synced_is_kept_and_what_is_not_is_lost(self):
            with tempfile.TemporaryDirectory(prefix='renxin-power-') as folder:
                before, kept = rows_kept('full', pathlib.Path(folder))
                self.assertEqual(kept, before)
                before, kept = rows_kept('normal', pathlib.Path(folder))
                self.assertLess(kept, before)

    class OnSqlite(PowerCut, unittest.TestCase):
        database = 'sqlite'

    class OnPostgres(PowerCut, unittest.TestCase):
        database = 'postgres'


if __name__ == '__main__':
    unittest.main()
