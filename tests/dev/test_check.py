"""What `./dev check` hands to clang-tidy."""
import unittest

import check


class Commands(unittest.TestCase):
    def test_headers_that_only_gcc_can_read_are_left_out_and_nothing_else(self):
        command = '/usr/bin/c++ -Ia -Winvalid-pch -fpch-preprocess -include b/c.dir/cmake_pch.hxx -include d.h -o e.o -c e.cc'
        self.assertEqual('/usr/bin/c++ -Ia -include d.h -o e.o -c e.cc', check.without_precompiled(command))


if __name__ == '__main__':
    unittest.main()
