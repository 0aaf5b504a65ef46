# expect: silent
"""No check before: who comes too late gets an exception or a default."""

import threading
import time
from collections import deque

tasks, sessions, names = deque(range(30)), dict.fromkeys(range(30), "x"), set(range(30))


def work(delay):
    time.sleep(delay)
    while True:
        try:
            task = tasks.popleft()
        except IndexError:
            return
        sessions.pop(task, None)
        sessions.pop(29 - task, None)
        names.discard(task)
        time.sleep(0.0002)


threads = [threading.Thread(target=work, args=(delay,)) for delay in (0, 0, 0.002)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(tasks), len(sessions), len(names))
