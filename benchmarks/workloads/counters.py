"""Dense: all threads count in one object under one lock."""

import threading

from _workload import finish, in_threads, scaled


class Counter:
    def __init__(self):
        self.lock = threading.Lock()
        self.value = 0
        self.calls = 0

    def add(self, amount):
        with self.lock:
            self.value += amount
            self.calls += 1


def work(number, counter, times):
    for turn in range(times):
        counter.add(turn & 7)


counter = Counter()
in_threads(work, counter, scaled(400_000))
finish((counter.value, counter.calls))
