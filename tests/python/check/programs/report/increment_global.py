# expect: RD101 total
"""A global by `+=`."""

import threading
import time

total = 0


def add(amount, delay):
    global total
    time.sleep(delay)
    total += amount


threads = [threading.Thread(target=add, args=(5, delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
