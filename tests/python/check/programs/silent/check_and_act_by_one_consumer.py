# expect: silent
"""Only one thread takes out, so that what it has seen is still there."""

import threading
import time
from collections import deque

inbox = deque()


def produce():
    for number in range(20):
        inbox.append(number)


def consume():
    taken = 0
    while taken < 20:
        if inbox:
            inbox.popleft()
            taken += 1
        else:
            time.sleep(0.001)
    print(taken)


threads = [threading.Thread(target=consume), threading.Thread(target=produce)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
