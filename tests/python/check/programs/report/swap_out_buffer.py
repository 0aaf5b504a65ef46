# expect: RD101 Batch.lines
"""One thread adds to a tuple of lines, the other one takes all of it: a line can get lost between."""

import threading
import time


class Batch:
    def __init__(self):
        self.lines = ()

    def add(self, line):
        self.lines = (*self.lines, line)

    def take(self):
        taken, self.lines = self.lines, ()
        return taken


batch = Batch()
taken = []


def flush():
    time.sleep(0.02)
    taken.extend(batch.take())


threads = [threading.Thread(target=batch.add, args=("hello",)), threading.Thread(target=flush)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(taken)
