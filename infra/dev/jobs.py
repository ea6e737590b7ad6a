"""Runs one test program to its end, within its time, and reads what became of each test."""
import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

from base import ROOT
from supervisor import die_with_parent, describe_exit

REPORTER = pathlib.Path(__file__).with_name('unittest_report.py')


@dataclasses.dataclass
class Result:
    name: str
    passed: int = 0
    skipped: int = 0
    failures: list = dataclasses.field(default_factory=list)      # (test, what it said)
    seconds: float = 0.0

    @property
    def failed(self):
        return len(self.failures)

    def line(self):
        verdict = 'FAIL' if self.failures else 'ok  '
        skipped = f', {self.skipped} skipped' if self.skipped else ''
        return f'{verdict} {self.name}: {self.passed} passed, {self.failed} failed{skipped} ({self.seconds:.1f} s)'


@dataclasses.dataclass
class Job:
    """A GoogleTest program or a Python module; `case` narrows it to tests with that in their name."""
    name: str
    path: pathlib.Path
    report: pathlib.Path
    environment: dict
    seconds: float
    case: str | None = None
    process: subprocess.Popen | None = None

    @property
    def is_python(self):
        return self.path.suffix == '.py'

    def command(self):
        if self.is_python:
            narrow = ['-k', self.case] if self.case else []
            return [sys.executable, str(REPORTER), str(self.report), *narrow, str(self.path)]
        narrow = [f'--gtest_filter=*{self.case}*'] if self.case else []
        return [str(self.path), f'--gtest_output=json:{self.report}', '--gtest_color=no', *narrow]

    def run(self):
        self.report.unlink(missing_ok=True)
        began = time.monotonic()
        output, ending = self._execute()
        result = Result(self.name)
        try:
            rows = json.loads(self.report.read_text(encoding='utf-8'))
            read = read_unittest if self.is_python else read_googletest
            read(rows, result)
        except (OSError, ValueError, KeyError):
            # It died before it could report: count what it had said until then.
            result.passed = len(re.findall(r'^\[       OK \]|\.\.\. ok$', output, re.MULTILINE))
            ending = ending or 'no report'
        if ending and not result.failures:
            result.failures.append((self.name, f'{ending}\n{output[-20000:]}'))
        result.seconds = time.monotonic() - began
        return result

    def _execute(self):
        """What it printed, and how it ended unless that was well."""
        log = self.report.with_suffix('.log')
        with open(log, 'wb') as out:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=ROOT, env=self.environment,
                start_new_session=True, preexec_fn=die_with_parent(signal.SIGKILL))
        try:
            code = self.process.wait(self.seconds)
            ending = describe_exit(code) if code else None
        except subprocess.TimeoutExpired:
            self.cancel()
            self.process.wait()
            ending = f'killed after {self.seconds:.0f} s'
        return log.read_text(encoding='utf-8', errors='replace'), ending

    def cancel(self):
        """Ends it, and what it started, if it runs."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)


def read_unittest(rows, result):
    for row in rows:
        if row['outcome'] == 'passed':
            result.passed += 1
        elif row['outcome'] == 'skipped':
            result.skipped += 1
        else:
            result.failures.append((row['test'], row['text']))


def read_googletest(report, result):
    for suite in report['testsuites']:
        for test in suite['testsuite']:
            if test.get('status') == 'NOTRUN' or test.get('result') == 'SKIPPED':
                result.skipped += 1
            elif test.get('failures'):
                said = '\n'.join(failure['failure'] for failure in test['failures'])
                result.failures.append((f'{suite["name"]}.{test["name"]}', said))
            else:
                result.passed += 1
