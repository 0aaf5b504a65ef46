# expect: silent
"""The same with a dict of locks, a global and a fast path by get."""

import threading
import time

registry_lock = threading.Lock()
locks = {}


def lock_of(key):
    lock = locks.get(key)
    if lock is None:
        with registry_lock:
            lock = locks.get(key)
            if lock is None:
                lock = locks[key] = threading.Lock()
    return lock


counts = {"a": 0, "b": 0}


def work(delay):
    time.sleep(delay)
    for key in "abab":
        with lock_of(key):
            counts[key] += 1


threads = [threading.Thread(target=work, args=(delay,)) for delay in (0, 0.01, 0.01)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts)
