"""README.md and README.zh-CN.md are the same paper in two languages: one cannot change without the other."""
import re
import unittest

from base import ROOT

ENGLISH, CHINESE = ((ROOT / name).read_text(encoding='utf-8') for name in ('README.md', 'README.zh-CN.md'))


def blocks(text):
    return re.findall(r'^```(\w*)\n(.*?)^```$', text, re.DOTALL | re.MULTILINE)


def names(text):
    """What stands between backticks outside the blocks: commands, files, routes; how often does not matter."""
    return set(re.findall(r'`([^`\n]+)`', re.sub(r'^```.*?^```$', '', text, flags=re.DOTALL | re.MULTILINE)))


class Readmes(unittest.TestCase):
    def test_the_same_commands_and_outputs_stand_in_both(self):
        self.assertEqual(blocks(CHINESE), blocks(ENGLISH))
        self.assertGreaterEqual([language for language, _ in blocks(ENGLISH)].count('sh'), 5)

    def test_the_same_things_are_named_in_both(self):
        self.assertEqual(names(CHINESE), names(ENGLISH))

    def test_the_same_sections_stand_in_both(self):
        self.assertEqual(len(re.findall('^## ', CHINESE, re.MULTILINE)), len(re.findall('^## ', ENGLISH, re.MULTILINE)))

    def test_each_leads_to_the_other(self):
        self.assertIn('](README.zh-CN.md)', ENGLISH)
        self.assertIn('](README.md)', CHINESE)

    def test_both_show_the_demonstration(self):
        self.assertIn(('sh', './dev up --demo\n'), blocks(ENGLISH))


if __name__ == '__main__':
    unittest.main()
