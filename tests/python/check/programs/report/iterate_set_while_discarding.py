# expect: RD104 members
"""A `for` over a set, and another thread that takes a member out."""

import threading
import time

members = {"ann", "bob", "eve"}


def greet():
    for name in members:
        len(name)


def leave(name):
    time.sleep(0.05)
    members.discard(name)


threads = [threading.Thread(target=greet), threading.Thread(target=leave, args=("bob",))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(members))
