# expect: RD101 Tank.level
"""`tank.level += 1` through a property: its getter and its setter, each of which is right by itself."""

import threading
import time


class Tank:
    def __init__(self):
        self._level = 0

    @property
    def level(self):
        return self._level

    @level.setter
    def level(self, value):
        self._level = value


tank = Tank()


def fill(delay):
    time.sleep(delay)
    tank.level += 1


threads = [threading.Thread(target=fill, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(tank.level)
