# expect: silent
"""raddle's lock_all: a transfer takes both locks, in whatever order they are given."""

import raddle


class Account:
    def __init__(self):
        self.lock = raddle.Lock()
        self.balance = 100


accounts = [Account(), Account()]


def transfer(source, target):
    for _ in range(20):
        with raddle.lock_all(source.lock, target.lock):
            source.balance -= 1
            target.balance += 1


threads = [
    raddle.Thread(target=transfer, args=accounts),
    raddle.Thread(target=transfer, args=accounts[::-1]),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print([account.balance for account in accounts])
