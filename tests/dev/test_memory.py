"""What processes cost, while they come and go."""
import os
import subprocess
import sys
import threading
import unittest

import cpu
import memory
from base import eventually

PARENT = 'import subprocess, sys; child = subprocess.Popen([sys.executable, "-c", "input()"]); child.wait()'


class MemoryTest(unittest.TestCase):
    def test_a_tree_costs_more_than_its_root(self):
        with subprocess.Popen([sys.executable, '-c', PARENT], stdin=subprocess.PIPE) as parent:
            self.assertTrue(eventually(10, lambda: memory.children(parent.pid)))
            self.assertGreater(memory.pss_of_tree(parent.pid), memory.pss(parent.pid))
            self.assertGreater(memory.pss(parent.pid), 0)
            parent.stdin.close()

    def test_who_is_not_there_costs_nothing(self):
        gone = subprocess.Popen(['true'])
        gone.wait()
        for pid in (gone.pid, None):
            with self.subTest(pid):
                self.assertEqual(memory.pss_of_tree(pid), 0)
                self.assertEqual(cpu.of_tree(pid), 0.0)

    def test_who_goes_while_being_looked_at_is_no_error(self):
        looks = 0
        for _ in range(150):    # with pathlib's glob one look in two hundred failed
            going = subprocess.Popen(['true'])
            reaper = threading.Thread(target=going.wait)
            reaper.start()
            while reaper.is_alive():
                memory.pss_of_tree(going.pid)
                cpu.of_tree(going.pid)
                looks += 1
            reaper.join()
        self.assertGreater(looks, 150)
        self.assertGreater(memory.pss_of_tree(os.getpid()), 0)


if __name__ == '__main__':
    unittest.main()
