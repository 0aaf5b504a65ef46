# expect: silent
"""A bounded buffer written by hand around a condition."""

import threading


class Buffer:
    def __init__(self, size):
        self.changed = threading.Condition()
        self.size = size
        self.items = []

    def put(self, item):
        with self.changed:
            while len(self.items) >= self.size:
                self.changed.wait()
            self.items.append(item)
            self.changed.notify_all()

    def get(self):
        with self.changed:
            while not self.items:
                self.changed.wait()
            item = self.items.pop(0)
            self.changed.notify_all()
            return item


buffer = Buffer(3)
results = []


def produce():
    for number in range(40):
        buffer.put({"number": number})
    buffer.put(None)


def consume():
    while (item := buffer.get()) is not None:
        item["number"] += 1
        results.append(item["number"])


threads = [threading.Thread(target=produce), threading.Thread(target=consume)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(results))
