# expect: RD101 Clock.ticks
"""A Timer's function and the main thread."""

import threading
import time


class Clock:
    def __init__(self):
        self.ticks = 0

    def tick(self):
        self.ticks += 1


clock = Clock()
timer = threading.Timer(0.005, clock.tick)
timer.start()
time.sleep(0.03)
clock.tick()
timer.join()
print(clock.ticks)
