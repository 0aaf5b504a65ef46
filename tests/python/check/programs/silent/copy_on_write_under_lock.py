# expect: silent
"""Writers copy and replace under a lock, readers iterate what they find."""

import threading


class Listeners:
    def __init__(self):
        self.lock = threading.Lock()
        self.all = []

    def add(self, listener):
        with self.lock:
            self.all = [*self.all, listener]

    def remove(self, listener):
        with self.lock:
            if listener in self.all:
                self.all = [other for other in self.all if other != listener]

    def call(self, text):
        return [listener + text for listener in self.all]


listeners = Listeners()


def change(name):
    for number in range(20):
        listeners.add(name + str(number))
        if number % 2:
            listeners.remove(name + str(number))


def call():
    for _ in range(20):
        listeners.call("!")


threads = [
    threading.Thread(target=change, args=("a",)),
    threading.Thread(target=call),
    threading.Thread(target=change, args=("b",)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(listeners.all))
