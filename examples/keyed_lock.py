"""KeyedLock: one lock for each of any number of accounts, and two of them together."""

import random
import threading

from raddle import KeyedLock, lock_all

ACCOUNTS = [f"account {number}" for number in range(1000)]
balance = dict.fromkeys(ACCOUNTS, 100)
accounts: KeyedLock[str] = KeyedLock("accounts")


def transfer(seed: int) -> None:
    choose = random.Random(seed)
    for _ in range(2000):
        source, target = choose.sample(ACCOUNTS, 2)
        # Whoever transfers the other way takes the same two keys in the same order: no deadlock.
        with lock_all(accounts(source), accounts(target)):
            balance[source] -= 5
            balance[target] += 5


crew = [threading.Thread(target=transfer, args=(seed,)) for seed in range(4)]
for thread in crew:
    thread.start()
for thread in crew:
    thread.join()

assert sum(balance.values()) == 100 * len(ACCOUNTS)
assert len(accounts) == 0  # Keys that nobody has take no memory.

with accounts("account 1"):
    balance["account 1"] += 1
    assert len(accounts) == 1
print(f"{sum(balance.values())} in {len(balance)} accounts, {accounts!r}")
