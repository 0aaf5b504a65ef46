# expect: RD101 total
"""Both threads lock, but not the same lock."""

import threading
import time

total = 0
read_lock = threading.Lock()
write_lock = threading.Lock()


def deposit():
    global total
    with write_lock:
        total += 10


def withdraw():
    global total
    time.sleep(0.02)
    with read_lock:
        total -= 10


threads = [threading.Thread(target=deposit), threading.Thread(target=withdraw)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
