"""Runs unittest modules given as paths and writes what became of each test as JSON.

  python3 unittest_report.py REPORT [-k PATTERN] MODULE.py …
"""
import importlib.util
import json
import pathlib
import sys
import time
import unittest


class Reporter(unittest.TextTestResult):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.rows = []

    def startTest(self, test):
        self._began = time.monotonic()
        self._bad_subtests = 0
        super().startTest(test)

    def _note(self, test, outcome, text=''):
        seconds = round(time.monotonic() - getattr(self, '_began', time.monotonic()), 3)
        self.rows.append({'test': test.id(), 'outcome': outcome, 'seconds': seconds, 'text': text})

    def addSuccess(self, test):
        super().addSuccess(test)
        if not self._bad_subtests:      # unittest calls a test with failed subtests a success as well
            self._note(test, 'passed')

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note(test, 'failed', self._exc_info_to_string(err, test))

    def addError(self, test, err):
        super().addError(test, err)
        self._note(test, 'failed', self._exc_info_to_string(err, test))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._bad_subtests += 1
            self._note(subtest, 'failed', self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note(test, 'skipped', reason)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._note(test, 'passed')

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._note(test, 'failed', 'was expected to fail')


def load(path):
    path = pathlib.Path(path).resolve()
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def main(arguments):
    report = pathlib.Path(arguments.pop(0))
    loader = unittest.TestLoader()
    if arguments[:1] == ['-k']:
        loader.testNamePatterns = [f'*{arguments[1]}*']
        arguments = arguments[2:]
    tests = unittest.TestSuite(loader.loadTestsFromModule(load(path)) for path in arguments)
    result = unittest.TextTestRunner(resultclass=Reporter, verbosity=2).run(tests)
    report.write_text(json.dumps(result.rows), encoding='utf-8')
    return 0 if result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
