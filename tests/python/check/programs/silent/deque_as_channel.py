# expect: silent
"""append on the one side, popleft on the other: each object goes from thread to thread."""

import threading
import time
from collections import deque

channel = deque()


def produce():
    for number in range(20):
        channel.append({"number": number, "steps": 1})


def consume():
    left, total = 20, 0
    while left:
        try:
            item = channel.popleft()
        except IndexError:
            time.sleep(0.001)
            continue
        item["steps"] += 1
        total += item["number"] * item["steps"]
        left -= 1
    print(total)


threads = [threading.Thread(target=consume), threading.Thread(target=produce)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
