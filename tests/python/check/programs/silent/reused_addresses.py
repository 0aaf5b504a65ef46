# expect: silent
"""Thousands of objects that live one after the other at the same few addresses, in all threads."""

import threading


class Point:
    __slots__ = ("x",)

    def __init__(self, x):
        self.x = x


class Box:
    def __init__(self):
        self.content = None


def work():
    for number in range(800):
        point = Point(number)
        point.x += 1
        box = Box()
        if box.content is None:
            box.content = []
        box.content.append(point)
        counts = {"n": 0}
        counts["n"] += point.x
        cells = [0]
        cells[0] += counts["n"]
        del point, box, counts, cells


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
