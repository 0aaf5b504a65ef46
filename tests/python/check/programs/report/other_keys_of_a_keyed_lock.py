# expect: RD101 moved
"""Different keys of a KeyedLock are different locks; the total belongs to no key."""

import threading
import time

from raddle import KeyedLock

locks = KeyedLock()
stock = {"apples": 10, "pears": 10}
moved = 0


def move(kind, delay):
    global moved
    time.sleep(delay)
    with locks(kind):
        stock[kind] -= 1
        moved += 1


threads = [
    threading.Thread(target=move, args=("apples", 0)),
    threading.Thread(target=move, args=("pears", 0.02)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(moved)
