# expect: RD101 size
"""The update is in a base class's method, the object is of a derived class that locks something else."""

import threading
import time


class Store:
    def __init__(self):
        self.size = 0

    def add(self, item):
        self.size += len(item)


class LoudStore(Store):
    def add(self, item):
        time.sleep(0.02 if item == "late" else 0)
        super().add(item)


store = LoudStore()
threads = [threading.Thread(target=store.add, args=(item,)) for item in ("soon", "late")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(store.size)
