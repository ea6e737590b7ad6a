"""Files as they really come (L11): stray quotes, lines that end with CR, blank rows, empty columns, and refused.csv that is sent back."""
import csv
import io
import unittest

from files import Source, counts, text_of
from people import phone

SERVICES = ('identity', 'leads', 'referrals')
AT = '2026-05-04T10:00:00+08:00'
# A sound row of every kind, by its number; what it names is known or waits.
ROWS = {
    'customers': lambda n: {'customer_no': n, 'name': '丁一', 'phone': phone()},
    'leads': lambda n: {'lead_no': n, 'customer_name': '丁一', 'phone': phone(), 'consulted_at': AT, 'channel': 'phone'},
    'appointments': lambda n: {'appointment_no': n, 'department': '口腔', 'lead_no': 'l1', 'booked_at': AT, 'slot_start': AT, 'status': 'booked'},
    'visits': lambda n: {'visit_no': n, 'department': '口腔', 'customer_no': 'c1', 'arrived_at': AT},
    'settlements': lambda n: {'settlement_no': n, 'customer_name': '丁一', 'phone': phone(), 'customer_no': n, 'kind': 'sale', 'occurred_at': AT, 'line_no': '1',
                              'category': 'dental', 'amount': '1.00'},
    'staff': lambda n: {'staff_no': n, 'name': '丁一', 'job': 'rep', 'joined_on': '2025-01-01'},
    'moves': lambda n: {'staff_no': n, 'department': '口腔', 'from': '2025-01-01'},
    'attributions': lambda n: {'attribution_no': n, 'partner_no': '口腔', 'customer_no': 'c1', 'rep_no': 'r1', 'from': '2025-01-01', 'share_bp': '1'},
}


def lines_of(kind, rows):
    return text_of([ROWS[kind](f'Q{n}') for n in range(1, rows + 1)]).splitlines()


def sum_of(report):
    return sum(int(report.get(name) or 0) for name in ('created', 'updated', 'unchanged', 'waiting', 'refused', 'blank'))


class StrayQuotes(unittest.TestCase):
    """One stray quote spoils its line alone, in every kind, in both encodings, whatever the end of a line is."""

    def check(self, kind, encoding, end, rows=42):
        source, lines = Source(), lines_of(kind, rows)
        cells = lines[2].split(',')
        cells[1] = '"丁二'                                  # never closed
        lines[2] = ','.join(cells)
        operation = source.run(kind, (end.join(lines) + end).encode(encoding))
        report = operation['import']['report']
        self.assertEqual((int(report['read']), int(report['refused']), sum_of(report)), (rows, 1, rows))
        refused = source.refusals(operation['id'])
        if int(report.get('waiting') or 0):
            self.assertEqual(source.close(kind), int(report['waiting']))    # rows of people that nobody knows: the suite is idle again
        (line, reason, row), = refused
        self.assertEqual(line, 3)
        self.assertIn('quote', reason)
        header = lines[0].split(',')
        self.assertEqual(row, {name: cell for name, cell in zip(header, cells) if cell})       # whole, under its own header

    def test_L11_in_every_kind(self):
        for kind in ROWS:
            for encoding in ('utf-8', 'gb18030'):
                with self.subTest(kind=kind, encoding=encoding):
                    self.check(kind, encoding, '\n')

    def test_L11_whatever_ends_the_lines(self):
        for end in ('\r\n', '\r'):
            with self.subTest(end=end):
                self.check('customers', 'utf-8', end)
                self.check('settlements', 'gb18030', end)

    def test_L11_over_more_than_a_row_may_hold_and_across_pieces_of_the_upload(self):
        self.check('customers', 'utf-8', '\n', rows=5_000)          # 140 KB: the quote runs over 64 KiB and over a piece
        self.check('settlements', 'gb18030', '\r\n', rows=1_500)

    def test_L11_a_quote_in_the_middle_gives_the_whole_row_back(self):
        source, number = Source(), phone()
        text = f'customer_no,name,phone,consent_source\nQ1,丁一 6" 号,{number},"纸,质"\nQ2,丁二,{phone()},\n'
        operation = source.run('customers', text)
        self.assertEqual(counts(operation['import']['report']), {'read': 2, 'created': 1, 'refused': 1})
        self.assertEqual(source.refusals(operation['id']),
                         [(2, 'a quote inside an unquoted cell', {'customer_no': 'Q1', 'name': '丁一 6" 号', 'phone': number, 'consent_source': '纸,质'})])
        # Sent back as it is, it is a row like others.
        self.assertEqual(source.take('customers', source.refused_text(operation['id'])), {'read': 1, 'created': 1})

    def test_L11_a_quoted_cell_over_several_lines_is_one_row_where_it_fits(self):
        source = Source()
        operation = source.run('customers', 'customer_no,name,phone\nQ1,"丁\n一",\nQ2,"丁\n二,\nQ3,丁三,\n')
        self.assertEqual(counts(operation['import']['report']), {'read': 4, 'created': 2, 'refused': 2})
        self.assertEqual([entry[0] for entry in source.refusals(operation['id'])], [4, 5])


