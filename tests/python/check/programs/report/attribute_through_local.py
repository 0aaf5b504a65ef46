# expect: RD101 Account.balance
"""Read, compute, write back, with other work between."""

import threading
import time


class Account:
    def __init__(self, name, balance):
        self.name = name
        self.balance = balance

    def deposit(self, amount, delay):
        time.sleep(delay)
        balance = self.balance
        fee = len(self.name) * 0
        balance += amount - fee
        self.balance = balance


account = Account("bob", 100)
threads = [threading.Thread(target=account.deposit, args=(10, delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(account.balance)
