# expect: RD101 Gauge.peak
"""`peak = max(peak, n)`: a smaller value can come out on top."""

import threading
import time


class Gauge:
    def __init__(self):
        self.peak = 0

    def note(self, value, delay):
        time.sleep(delay)
        self.peak = max(self.peak, value)


gauge = Gauge()
threads = [
    threading.Thread(target=gauge.note, args=(7, 0)),
    threading.Thread(target=gauge.note, args=(9, 0.02)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(gauge.peak)
