"""The console in a real browser, against a suite of its own with the demonstration in it (console/tests/browser). On SQLite; with
RENXIN_TEST_LONG=1 on PostgreSQL as well."""
import os
import pathlib
import tempfile
import unittest

import vitest
from demo import Demonstration
from suite import Instance

SERVICES = ('gateway', 'identity', 'leads', 'referrals', 'commissions', 'membership', 'notifications')
DATABASES = ('sqlite', 'postgres') if os.environ.get('RENXIN_TEST_LONG') else ('sqlite',)


def on(database):
    """Every test in a browser, on one database."""
    with tempfile.TemporaryDirectory(prefix='renxin-console-') as folder:
        shown = Demonstration(pathlib.Path(folder))
        with Instance(folder, database, extra=shown.environment()) as suite:
            shown.run(suite)
            environment = {'RENXIN_E2E_INSTANCE': str(suite.file), 'RENXIN_DEMO_FOLDER': str(pathlib.Path(folder) / 'demo'),
                           'NODE_EXTRA_CA_CERTS': str(suite.ca), 'RENXIN_CHROMIUM': vitest.chromium()}
            return vitest.suite(f'console on {database}', 'vitest.browser.config.ts', environment)


def load_tests(_loader, tests, _pattern):
    for database in DATABASES:
        tests.addTests(on(database))
    return tests


if __name__ == '__main__':
    unittest.main()
