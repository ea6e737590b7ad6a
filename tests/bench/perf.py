"""Where the time of all processes goes while something runs: perf, by samples of the processor's clock (root)."""
import re
import subprocess

SAMPLES_A_SECOND = 199
_LINE = re.compile(r'^\s*([\d.]+)%\s+(\S.*?)\s*$')
IDLE = ('swapper',)


class Profile:
    """While this holds, perf looks at the whole machine."""

    def __init__(self, folder):
        self._data = folder / 'perf.data'
        self._process = None

    def __enter__(self):
        # Without call graphs: a sample costs little, and what is asked is which program and which library.
        self._process = subprocess.Popen(['perf', 'record', '-q', '-a', '-e', 'cpu-clock', '-F', str(SAMPLES_A_SECOND), '-o', str(self._data)],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(30)

    def shares(self, by, most):
        """(per cent of what was not idle, what), the largest first; `by`: perf's sort keys."""
        reported = subprocess.run(['perf', 'report', '-i', str(self._data), '--stdio', '-g', 'none', '--sort', by], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=True).stdout
        rows = [(float(found.group(1)), ' '.join(found.group(2).split()).removesuffix(' - -'))     # two empty columns beside a symbol
                for line in reported.splitlines() if (found := _LINE.match(line))]
        rows = [(share, what) for share, what in rows if not what.startswith(IDLE)]
        busy = sum(share for share, _ in rows) or 1.0
        return [(100 * share / busy, what) for share, what in rows[:most]]

    def tell(self, title):
        if not self._data.exists():
            print(f'{title}: perf may not look at this machine')
            return
        for by, most in (('comm', 8), ('comm,dso', 14), ('comm,symbol', 14)):
            print(f'{title}, by {by}: ' + '; '.join(f'{what} {share:.0f} %' for share, what in self.shares(by, most) if share >= 0.5), flush=True)
