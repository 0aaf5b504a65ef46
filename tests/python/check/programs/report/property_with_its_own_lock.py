# expect: RD101 Tank.level
"""Getter and setter take the lock, each for itself: it is free between them."""

import threading
import time


class Tank:
    def __init__(self):
        self.lock = threading.Lock()
        self._level = 0

    @property
    def level(self):
        with self.lock:
            return self._level

    @level.setter
    def level(self, value):
        with self.lock:
            self._level = value


tank = Tank()


def fill(delay):
    time.sleep(delay)
    tank.level = max(tank.level, 1) + 1


threads = [threading.Thread(target=fill, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(tank.level)
