# expect: silent
"""Looked up, moved to the end, and the oldest thrown out, all in one section."""

import collections
import threading


class LRU:
    def __init__(self, size, make):
        self.lock = threading.RLock()
        self.size, self.make = size, make
        self.items = collections.OrderedDict()

    def __getitem__(self, key):
        with self.lock:
            if key in self.items:
                self.items.move_to_end(key)
                return self.items[key]
            value = self.items[key] = self.make(key)
            self._shrink()
            return value

    def _shrink(self):
        with self.lock:
            while len(self.items) > self.size:
                self.items.popitem(last=False)


squares = LRU(4, lambda number: number * number)


def work(start):
    for step in range(30):
        assert squares[(start + step) % 6] == ((start + step) % 6) ** 2


threads = [threading.Thread(target=work, args=(start,)) for start in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(squares.items))
