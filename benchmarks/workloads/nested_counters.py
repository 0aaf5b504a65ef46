"""Dense: objects in dicts in objects, many short accesses, a lock for each group."""

import threading

from _workload import finish, in_threads, scaled


class Stats:
    def __init__(self):
        self.count = 0
        self.total = 0
        self.largest = 0


class Group:
    def __init__(self):
        self.lock = threading.Lock()
        self.by_name = {}

    def note(self, name, value):
        with self.lock:
            if name not in self.by_name:
                self.by_name[name] = Stats()
            self.by_name[name].count += 1
            self.by_name[name].total += value
            self.by_name[name].largest = max(self.by_name[name].largest, value)


class Metrics:
    def __init__(self):
        self.groups = [Group() for _ in range(8)]


NAMES = ["open", "read", "write", "close"]


def work(number, metrics, times):
    for turn in range(times):
        metrics.groups[(turn + number) & 7].note(NAMES[turn & 3], turn % 101)


metrics = Metrics()
in_threads(work, metrics, scaled(160_000))
stats = [entry for group in metrics.groups for entry in group.by_name.values()]
finish((sum(it.count for it in stats), sum(it.total for it in stats), max(it.largest for it in stats)))
