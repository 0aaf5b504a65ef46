# expect: RD102 jobs
"""The check holds the lock and the act holds the lock, but it was free between them."""

import threading
import time

lock = threading.Lock()
jobs = {"a": 1, "b": 2}


def cancel(key, delay):
    time.sleep(delay)
    with lock:
        known = key in jobs
    if known:
        with lock:
            jobs.pop(key)


def cancel_all():
    time.sleep(0.05)
    with lock:
        jobs.clear()


threads = [threading.Thread(target=cancel, args=("a", 0)), threading.Thread(target=cancel_all)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(jobs)
