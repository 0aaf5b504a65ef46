# expect: silent
"""A decorator that holds the object's lock during each method."""

import functools
import threading


def synchronised(method):
    @functools.wraps(method)
    def wrapper(self, *args):
        with self.lock:
            return method(self, *args)

    return wrapper


class Inventory:
    def __init__(self):
        self.lock = threading.RLock()
        self.items = {}

    @synchronised
    def add(self, name):
        if name not in self.items:
            self.items[name] = []
        self.items[name].append(1)

    @synchronised
    def remove(self, name):
        if name in self.items:
            del self.items[name]


inventory = Inventory()


def work():
    for _ in range(20):
        inventory.add("tea")
        inventory.remove("tea")


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(inventory.items)
