# expect: silent
"""A shared generator that is advanced under a lock, and one that goes from thread to thread."""

import queue
import threading


def count():
    number = 0
    while True:
        yield number
        number += 1


class Locked:
    def __init__(self, iterator):
        self.iterator = iterator
        self.lock = threading.Lock()

    def __iter__(self):
        return self

    def __next__(self):
        with self.lock:
            return next(self.iterator)


numbers = Locked(count())
baton = queue.Queue()
baton.put(count())


def work():
    for _ in range(20):
        next(numbers)
        mine = baton.get()
        next(mine)
        baton.put(mine)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(next(numbers), next(baton.get()))
