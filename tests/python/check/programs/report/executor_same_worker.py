# expect: RD101 Total.sum
"""The second task starts when the first one is over, on the same worker: by luck, not by any order."""

import time
from concurrent.futures import ThreadPoolExecutor


class Total:
    def __init__(self):
        self.sum = 0

    def add(self, number):
        self.sum += number


total = Total()
with ThreadPoolExecutor(2) as pool:
    pool.submit(total.add, 1)
    time.sleep(0.03)
    pool.submit(total.add, 2)
print(total.sum)
