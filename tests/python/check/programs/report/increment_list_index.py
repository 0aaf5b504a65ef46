# expect: RD101 histogram
"""Cells of a list, the same cell by both threads."""

import threading
import time

histogram = [0] * 4


def fill(samples, delay):
    time.sleep(delay)
    for sample in samples:
        histogram[sample % 4] += 1


threads = [
    threading.Thread(target=fill, args=([1, 2], 0)),
    threading.Thread(target=fill, args=([5, 7], 0.02)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(histogram)
