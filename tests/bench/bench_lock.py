"""The lock of a period with many payees: how long its request takes, how long its operation, and how long a statement of the period behind
takes before and after (which begins at the closing then).

  bench_lock.py --database sqlite|postgres [--payees 2000] [--each 10]     --each: settlements of a payee in the month
"""
import argparse
import csv
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'infra/dev'), str(ROOT / 'tests/e2e')]
import harness    # noqa: E402
from people import new_account    # noqa: E402
from suite import Instance    # noqa: E402

MONTH, NEXT = '2026-03', '2026-04'


def write(path, columns, rows):
    with open(path, 'w', encoding='utf-8', newline='') as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def files(folder, payees, each):
    write(folder / 'staff.csv', ('staff_no', 'name', 'job', 'joined_on', 'plan'),
          ((f'R{n}', '李强', 'rep', '2025-01-01', 'plan-b' if n % 2 else 'plan-a') for n in range(payees)))
    write(folder / 'customers.csv', ('customer_no', 'name', 'phone'), ((f'C{n}', '王芳', f'139{n:08d}') for n in range(payees)))
    write(folder / 'attributions.csv', ('attribution_no', 'customer_no', 'rep_no', 'from', 'share_bp'),
          ((f'A{n}', f'C{n}', f'R{n}', '2025-01-01', 10_000) for n in range(payees)))
    write(folder / 'settlements.csv', ('settlement_no', 'kind', 'customer_no', 'payer', 'occurred_at', 'settled_at', 'line_no', 'category', 'amount'),
          ((f'S{n}-{i}', 'sale', f'C{n}', 'self', at, at, 1, 'checkup', '1000.00')
           for n in range(payees) for i in range(each) for at in [f'{MONTH}-{1 + i % 28:02d}T09:00:00+08:00']))


def timed(call):
    began = time.monotonic()
    return call(), time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--database', default='sqlite', choices=('sqlite', 'postgres'))
    parser.add_argument('--payees', type=int, default=2000)
    parser.add_argument('--each', type=int, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='renxin-bench-') as folder, Instance(database=arguments.database) as suite:
        suite.login()
        files(pathlib.Path(folder), arguments.payees, arguments.each)
        suite.renxin('import', '--dir', folder, '--source', 'bench')
        suite.renxin('status', '--wait-idle')
        finance = new_account(harness.administrator_of(suite), 'finance')
        rows = finance.get(f'/v1/statements/{NEXT}', query={'imported_from': 'bench', 'page_size': '1'}).expect(200).json['statements']
        path = f'/v1/statements/{NEXT}/{rows[0]["payee_id"]}'
        _, before = timed(lambda: [finance.get(path).expect(200) for _ in range(50)])
        reply, request = timed(lambda: finance.post(f'/v1/periods/{MONTH}:lock', {}, key=harness.fresh()).expect(202))
        began = time.monotonic()

        def over():
            now = finance.get(f'/v1/operations/{reply.json["id"]}').expect(200).json
            return now if now['ended_at'] else None
        operation = harness.eventually(600, over, 'the end of the lock')
        took = time.monotonic() - began
        _, after = timed(lambda: [finance.get(path).expect(200) for _ in range(50)])
        print(f'{arguments.database}: {arguments.payees} payees, {arguments.payees * arguments.each} settlements: request {request * 1000:.0f} ms, '
              f'operation {took:.1f} s ({operation["state"]}, {operation["done"]} statements); a statement of {NEXT}: '
              f'{before * 20:.1f} ms before, {after * 20:.1f} ms after')
        return 0 if operation['state'] == 'OPERATION_STATE_DONE' else 1


if __name__ == '__main__':
    sys.exit(main())
