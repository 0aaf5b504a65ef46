# expect: RD101 lines
"""The main thread adds its part before it has joined the other one."""

import threading
import time

lines = 0


def count():
    global lines
    lines += 3


thread = threading.Thread(target=count)
thread.start()
time.sleep(0.02)
lines += 1
thread.join()
print(lines)
