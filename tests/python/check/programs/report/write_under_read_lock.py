# expect: RD101 Table.version
"""Two threads may hold the read lock at the same time."""

import threading
import time

from raddle import RWLock


class Table:
    def __init__(self):
        self.lock = RWLock()
        self.version = 0

    def touch(self, delay):
        time.sleep(delay)
        with self.lock.read_lock():
            self.version += 1


table = Table()
threads = [threading.Thread(target=table.touch, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(table.version)
