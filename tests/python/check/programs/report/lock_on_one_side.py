# expect: RD101 Counter.value
"""One thread takes the lock, the other one forgot."""

import threading
import time


class Counter:
    def __init__(self):
        self.lock = threading.Lock()
        self.value = 0

    def increment(self):
        with self.lock:
            self.value += 1

    def quick_increment(self):
        time.sleep(0.02)
        self.value += 1


counter = Counter()
threads = [threading.Thread(target=counter.increment), threading.Thread(target=counter.quick_increment)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counter.value)
