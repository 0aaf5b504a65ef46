# expect: silent
"""A semaphore of one is a mutex."""

import threading

semaphore = threading.Semaphore(1)
bounded = threading.BoundedSemaphore(1)
counts = [0, 0]


def work():
    for _ in range(30):
        with semaphore:
            counts[0] += 1
        bounded.acquire()
        counts[1] += 1
        bounded.release()


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts)
