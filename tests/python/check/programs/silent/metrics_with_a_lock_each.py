# expect: silent
"""setdefault makes each counter once; each has a lock; the report reads them under it."""

import threading


class Counter:
    def __init__(self):
        self.lock = threading.Lock()
        self.value = 0

    def add(self):
        with self.lock:
            self.value += 1

    def read(self):
        with self.lock:
            return self.value


class Metrics:
    def __init__(self):
        self.counters = {}

    def counter(self, name):
        return self.counters.get(name) or self.counters.setdefault(name, Counter())

    def report(self):
        return {name: counter.read() for name, counter in list(self.counters.items())}


metrics = Metrics()


def handle(number):
    for step in range(20):
        metrics.counter(f"status {(number + step) % 3}").add()
        metrics.report()


threads = [threading.Thread(target=handle, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(metrics.report().values()))
