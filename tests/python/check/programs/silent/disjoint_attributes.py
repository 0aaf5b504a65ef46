# expect: silent
"""Two threads on one object, each with its own attribute, and on two objects of one class."""

import threading


class Stats:
    __slots__ = ("read", "written")

    def __init__(self):
        self.read = 0
        self.written = 0


shared = Stats()


def read():
    own = Stats()
    for _ in range(40):
        shared.read += 1
        own.read += 1
        own.written += 1


def write():
    own = Stats()
    for _ in range(40):
        shared.written += 1
        own.read += 1
        own.written += 1


threads = [threading.Thread(target=read), threading.Thread(target=write)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(shared.read, shared.written)
