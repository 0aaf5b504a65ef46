# expect: RD101 Account.balance
"""A transfer locks its source only; the one in the other direction locks the other account."""

import threading
import time


class Account:
    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()
        self.balance = 100


def transfer(source, target, amount, delay):
    time.sleep(delay)
    with source.lock:
        source.balance -= amount
        target.balance += amount


ann, bob = Account("ann"), Account("bob")
threads = [
    threading.Thread(target=transfer, args=(ann, bob, 10, 0)),
    threading.Thread(target=transfer, args=(bob, ann, 20, 0.02)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(ann.balance, bob.balance)
