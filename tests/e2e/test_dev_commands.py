"""`./dev status`, `logs` and `psql` look at the suite that runs here, on both databases."""
import os
import pathlib
import re
import subprocess
import sys
import unittest

import harness

SERVICES = ('leads',)
DEV = pathlib.Path(os.environ['RENXIN_ROOT']) / 'infra/dev/main.py'


def command(*words):
    return [sys.executable, str(DEV), *words, '--var', harness.suite()['folder']]


def dev(*words):
    return subprocess.run(command(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)


class Commands(unittest.TestCase):
    def test_status_says_what_runs(self):
        done = dev('status')
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for name, row in harness.suite()['processes'].items():
            self.assertRegex(done.stdout, rf'\n  {name} +{row["pid"]} +{row["port"]} +ready +0 +20\d\d-\d\d-\d\dT[\d:]+')
        self.assertIn(harness.suite()['url'], done.stdout)
        self.assertTrue(done.stdout.endswith('all ready\n'))

    def test_logs_ends_with_the_last_lines(self):
        done = dev('logs', 'leads', '-n', '1')
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 1)
        self.assertIn(lines[0], (pathlib.Path(harness.suite()['folder']) / 'log/leads.log').read_text(encoding='utf-8'))
        self.assertEqual(dev('logs', 'nobody').returncode, 1)

    def test_logs_follow_shows_what_comes(self):
        log = pathlib.Path(harness.suite()['folder']) / 'log/test-dev-commands.log'
        log.write_text('first\n', encoding='utf-8')
        with subprocess.Popen(command('logs', log.stem, '--follow'), stdout=subprocess.PIPE, text=True) as follower:
            try:
                self.assertEqual(follower.stdout.readline(), 'first\n')
                with open(log, 'a', encoding='utf-8') as out:
                    out.write('second\n')
                self.assertEqual(follower.stdout.readline(), 'second\n')
            finally:
                follower.terminate()
        log.unlink()

    def test_psql_asks_the_database_of_the_service(self):
        done = dev('psql', 'leads', '-c', 'select count(*) from leads')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r'\d+')
        self.assertNotEqual(dev('psql', 'leads', '-c', 'select count(*) from plans').returncode, 0)

    def test_psql_speaks_as_the_role_of_the_service_and_names_no_password(self):
        if harness.suite()['database'] == 'sqlite':
            self.assertRegex(dev('psql', 'leads', '-c', '.databases').stdout, r'main: .*/db/leads\.db')
            return
        for options, role in (((), 'renxin_leads_app'), (('--owner',), 'renxin_leads_owner')):
            self.assertIn(role, dev('psql', 'leads', *options, '-c', 'select current_user').stdout)
        with subprocess.Popen(command('psql', 'leads'), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
            shell.stdin.write('select 6 * 7;\n')
            shell.stdin.flush()
            self.assertIsNotNone(next(line for line in shell.stdout if re.match(r' +42$', line)))
            words = pathlib.Path(f'/proc/{shell.pid}/cmdline').read_bytes().split(b'\0')
            shell.stdin.close()
        self.assertEqual([words[0].rpartition(b'/')[2], *words[1:]], [b'psql', b''])


if __name__ == '__main__':
    unittest.main()
