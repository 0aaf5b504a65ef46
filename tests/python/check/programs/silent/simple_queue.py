# expect: silent
"""The same by SimpleQueue, in two steps."""

import threading
from queue import SimpleQueue

first, second = SimpleQueue(), SimpleQueue()


def produce():
    for number in range(20):
        first.put([number])
    first.put(None)


def double():
    while (item := first.get()) is not None:
        item[0] *= 2
        second.put(item)
    second.put(None)


def collect(results):
    while (item := second.get()) is not None:
        item[0] += 1
        results.append(item[0])


results = []
threads = [
    threading.Thread(target=collect, args=(results,)),
    threading.Thread(target=double),
    threading.Thread(target=produce),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(results))
