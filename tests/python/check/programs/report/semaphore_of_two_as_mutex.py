# expect: RD101 Site.visitors
"""A semaphore of two lets two threads in: it limits, it does not exclude."""

import threading
import time


class Site:
    def __init__(self):
        self.slots = threading.Semaphore(2)
        self.visitors = 0

    def visit(self, delay):
        time.sleep(delay)
        with self.slots:
            self.visitors += 1


site = Site()
threads = [threading.Thread(target=site.visit, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(site.visitors)
