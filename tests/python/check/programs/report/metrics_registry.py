# expect: RD103 counters
# expect: RD101 Counter.value
"""Counters by name, made at their first use."""

import threading
import time


class Counter:
    def __init__(self):
        self.value = 0

    def add(self, amount=1):
        self.value += amount


class Metrics:
    def __init__(self):
        self.counters = {}

    def counter(self, name):
        if name not in self.counters:
            self.counters[name] = Counter()
        return self.counters[name]


metrics = Metrics()


def handle(delay):
    time.sleep(delay)
    metrics.counter("requests").add()


threads = [threading.Thread(target=handle, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(metrics.counters))
