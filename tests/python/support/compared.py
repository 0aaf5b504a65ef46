"""Items whose comparisons do something: for tests of priority queues."""

from collections.abc import Callable
from typing import Any


class Item:
    """Ordered by its number; each comparison calls `action` first."""

    action: Callable[[], object] = staticmethod(lambda: None)

    def __init__(self, number: int) -> None:
        self.number = number

    def __lt__(self, other: "Item") -> bool:
        type(self).action()
        return self.number < other.number


def kind(action: Callable[[], object] = lambda: None) -> type[Item]:
    return type("Item", (Item,), {"action": staticmethod(action)})


def numbers(items: list[Any]) -> list[int]:
    return [item.number for item in items]
