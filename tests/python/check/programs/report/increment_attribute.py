# expect: RD101 Counter.value
"""The classic: `+=` on an attribute, by two threads that nothing orders."""

import threading
import time


class Counter:
    def __init__(self):
        self.value = 0

    def increment(self, delay):
        time.sleep(delay)
        self.value += 1


counter = Counter()
threads = [threading.Thread(target=counter.increment, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counter.value)
