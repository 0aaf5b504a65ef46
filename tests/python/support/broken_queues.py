"""Queues with planted faults. What checks queues runs once with each of these, and must notice."""

from bisect import insort
from queue import Empty, Full
from typing import Any

from raddle import AtomicInt

from .delivery import STRIDE
from .threads import let_others_run


class RacyQueue:
    """Looks whether there is room or an item, lets others run, and then acts on what it saw."""

    def __init__(self, kind: str, maxsize: int) -> None:
        self._kind, self._maxsize = kind, maxsize
        self._items: tuple[Any, ...] = ()

    def put_nowait(self, item: Any) -> None:
        after = [*self._items]
        if 0 < self._maxsize <= len(after):
            raise Full
        insort(after, item) if self._kind == "PriorityQueue" else after.append(item)
        let_others_run()
        self._items = tuple(after)

    def get_nowait(self) -> Any:
        before = self._items
        if not before:
            raise Empty
        let_others_run()
        if self._kind == "LifoQueue":
            self._items = before[:-1]
            return before[-1]
        self._items = before[1:]
        return before[0]


def _faulty(cls: type[Any], title: str, fault: Any) -> type[Any]:
    """A subclass in which fault(put, item) stands for the put of one item in some hundreds."""

    class Faulty(cls):  # type: ignore[misc]
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.puts = AtomicInt()

        def put(self, item: Any, *patience: Any, **named: Any) -> None:
            def put(value: Any) -> None:
                super(Faulty, self).put(value, *patience, **named)

            if item is not None and self.puts.increment() == 300:
                fault(self, put, item)
            else:
                put(item)
                held = self.__dict__.get("held")
                if held is not None and item is not None and held // STRIDE == item // STRIDE:
                    del self.held
                    put(held)

        def put_many(self, items: Any, *patience: Any, **named: Any) -> int:
            count = 0
            for count, item in enumerate(items, 1):  # noqa: B007
                self.put(item)
            return count

    Faulty.__name__ = title
    return Faulty


def _keep(target: Any, put: Any, item: Any) -> None:
    target.held = item


def losing(cls: type[Any]) -> type[Any]:
    """Loses one item."""
    return _faulty(cls, "losing", lambda target, put, item: None)


def duplicating(cls: type[Any]) -> type[Any]:
    """Delivers one item twice."""
    return _faulty(cls, "duplicating", lambda target, put, item: (put(item), put(item)))


def reordering(cls: type[Any]) -> type[Any]:
    """Puts one item after the next one of the same producer."""
    return _faulty(cls, "reordering", _keep)
