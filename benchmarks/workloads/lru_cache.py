"""Dense: a cache that throws out what was not used for longest, under a lock."""

import threading
from collections import OrderedDict

from _workload import finish, in_threads, scaled


class Cache:
    def __init__(self, size):
        self.lock = threading.Lock()
        self.entries = OrderedDict()
        self.size = size
        self.hits = 0
        self.misses = 0

    def get(self, key):
        with self.lock:
            if key in self.entries:
                self.hits += 1
                self.entries.move_to_end(key)
                return self.entries[key]
            self.misses += 1
            value = self.entries[key] = key * key
            if len(self.entries) > self.size:
                self.entries.popitem(last=False)
            return value


def work(number, cache, times, sums):
    total, state = 0, number + 1
    for _ in range(times):
        state = state * 1103515245 + 12345 & 0x7FFFFFFF
        total += cache.get((state >> 8) % 997 % (1 + (state >> 20) % 600))
    sums[number] = total


cache, sums, times = Cache(200), [0] * 4, scaled(160_000)
in_threads(work, cache, times, sums)
finish((sums, cache.hits + cache.misses))
