# expect: RD101 Queue.length
"""The lock covers the read only."""

import threading
import time


class Queue:
    def __init__(self):
        self.lock = threading.Lock()
        self.length = 0

    def grow(self, delay):
        time.sleep(delay)
        with self.lock:
            length = self.length
        self.length = length + 1


queue = Queue()
threads = [threading.Thread(target=queue.grow, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(queue.length)
