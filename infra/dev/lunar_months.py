"""Writes shared/core/lunar_months.inc from a table of lunar months:

    python3 infra/dev/lunar_months.py lunar_months_1901_2100.csv > shared/core/lunar_months.inc

The table's columns are lunar_year, lunar_month, is_leap, first_solar_day, days; further ones are left out.
"""
import csv
import sys

HEAD = '''\
// Written by infra/dev/lunar_months.py. Every lunar month of 1901 to 2099: lunar year, month, leap or not, first solar
// day as YYYYMMDD, days. Facts of the calendar on which three independent libraries agree on every day, and from 1999
// on the tables of the Hong Kong Observatory (2057-8 and 2057-9 differ there: a new moon at midnight).
// clang-format off
'''


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    with open(sys.argv[1], encoding='utf-8', newline='') as table:
        rows = [(row['lunar_year'], row['lunar_month'], row['is_leap'], row['first_solar_day'].replace('-', ''), row['days'])
                for row in csv.DictReader(table)]
    print(HEAD + '\n'.join(f'{{{", ".join(row)}}},' for row in rows) + '\n// clang-format on')
    return 0


if __name__ == '__main__':
    sys.exit(main())
