"""A buffer written by hand around a condition, two producers and two consumers."""

import threading

from _workload import finish, in_threads, scaled


class Buffer:
    def __init__(self, size):
        self.changed = threading.Condition()
        self.cells = [None] * size
        self.start = 0
        self.count = 0

    def put(self, item):
        with self.changed:
            while self.count == len(self.cells):
                self.changed.wait()
            self.cells[(self.start + self.count) % len(self.cells)] = item
            self.count += 1
            self.changed.notify()

    def get(self):
        with self.changed:
            while self.count == 0:
                self.changed.wait()
            item = self.cells[self.start]
            self.start = (self.start + 1) % len(self.cells)
            self.count -= 1
            self.changed.notify()
            return item


def work(number, buffers, times, sums):
    buffer = buffers[number // 2]
    if number % 2:
        for value in range(times):
            buffer.put(value)
    else:
        for _ in range(times):
            sums[number] += buffer.get()


buffers, sums = [Buffer(64), Buffer(64)], [0] * 4
in_threads(work, buffers, scaled(90_000), sums)
finish(sum(sums))
