"""The rules of this repository, read from the sources; and that each of them can be broken.

The checks are in checks_*.py: functions of {path: text} that answer what is wrong. Here they are held
against the tree, and each against a sample that breaks it.
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import checks_code as code
import checks_layers as layers
import checks_tree as whole
import checks_words as words
from cxx import Source, functions
from samples import BAD, GOOD
from tree import read

CHECKS = layers.LAYER_CHECKS + code.CODE_CHECKS + whole.TREE_CHECKS + words.WORD_CHECKS


class Tree(unittest.TestCase):
    """One test a check, against the tree as it stands."""


class Samples(unittest.TestCase):
    """One test a check, against what must be found and what must not."""

    def test_every_check_has_a_bad_sample(self):
        self.assertEqual({check.__name__ for check in CHECKS}, set(BAD))


def _add(check):
    def on_the_tree(self):
        found = list(check(read()))
        self.assertFalse(found, '\n' + '\n'.join(found))

    def on_samples(self):
        for number, sample in enumerate(BAD[check.__name__]):
            with self.subTest(bad=number):
                self.assertTrue(list(check(sample)), f'finds nothing wrong with {sample}')
        for number, sample in enumerate(GOOD.get(check.__name__, [])):
            with self.subTest(good=number):
                self.assertEqual([], list(check(sample)))

    setattr(Tree, f'test_{check.__name__}', on_the_tree)
    setattr(Samples, f'test_can_fail_{check.__name__}', on_samples)


for one in CHECKS:
    _add(one)


class Reading(unittest.TestCase):
    """The little C++ reader that the checks stand on."""

    def test_comments_and_texts_are_told_from_code(self):
        read_source = Source('int a; // "double"\nauto b = "x /* y */" /* float */ "z";\nauto c = R"q(a"b)q"; char d = \'"\';int e = 1\'000;\n')
        self.assertNotIn('double', read_source.code)
        self.assertNotIn('float', read_source.code)
        self.assertEqual(['x /* y */z', 'a"b'], [text.value for text in read_source.texts])
        self.assertIn("int e = 1'000;", read_source.code)

    def test_includes_are_found_outside_comments(self):
        read_source = Source('#include <a>\n// #include <b>\n  #include "c/d.h"\n')
        self.assertEqual([(1, 'a', False), (3, 'c/d.h', True)], read_source.includes())

    def test_functions_are_measured(self):
        text = 'namespace n {\nclass C {\n  int F() const {\n    if (x) {\n    }\n    return 1;\n  }\n};\nstruct S S_() { return {.a = 1}; }\n}\n'
        self.assertEqual([(3, 'F', 5), (9, 'S_', 1)], functions(Source(text)))


if __name__ == '__main__':
    unittest.main()
