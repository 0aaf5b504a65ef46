# expect: RD101 Thermostat._target
"""A property's setter updates the field behind it from its old value."""

import threading
import time


class Thermostat:
    def __init__(self):
        self._target = 20.0

    @property
    def target(self):
        return self._target

    @target.setter
    def target(self, value):
        self._target = (self._target + value) / 2  # smooth


thermostat = Thermostat()


def turn(value, delay):
    time.sleep(delay)
    thermostat.target = value


threads = [threading.Thread(target=turn, args=(20.0, delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(thermostat.target)
