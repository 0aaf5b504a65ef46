# expect: silent
"""Writers make another table under a lock; readers take one table and stay with it."""

import threading
import types


class Config:
    def __init__(self, **values):
        self.lock = threading.Lock()
        self.values = types.MappingProxyType(values)
        self.version = 0

    def change(self, **values):
        with self.lock:
            self.values = types.MappingProxyType({**self.values, **values})
            self.version += 1

    def read(self):
        values = self.values
        return values["low"], values["high"]


config = Config(low=0, high=1)


def write(start):
    for number in range(start, start + 20):
        config.change(low=number, high=number + 1)


def read():
    for _ in range(30):
        low, high = config.read()
        assert high == low + 1


threads = [threading.Thread(target=write, args=(start,)) for start in (0, 100)]
threads.append(threading.Thread(target=read))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(config.version)
