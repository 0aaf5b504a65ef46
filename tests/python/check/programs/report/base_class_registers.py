# expect: RD105 Circle.radius
"""The base class's __init__ publishes the object, the derived class's comes after it."""

import threading
import time

shapes = []


class Shape:
    def __init__(self):
        shapes.append(self)


class Circle(Shape):
    def __init__(self, radius):
        super().__init__()
        self.radius = radius


def draw():
    time.sleep(0.03)
    print(shapes[0].radius)


thread = threading.Thread(target=draw)
thread.start()
Circle(3)
thread.join()
