# expect: RD202 lines
"""Two threads advance one iterator of a dict."""

import threading
import time

lines = iter({"a": 1, "b": 2, "c": 3})


def take(delay):
    time.sleep(delay)
    return next(lines)


threads = [threading.Thread(target=take, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(next(lines))
