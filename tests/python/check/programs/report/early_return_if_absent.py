# expect: RD102 entries
"""A guard that returns early guards what comes after it."""

import threading
import time


class Cache:
    def __init__(self):
        self.entries = {"a": "A", "b": "B"}

    def take(self, key):
        if key not in self.entries:
            return None
        return self.entries.pop(key)

    def expire(self):
        time.sleep(0.05)
        self.entries.clear()


cache = Cache()
threads = [threading.Thread(target=cache.take, args=("a",)), threading.Thread(target=cache.expire)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(cache.entries)
