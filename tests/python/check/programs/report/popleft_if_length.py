# expect: RD102 waiting
"""`len(q) > 0` before `q.popleft()`."""

import threading
import time
from collections import deque

waiting = deque(["ann", "bob", "eve"])


def serve(delay):
    time.sleep(delay)
    if len(waiting) > 0:
        waiting.popleft()


threads = [threading.Thread(target=serve, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(list(waiting))
