# expect: RD104 clients
"""A comprehension over a dict in an attribute, while a method adds to it."""

import threading
import time


class Hub:
    def __init__(self):
        self.clients = {1: "ann"}

    def names(self):
        return {name.upper() for name in self.clients.values()}

    def connect(self, number, name):
        time.sleep(0.05)
        self.clients[number] = name


hub = Hub()
threads = [threading.Thread(target=hub.names), threading.Thread(target=hub.connect, args=(2, "bob"))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(hub.names()))
