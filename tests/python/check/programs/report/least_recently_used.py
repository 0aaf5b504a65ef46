# expect: RD102 entries
"""A lookup checks and reads, while another thread throws out the oldest entry of an OrderedDict."""

import threading
import time
from collections import OrderedDict


class Cache:
    def __init__(self):
        self.entries = OrderedDict(a=1, b=2)

    def get(self, key):
        if key in self.entries:
            return self.entries[key]
        return None

    def shrink(self):
        time.sleep(0.05)
        del self.entries["a"]


cache = Cache()
threads = [threading.Thread(target=cache.get, args=("a",)), threading.Thread(target=cache.shrink)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(list(cache.entries))
