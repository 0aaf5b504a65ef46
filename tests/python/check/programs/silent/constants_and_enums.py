# expect: silent
"""Class attributes, enums, dataclasses and functions that are only read."""

import enum
import threading
from dataclasses import dataclass, field


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


NAMES = {Colour.RED: "red", Colour.BLUE: "blue"}


@dataclass
class Shape:
    colour: Colour
    sides: int = 4
    tags: list = field(default_factory=list)
    made = 0

    def describe(self):
        self.tags.append(self.sides)
        self.sides += 1
        return f"{NAMES[self.colour]} {Shape.made} {len(self.tags)}"


def work(results):
    for colour in Colour:
        shape = Shape(colour)
        results.append(shape.describe())


results = []
threads = [threading.Thread(target=work, args=(results,)) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(set(results)))
