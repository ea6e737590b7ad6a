"""L11: a file is UTF-8, with or without a byte-order mark, or GB18030 as Excel in China saves it; whichever it is, the records are the
same. Every kind of file comes through the one intake (shared/intake)."""
import codecs
import unittest

from files import KINDS, Refused, Source, counts, text_of
from test_imports import figures, sample, take_all

SERVICES = ('every',)
PIECE = 128 * 1024      # as the gateway hands an upload on
ENCODINGS = {'UTF-8': lambda text: text.encode(), 'UTF-8 with a mark': lambda text: codecs.BOM_UTF8 + text.encode(),
             'GB18030': lambda text: text.encode('gb18030'), 'GB18030 with a mark': lambda text: b'\x84\x31\x95\x33' + text.encode('gb18030')}


class Encodings(unittest.TestCase):
    maxDiff = None

    def test_every_kind_of_file_is_the_same_in_each(self):
        seen = {}
        for name, encode in ENCODINGS.items():
            source = Source()
            operations = take_all(source, {kind: encode(text_of(rows)) for kind, rows in sample(7).items()})
            self.assertEqual([counts(operation['import']['report']).get('refused') for operation in operations.values()], [None] * len(KINDS), name)
            self.assertEqual(operations['customers']['import']['encoding'], name.split()[0])
            seen[name] = figures(source)
        for name in ENCODINGS:
            self.assertEqual(seen[name], seen['UTF-8'], name)

    def test_the_same_file_in_another_changes_nothing(self):
        for first in ('UTF-8', 'GB18030'):
            source, files = Source(), sample(8)
            take_all(source, {kind: ENCODINGS[first](text_of(rows)) for kind, rows in files.items()})
            for name, encode in ENCODINGS.items():
                again = take_all(source, {kind: encode(text_of(rows)) for kind, rows in files.items()})
                for kind, operation in again.items():
                    read = int(operation['import']['report']['read'])
                    self.assertEqual(counts(operation['import']['report']), {'read': read, 'unchanged': read}, (first, name, kind))

    def test_characters_of_four_bytes_and_those_of_gbk(self):
        for name, encode in ENCODINGS.items():
            source = Source()
            rows = 'customer_no,name\nc1,𠮷野家\nc2,"王,芳"\nc3,€uro\nc4,㐀䶵\nc5,镕\n'
            operation = source.run('customers', encode(rows))
            self.assertEqual(counts(operation['import']['report']), {'read': 5, 'created': 5}, name)
            # Read back through the refused rows: what was understood of each name is what is shown.
            wrong = source.run('customers', encode(rows.replace('customer_no,name\n', 'customer_no,name,phone\n').replace('\n', ',1\n').replace('phone,1', 'phone')))
            self.assertEqual([row['name'] for _, _, row in source.refusals(wrong['id'])], ['𠮷野家', '王,芳', '€uro', '㐀䶵', '镕'], name)

    def test_a_character_that_two_pieces_of_the_upload_share(self):
        for name, width in (('UTF-8', 3), ('GB18030', 2), ('GB18030', 4)):
            character = '𠮷' if width == 4 else '芳'
            for cut in range(1, width):
                encode = ENCODINGS[name]
                head = encode('customer_no,name,phone\n')
                last = encode('c1,')
                blank = b'\n' * (PIECE - len(head) - len(last) - cut)     # lines that are no rows
                source = Source()
                data = head + blank + last + encode(f'{character}王,1\n')
                self.assertEqual(data[:PIECE + width - cut][-width:], encode(character))
                operation = source.run('customers', data)
                self.assertEqual([row['name'] for _, _, row in source.refusals(operation['id'])], [f'{character}王'], (name, width, cut))

    def test_what_is_looked_through_for_long_is_known_at_the_end(self):
        blank = '\n' * (9 * 1024 * 1024)
        for name, encode in ENCODINGS.items():
            source = Source()
            operation = source.run('customers', encode(f'customer_no,name,phone\n{blank}c1,王芳,1\n'))
            self.assertEqual([(line, row['name']) for line, _, row in source.refusals(operation['id'])], [(9 * 1024 * 1024 + 2, '王芳')], name)

    def test_a_mark_before_a_quote(self):
        for name, encode in ENCODINGS.items():
            self.assertEqual(Source().take('customers', encode('"customer_no","name"\r\n"c1","王芳"\r\n')), {'read': 1, 'created': 1}, name)

    def refused(self, data):
        with self.assertRaises(Refused) as caught:
            Source().run('customers', data)
        return str(caught.exception)

    def test_a_mark_alone_is_an_empty_file(self):
        for mark in (codecs.BOM_UTF8, b'\x84\x31\x95\x33'):
            self.assertEqual(self.refused(mark), 'the file is empty: a header is expected')

    def test_utf16_is_refused_with_what_to_do(self):
        for codec in ('utf-16', 'utf-16-be', 'utf-32'):
            mark = codecs.BOM_UTF16_BE if codec == 'utf-16-be' else b''
            self.assertEqual(self.refused(mark + 'customer_no,name\nc1,王芳\n'.encode(codec)), 'the file is UTF-16: save it as CSV in UTF-8 or GB18030')

    def test_a_header_in_chinese_is_named_as_it_is(self):
        for name, encode in ENCODINGS.items():
            self.assertEqual(self.refused(encode('customer_no,姓名\nc1,王芳\n')), 'header: unknown column "姓名"', name)

    def test_what_is_text_in_neither_is_refused_by_row_and_column(self):
        good = {'UTF-8': '芳\n'.encode() * 3, 'GB18030': '芳\n'.encode('gb18030') * 3}
        for name, rest in good.items():
            for spoilt in (b'\xff', b'\x80', b'\xff\xfe', b'x\xff'):
                source = Source()
                rows = b''.join(b'c%d,' % n + line + b'\n' for n, line in enumerate(rest.splitlines(), 2))
                operation = source.run('customers', b'customer_no,name\nc1,' + spoilt + b'\n' + rows)
                self.assertEqual(counts(operation['import']['report']), {'read': 4, 'created': 3, 'refused': 1})
                [(line, reason, row)] = source.refusals(operation['id'])
                self.assertEqual((line, reason, row['customer_no']), (2, f'name: not {name}', 'c1'))
                self.assertIn('\ufffd', row['name'])
                self.assertEqual(operation['import']['encoding'], name)

    def test_a_cell_that_was_cut_by_bytes_is_refused_alone(self):
        # Two Chinese characters in UTF-8 are three of GB18030: nothing but the cut cell breaks either of them.
        source = Source()
        operation = source.run('customers', 'customer_no,name\nc1,王芳\nc2,'.encode() + '张三'.encode()[:4] + '\nc3,李强\n'.encode())
        self.assertEqual(counts(operation['import']['report']), {'read': 3, 'created': 2, 'refused': 1})
        self.assertEqual(operation['import']['encoding'], 'UTF-8')
        self.assertEqual(source.refusals(operation['id'])[0][:2], (3, 'name: not UTF-8'))

    def test_ladies_in_gb18030(self):
        # 女 and 士 are each a character of UTF-8 as well.
        source = Source()
        operation = source.run('customers', 'customer_no,name,phone\nc1,李女士,1\nc2,王女士,1\nc3,张女士,1\n'.encode('gb18030'))
        self.assertEqual(operation['import']['encoding'], 'GB18030')
        self.assertEqual([row['name'] for _, _, row in source.refusals(operation['id'])], ['李女士', '王女士', '张女士'])

    def test_a_number_that_is_too_long_is_refused_and_the_rest_taken(self):
        for number in ('9' * 400, '东' * 133):
            source = Source()
            rows = f'customer_no,name\n{number},王芳\n{number}99,李强\n{number * 5},张三\nc4,赵四\n'
            operation = source.run('customers', rows.encode())
            self.assertEqual(counts(operation['import']['report']), {'read': 4, 'created': 2, 'refused': 2})
            self.assertEqual([found[:2] for found in source.refusals(operation['id'])],
                             [(line, 'customer_no: longer than 400 bytes') for line in (3, 4)])

    def test_a_settlement_or_a_reference_with_too_long_a_number_is_refused(self):
        source, row = Source(), '{},sale,{},王芳,13800138000,2026-05-04T10:00:00+08:00,2026-05-04T10:00:00+08:00,1,dental,10.00'
        head = 'settlement_no,kind,customer_no,customer_name,phone,occurred_at,settled_at,line_no,category,amount'
        long = '东' * 2000
        data = '\n'.join([head, row.format(long, 'c1'), row.format(long, 'c1') + ',more', row.format('s3', long), row.format('s4', 'c4'), ''])
        operation = source.run('settlements', data.encode())
        self.assertEqual(counts(operation['import']['report']), {'read': 4, 'created': 1, 'refused': 3})
        self.assertEqual([found[:2] for found in source.refusals(operation['id'])],
                         [(2, 'settlement_no: longer than 400 bytes'),
                          (3, 'settlement_no: longer than 400 bytes; ragged row: 11 cells, the header has 10'),
                          (4, 'line 4: customer_no: longer than 400 bytes')])

    def test_a_line_of_a_settlement_that_is_no_text_refuses_the_settlement(self):
        source, row = Source(), '{},sale,c1,王芳,13800138000,2026-05-04T10:00:00+08:00,2026-05-04T10:00:00+08:00,{},dental,10.00\n'
        head = 'settlement_no,kind,customer_no,customer_name,phone,occurred_at,settled_at,line_no,category,amount\n'
        data = (head + row.format('s1', 1)).encode('gb18030') + row.format('s1', 2).encode('gb18030').replace('芳'.encode('gb18030'), b'\xff') + \
            row.format('s2', 1).encode('gb18030')
        operation = source.run('settlements', data)
        self.assertEqual(counts(operation['import']['report']), {'read': 2, 'created': 1, 'refused': 1})
        self.assertEqual({reason for _, reason, _ in source.refusals(operation['id'])}, {'line 3: customer_name: not GB18030'})


if __name__ == '__main__':
    unittest.main()
