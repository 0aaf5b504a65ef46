# expect: RD101 Meter.reading
"""A new lock in each call keeps nobody out."""

import threading
import time


class Meter:
    def __init__(self):
        self.reading = 0

    def add(self, amount, delay):
        time.sleep(delay)
        with threading.Lock():
            self.reading += amount


meter = Meter()
threads = [threading.Thread(target=meter.add, args=(3, delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(meter.reading)
