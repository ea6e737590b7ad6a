"""The README's commands are run as they stand there: a name that changed fails here."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import harness

SERVICES = ('identity', 'leads', 'referrals', 'commissions', 'cli')
ROOT = pathlib.Path(os.environ['RENXIN_ROOT'])
README = (ROOT / 'README.md').read_text(encoding='utf-8')

FILES = {
    'staff.csv': 'staff_no,name,job,joined_on,plan\nR1,李娜,rep,2010-01-01,plan-a\n',
    'customers.csv': 'customer_no,name,phone\nC1,王伟,13800138000\n',
    'attributions.csv': 'attribution_no,customer_no,rep_no,from,share_bp\nA1,C1,R1,2010-01-01,10000\n',
    'settlements.csv': 'settlement_no,kind,customer_no,occurred_at,settled_at,line_no,category,amount\n'
                       'S1,sale,C1,2011-03-02T10:00:00+08:00,2011-03-02T10:00:00+08:00,1,dental,100000.00\n',
}


def shell_blocks():
    return re.findall(r'```sh\n(.*?)```', README, re.S)


class Readme(unittest.TestCase):
    def test_the_two_commands_are_there(self):
        blocks = shell_blocks()
        self.assertIn('./dev up\n', blocks)
        self.assertIn('./dev test\n', blocks)
        self.assertIn('./dev test', (ROOT / '.ci/run').read_text(encoding='utf-8'))

    def test_the_main_job_runs_as_it_is_written(self):
        block = next(block for block in shell_blocks() if 'renxin import' in block)
        suite = harness.suite()
        source = harness.fresh('readme-')[:40]
        with tempfile.TemporaryDirectory() as folder:
            for name, text in FILES.items():
                pathlib.Path(folder, name).write_text(text, encoding='utf-8')
            commands = block.replace('DIR', folder, 1).replace('--source till', f'--source {source}')
            commands = re.sub(r'^export .*$', '', commands, flags=re.M)
            commands = commands.replace('var/administrator.password', suite['administrator']['password_file'])
            environment = {**os.environ, 'HOME': folder, 'XDG_CONFIG_HOME': folder, 'RENXIN_URL': suite['url'], 'RENXIN_CA': suite['ca'],
                           'PATH': f'{ROOT}/build/dev/bin:{os.environ["PATH"]}'}
            done = subprocess.run(['bash', '-euc', commands], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('5,700.00', done.stdout.replace('5700.00', '5,700.00'), 'C3 on 100,000 yuan')


if __name__ == '__main__':
    unittest.main()
