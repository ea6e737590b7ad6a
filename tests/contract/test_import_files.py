"""docs/import-files.md has every kind of import file with the columns that the services read, in bold those that are required."""
import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ.get('RENXIN_ROOT') or pathlib.Path(__file__).resolve().parents[2])
SPEC = re.compile(r'\.kind = "(\w+)",\s*\.columns = \{(.*?)\}\},\s*\.number', re.DOTALL)
COLUMN = re.compile(r'\{"(\w+)"(, true)?')
ROW = re.compile(r'^\| `(\w+)` \| (.+) \|$', re.MULTILINE)


def columns_of_services():
    """kind -> its columns, required ones as the page writes them."""
    found = {}
    for path in sorted((ROOT / 'services').rglob('*.cc')):
        for kind, columns in SPEC.findall(path.read_text(encoding='utf-8')):
            found[kind] = [f'**{name}**' if required else name for name, required in COLUMN.findall(columns)]
    return found


class ImportFiles(unittest.TestCase):
    def test_the_page_has_the_columns_that_are_read(self):
        page = (ROOT / 'docs/import-files.md').read_text(encoding='utf-8')
        self.assertEqual({kind: columns.split(', ') for kind, columns in ROW.findall(page)}, columns_of_services())

    def test_the_kinds_are_those_that_services_host(self):
        hosted = re.findall(r'contract: "renxin\.intake\.v1\.ImportService", values: \[([^\]]*)\]',
                            '\n'.join(path.read_text(encoding='utf-8') for path in (ROOT / 'proto').rglob('*.proto')))
        self.assertEqual(set(re.findall(r'"(\w+)"', ' '.join(hosted))), set(columns_of_services()))


if __name__ == '__main__':
    unittest.main()
