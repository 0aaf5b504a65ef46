# expect: RD102 inbox
"""`q[0]` after `if q`, while another thread takes from it."""

import threading
import time
from collections import deque

inbox = deque(["letter"])


def peek():
    if inbox:
        print(inbox[0])


def empty():
    time.sleep(0.05)
    inbox.popleft()


threads = [threading.Thread(target=peek), threading.Thread(target=empty)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
