# expect: RD104 names
"""`",".join(s)` iterates in C."""

import threading
import time

names = {"ann", "bob"}


def render():
    return ",".join(names)


def add():
    time.sleep(0.05)
    names.add("eve")


threads = [threading.Thread(target=render), threading.Thread(target=add)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(names))
