"""Lock: two accounts change together; who takes the locks in the wrong order is told, and nobody hangs."""

import threading

from raddle import DeadlockError, Lock, Thread

ROUNDS = 1000


class Account:
    def __init__(self, owner: str) -> None:
        self.lock = Lock(name=owner)
        self.balance = ROUNDS


ada, grace = Account("ada"), Account("grace")
both_have_one = threading.Barrier(2)


def pay(source: Account, target: Account) -> None:
    # Always in the same order:
    first, second = sorted((source, target), key=lambda account: str(account.lock.name))
    for _ in range(ROUNDS):
        with first.lock, second.lock:
            source.balance -= 1
            target.balance += 1


def pay_carelessly(source: Account, target: Account) -> None:
    try:
        with source.lock:
            both_have_one.wait()
            with target.lock:
                pass
    except DeadlockError as error:
        print(f"{len(error.cycle)} threads would wait for ever; this one gives way")


for function in (pay, pay_carelessly):
    threads = [Thread(target=function, args=accounts) for accounts in ((ada, grace), (grace, ada))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
assert (ada.balance, grace.balance) == (ROUNDS, ROUNDS)
