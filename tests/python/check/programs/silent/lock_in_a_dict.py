# expect: silent
"""One lock for each account, all made before the threads start."""

import threading

balances = {"ann": 0, "bob": 0}
locks = {name: threading.Lock() for name in balances}


def deposit(name):
    for _ in range(30):
        with locks[name]:
            balances[name] += 1


threads = [threading.Thread(target=deposit, args=(name,)) for name in ("ann", "bob", "ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(balances)
