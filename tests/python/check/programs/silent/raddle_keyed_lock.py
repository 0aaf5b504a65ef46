# expect: silent
"""raddle's KeyedLock: one lock for each key, made and forgotten as needed."""

import raddle

locks = raddle.KeyedLock()
balances = dict.fromkeys(range(4), 0)


def work():
    for turn in range(40):
        key = turn % 4
        with locks(key):
            balances[key] += 1
        locks.acquire(str(key))
        locks.release(str(key))


threads = [raddle.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(balances)
