# expect: RD102 tasks
"""`while q: q.popleft()` by two threads that also add to it."""

import threading
import time
from collections import deque

tasks = deque()


def work(own, delay):
    time.sleep(delay)
    tasks.extend(own)
    while tasks:
        tasks.popleft()


threads = [
    threading.Thread(target=work, args=([1, 2, 3], 0)),
    threading.Thread(target=work, args=([4, 5], 0.05)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(tasks))
