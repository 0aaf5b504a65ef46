# expect: RD101 Stats.hits
"""A field of a dataclass; its __init__ is made by exec."""

import threading
import time
from dataclasses import dataclass


@dataclass
class Stats:
    hits: int = 0
    misses: int = 0

    def hit(self, delay):
        time.sleep(delay)
        self.hits += 1


stats = Stats()
threads = [threading.Thread(target=stats.hit, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(stats)
