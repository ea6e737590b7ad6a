"""The fuzz targets: each has a corpus and a program. With RENXIN_TEST_LONG=1 each also runs its 10 million times or 20 minutes."""
import os
import pathlib
import re
import unittest

import fuzz

HERE = pathlib.Path(__file__).resolve().parent


class TargetsTest(unittest.TestCase):
    def test_every_target_has_a_corpus_and_a_program(self):
        declared = re.findall(r'\{"(\w+)", \w+\}', (HERE / 'targets.h').read_text(encoding='utf-8'))
        built = re.search(r'foreach\(target ([\w ]+)\)', (HERE / 'CMakeLists.txt').read_text(encoding='utf-8')).group(1)
        self.assertGreater(len(declared), 0)
        self.assertEqual(sorted(declared), fuzz.targets())
        self.assertEqual(sorted(built.lower().split()), fuzz.targets())


if os.environ.get('RENXIN_TEST_LONG'):
    class RunsTest(unittest.TestCase):
        def test_nothing_is_found(self):
            self.assertEqual(fuzz.fuzz(), {})


if __name__ == '__main__':
    unittest.main()
