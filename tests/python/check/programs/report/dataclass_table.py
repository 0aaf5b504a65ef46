# expect: RD101 by_status
"""A dataclass with a table: each thread counts with get() and 1."""

import threading
import time
from dataclasses import dataclass, field


@dataclass
class Stats:
    name: str
    by_status: dict = field(default_factory=dict)

    def count(self, status):
        self.by_status[status] = self.by_status.get(status, 0) + 1


stats = Stats("web")


def handle(delay):
    time.sleep(delay)
    stats.count(200)


threads = [threading.Thread(target=handle, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(stats)
