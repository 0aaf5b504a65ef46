# expect: RD103 cache
"""A variable of the enclosing function that the first call fills."""

import threading
import time


def make_loader():
    cache = None

    def load(delay):
        nonlocal cache
        time.sleep(delay)
        if cache is None:
            cache = {"loaded": True}
        return cache

    return load


load = make_loader()
threads = [threading.Thread(target=load, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(load(0))
