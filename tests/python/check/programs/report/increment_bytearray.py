# expect: RD101 page
"""A byte of a bytearray."""

import threading
import time

page = bytearray(8)


def mark(delay):
    time.sleep(delay)
    page[3] += 1


threads = [threading.Thread(target=mark, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(page[3])
