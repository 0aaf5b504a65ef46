"""Semaphore and BoundedSemaphore: no more than three downloads at once, whatever the number of threads."""

import threading
import time

from raddle import AtomicInt, BoundedSemaphore, Semaphore

slots = BoundedSemaphore(3, name="downloads")
finished = Semaphore(0)  # a permit for each that is done
running, most = AtomicInt(), AtomicInt()


def download() -> None:
    with slots:
        most.max(running.increment())
        time.sleep(0.002)
        running.decrement()
    finished.release()


for _ in range(12):
    threading.Thread(target=download).start()
for _ in range(12):
    finished.acquire()
assert 1 <= most <= 3
print(f"12 downloads done, {most.get()} at once")