class Shapes(unittest.TestCase):
    def setUp(self):
        self.source = Source()

    def test_L11_lines_end_with_CR_alone_or_mixed(self):
        for text in ('customer_no,name\rc1,王芳\rc2,李强\r', 'customer_no,name\rc1,王芳\nc2,李强\r\n', 'customer_no,name\rc1,王芳\rc2,李强'):
            with self.subTest(text=text):
                self.assertEqual(Source().take('customers', text), {'read': 2, 'created': 2})

    def test_L11_a_row_without_any_value_is_counted_as_blank(self):
        text = 'customer_no,name,phone\n,,\nc1,王芳,\n\u3000,\u200b, \n,\n,,,,\n'
        self.assertEqual(self.source.take('customers', text), {'read': 5, 'created': 1, 'blank': 4})
        head = 'settlement_no,kind,customer_no,occurred_at,line_no,category,amount\n'
        self.assertEqual(self.source.take('settlements', head + f's1,sale,c1,{AT},1,dental,1.00\n,,,,,,\n'), {'read': 2, 'created': 1, 'blank': 1})

    def test_L11_empty_columns_at_the_end_and_blanks_around_names_do_not_count(self):
        text = '\ufeff customer_no,name\u3000,phone,,,\nc1,王芳,,,,\nc2,李强,\nc3,张伟,,x,,\n'
        operation = self.source.run('customers', text)
        self.assertEqual(counts(operation['import']['report']), {'read': 3, 'created': 2, 'refused': 1})
        self.assertEqual([entry[:2] for entry in self.source.refusals(operation['id'])], [(4, 'ragged row: a value stands under no header')])

    def test_L11_a_ragged_row_goes_back_with_every_cell_under_its_own_header(self):
        operation = self.source.run('customers', 'phone,customer_no,name\n13800138000,c1\n')
        self.assertEqual(self.source.refusals(operation['id']), [(2, 'ragged row: 2 cells, the header has 3', {'customer_no': 'c1', 'phone': '13800138000'})])


class SentBack(unittest.TestCase):
    FORMULAS = ('=1+1', '@SUM(1)', '-小明', '+1', '＝1+1', '＠SUM(1)', '＋1', '－1', '\t=1+1', '\r=1+1', ' =1+1')

    def test_L11_refused_csv_opens_harmlessly_and_is_taken_when_it_is_mended_and_sent_back(self):
        source = Source()
        out = io.StringIO()
        writer = csv.writer(out, lineterminator='\n', quoting=csv.QUOTE_ALL)       # a CR inside a cell is part of it
        writer.writerow(['customer_no', 'name', 'phone'])
        for index, name in enumerate(self.FORMULAS):
            writer.writerow([f'c{index}', name, '12'])
        writer.writerow(['r1', '\t=1+1'])                      # ragged: its cells come back as they are
        operation = source.run('customers', out.getvalue())
        text = source.refused_text(operation['id'])
        back = list(csv.DictReader(io.StringIO(text.removeprefix('\ufeff'), newline='')))
        self.assertEqual(len(back), len(self.FORMULAS) + 1)
        for row, name in zip(back, (*self.FORMULAS, '\t=1+1')):
            self.assertEqual(row['name'].strip(), "'" + name.strip())
        # As it is: refused for the same once more, and not because of `line` or `reason`; the ragged row has all its columns now.
        again = source.run('customers', text)
        self.assertEqual([entry[1] for entry in source.refusals(again['id'])][:2], ['phone: too short for a phone number'] * 2)
        self.assertEqual(source.refused_text(again['id']).splitlines()[1].split(',')[2:], text.splitlines()[1].split(',')[2:])
        # Mended: what was protected is what it was.
        number = phone()
        self.assertEqual(source.take('customers', text.replace(',12,', f',{number},')), {'read': 12, 'created': 11, 'unchanged': 1, 'households_proposed': 1})
        self.assertEqual(source.take('customers', [{'customer_no': 'c2', 'name': '-小明', 'phone': number}]), {'read': 1, 'unchanged': 1})


if __name__ == '__main__':
    unittest.main()
