# expect: silent
"""A transfer takes the locks of both accounts."""

import threading


class Account:
    def __init__(self, number):
        self.number = number
        self.lock = threading.Lock()
        self.balance = 100


def transfer(source, target, amount):
    first, second = sorted((source, target), key=lambda account: account.number)
    with first.lock, second.lock:
        if source.balance >= amount:
            source.balance -= amount
            target.balance += amount


accounts = [Account(number) for number in range(3)]


def work(offset):
    for turn in range(30):
        transfer(accounts[(turn + offset) % 3], accounts[turn % 3 - 1], 7)


threads = [threading.Thread(target=work, args=(offset,)) for offset in (0, 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(account.balance for account in accounts))
