"""docs/live.md names every live event and the route where its record is read, as the contract has them."""
import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ.get('RENXIN_ROOT') or pathlib.Path(__file__).resolve().parents[2])
EVENT = re.compile(r'options\.v1\.event\) = \{\s*name: "(\w+)".*?live: \{read: "\w+\.(\w+)"', re.DOTALL)
ROUTE = re.compile(r'rpc (\w+)\([^)]*\) returns \([^)]*\) \{\s*option \(options\.v1\.http\) = \{get: "([^"]+)"')
ROW = re.compile(r'^\| `(\w+)` \| `(/v1/[^`]+)`', re.MULTILINE)


class Paper(unittest.TestCase):
    def test_the_table_is_the_contracts(self):
        wanted = {}
        for folder in (ROOT / 'proto/renxin').iterdir():
            text = '\n'.join(path.read_text(encoding='utf-8') for path in sorted(folder.glob('v1/*.proto')))
            routes = dict(ROUTE.findall(text))
            # The path's variables are the id, however many they are.
            wanted |= {name: re.sub(r'\{.+\}', '{id}', routes[read]) for name, read in EVENT.findall(text)}
        self.assertGreater(len(wanted), 5)
        self.assertEqual(dict(ROW.findall((ROOT / 'docs/live.md').read_text(encoding='utf-8'))), wanted)


if __name__ == '__main__':
    unittest.main()
