"""RWLock: a table that many threads read and few change."""

import threading

from raddle import RWLock, pin

lock = pin(RWLock("prices"))  # pinned by its creator: lives as long as the program
prices = {"warp": 1, "weft": 1}
missing = ["heddle", "shuttle", "heddle"]


def read() -> None:
    for _ in range(10_000):
        with lock.read:  # beside other readers
            assert prices["warp"] == prices["weft"]


def write() -> None:
    for _ in range(100):
        with lock.write:  # alone
            prices["warp"] += 1
            prices["weft"] += 1


def fill_in(name: str) -> None:
    with lock.upgradable_lock() as u:  # beside readers, but nobody else writes
        if name not in prices:
            u.upgrade()  # alone: nothing was changed since
            prices[name] = len(prices)


threads = [threading.Thread(target=read) for _ in range(3)]
threads += [
    threading.Thread(target=write),
    *(threading.Thread(target=fill_in, args=(name,)) for name in missing),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

with lock.write_lock(timeout=1.0):
    prices["warp"] += 1
    lock.downgrade()  # from here on beside readers; no other thread has written in between
    assert prices == {"warp": 102, "weft": 101, "heddle": 2, "shuttle": 3} or prices["shuttle"] == 2
print(f"{len(prices)} prices")
