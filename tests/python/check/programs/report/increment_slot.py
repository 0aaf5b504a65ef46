# expect: RD101 Point.x
"""`x = x + 1` on a slot."""

import threading
import time


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


def move(point, delay):
    time.sleep(delay)
    point.x = point.x + 1


point = Point(3, 4)
threads = [threading.Thread(target=move, args=(point, delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(point.x, point.y)
