# expect: silent
"""Methods that call each other under one RLock."""

import threading


class Account:
    def __init__(self):
        self.lock = threading.RLock()
        self.balance = 0

    def deposit(self, amount):
        with self.lock:
            self.balance += amount

    def deposit_twice(self, amount):
        with self.lock:
            before = self.balance
            self.deposit(amount)
            self.deposit(amount)
            self.balance = max(self.balance, before)


account = Account()


def work():
    for _ in range(30):
        account.deposit_twice(1)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(account.balance)
