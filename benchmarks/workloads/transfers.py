"""Dense: money goes between accounts, each with a lock of its own, taken in order."""

import random
import threading

from _workload import finish, in_threads, scaled


class Account:
    def __init__(self, number, balance):
        self.number = number
        self.balance = balance
        self.moves = 0
        self.lock = threading.Lock()


def transfer(source, target, amount):
    first, second = (source, target) if source.number < target.number else (target, source)
    with first.lock, second.lock:
        if source.balance >= amount:
            source.balance -= amount
            target.balance += amount
        source.moves += 1
        target.moves += 1


def work(number, accounts, times):
    choose = random.Random(number)
    count = len(accounts)
    for _ in range(times):
        one = int(choose.random() * count)
        other = (one + 1 + int(choose.random() * (count - 1))) % count
        transfer(accounts[one], accounts[other], one % 17)


accounts = [Account(number, 1000) for number in range(64)]
in_threads(work, accounts, scaled(130_000))
finish((sum(account.balance for account in accounts), sum(account.moves for account in accounts)))
