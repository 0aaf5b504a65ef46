# expect: RD101 Budget.spent
"""The result of the future is asked for only after the main thread has gone on."""

import time
from concurrent.futures import ThreadPoolExecutor


class Budget:
    def __init__(self):
        self.spent = 0

    def spend(self, amount):
        self.spent += amount


budget = Budget()
with ThreadPoolExecutor(2) as pool:
    future = pool.submit(budget.spend, 5)
    time.sleep(0.02)
    budget.spend(1)
    future.result()
print(budget.spent)
