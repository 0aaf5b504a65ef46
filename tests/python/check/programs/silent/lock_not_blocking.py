# expect: silent
"""Attempts to take the lock; what could not be added at once is added later, with a time limit."""

import threading

lock = threading.Lock()
counts = {"tries": 0}


def work():
    for _ in range(50):
        if lock.acquire(blocking=False) or lock.acquire(timeout=10):
            try:
                counts["tries"] += 1
            finally:
                lock.release()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts["tries"])
