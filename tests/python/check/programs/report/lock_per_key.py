# expect: RD103 locks
"""Locks made on demand: two threads can get two locks for one key."""

import threading
import time

locks = {}


def locked(key, delay):
    time.sleep(delay)
    if key not in locks:
        locks[key] = threading.Lock()
    with locks[key]:
        pass


threads = [threading.Thread(target=locked, args=("file", delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(locks))
