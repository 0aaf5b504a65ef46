# expect: silent
"""submit, run, result: one after the other."""

from concurrent.futures import ThreadPoolExecutor


class Budget:
    def __init__(self):
        self.spent = 0

    def spend(self, amount):
        self.spent += amount
        return self


budget = Budget()
with ThreadPoolExecutor(3) as pool:
    for amount in range(5):
        budget.spend(1)
        pool.submit(budget.spend, amount).result().spend(1)
print(budget.spent)
