# expect: silent
"""A finding that somebody has looked at and explained."""

import threading
import time

hits = 0


def hit(delay):
    global hits
    time.sleep(delay)
    hits += 1  # raddle: ignore[RD101] an estimate is enough


threads = [threading.Thread(target=hit, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(hits)
