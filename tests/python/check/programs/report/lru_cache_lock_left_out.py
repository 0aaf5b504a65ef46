# expect: RD102 items
"""The hit is looked for without the lock that throws the oldest out."""

import threading
import time


class LRU:
    def __init__(self, size):
        self.lock = threading.Lock()
        self.size = size
        self.items = {}

    def get(self, key):
        if key in self.items:
            return self.items[key]
        return None

    def put(self, key, value):
        with self.lock:
            self.items[key] = value
            if len(self.items) > self.size:
                del self.items[next(iter(self.items))]


cache = LRU(2)
cache.put("a", 1)
cache.put("b", 2)


def read():
    cache.get("a")


def write():
    time.sleep(0.02)
    cache.put("c", 3)


threads = [threading.Thread(target=read), threading.Thread(target=write)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(list(cache.items))
