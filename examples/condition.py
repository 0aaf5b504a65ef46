"""Condition: threads that wait for a balance to suffice."""

import threading

from raddle import Condition

changed = Condition()  # with a lock of its own, which guards the balance
balance = 0


def withdraw(amount: int) -> None:
    global balance
    with changed:
        changed.wait_for(lambda: balance >= amount)  # without the lock; has it when the predicate is called
        balance -= amount


threads = [threading.Thread(target=withdraw, args=(amount,)) for amount in (10, 20, 30)]
for thread in threads:
    thread.start()
for _ in range(6):
    with changed:
        balance += 10
        changed.notify_all()
for thread in threads:
    thread.join()
assert balance == 0
print("60 paid in, 60 taken out")
