# expect: silent
"""Counters are changed under the lock and read for display without it, by main in its own time."""

import threading
import time

lock = threading.Lock()
handled = 0


def work(delay):
    global handled
    time.sleep(delay)
    with lock:
        handled += 1


threads = [threading.Thread(target=work, args=(delay,)) for delay in (0, 0.01)]
for thread in threads:
    thread.start()
texts = []
for _ in range(5):
    texts.append(f"{handled} handled")
    time.sleep(0.002)
for thread in threads:
    thread.join()
print(len(texts), handled)
