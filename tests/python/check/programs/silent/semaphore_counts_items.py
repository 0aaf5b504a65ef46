# expect: silent
"""A semaphore of none that the producer releases for each item."""

import threading

items_there = threading.Semaphore(0)
cells = [None] * 20


def produce():
    for number in range(20):
        cells[number] = [number]
        items_there.release()


def consume():
    for number in range(20):
        items_there.acquire()
        cells[number].append(0)
        cells[number] = len(cells[number])


threads = [threading.Thread(target=consume), threading.Thread(target=produce)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(cells))
