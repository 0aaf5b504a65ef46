# expect: RD104 recent
"""A deque refuses to be iterated when anything was appended meanwhile."""

import threading
import time
from collections import deque

recent = deque([1, 2, 3])


def mean():
    count = total = 0
    for value in recent:
        total += value
        count += 1
    return total / count


def push():
    time.sleep(0.05)
    recent.append(4)


threads = [threading.Thread(target=mean), threading.Thread(target=push)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(recent))
