# expect: RD101 window
"""A deque orders what is appended and taken out; changing an element in place is neither."""

import threading
import time
from collections import deque

window = deque([0, 0, 0], maxlen=3)


def bump(delay):
    time.sleep(delay)
    window[-1] += 1


threads = [threading.Thread(target=bump, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(list(window))
