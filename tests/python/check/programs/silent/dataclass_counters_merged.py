# expect: silent
"""Each thread counts in a dataclass of its own; they are added up after the join."""

import threading
from dataclasses import dataclass, field


@dataclass
class Stats:
    requests: int = 0
    errors: int = 0
    by_path: dict = field(default_factory=dict)

    def add(self, other):
        self.requests += other.requests
        self.errors += other.errors
        for path, count in other.by_path.items():
            self.by_path[path] = self.by_path.get(path, 0) + count


class Worker(threading.Thread):
    def __init__(self, number):
        super().__init__()
        self.number = number
        self.stats = Stats()

    def run(self):
        for step in range(20):
            self.stats.requests += 1
            path = f"/{step % 3}"
            self.stats.by_path[path] = self.stats.by_path.get(path, 0) + 1
            if step % 5 == self.number:
                self.stats.errors += 1


threads = [Worker(number) for number in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
total = Stats()
for thread in threads:
    total.add(thread.stats)
print(total)
