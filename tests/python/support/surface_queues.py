"""The rows of the queues in the table of public methods."""

from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, Full
from typing import Any

from raddle import LifoQueue, PriorityQueue, Queue, ShutDown, SimpleQueue

from .rows import BIG, EXTRA, NO_SIGNATURE, NONE, PLAIN, Arguments, FreshRow, Offer, Opaque, Row, Token

ITEMS = (BIG + 1, BIG, BIG + 2)  # Each an object of its own, and in no order.
BLOCK_TIMEOUT = "block=True, timeout=None)"
# What queues have besides methods: the values, and the names that only say what to use instead.
ATTRIBUTES = frozenset({"maxsize", "unfinished_tasks", "is_shutdown"})
REFUSED = frozenset({"queue", "mutex", "not_empty", "not_full", "all_tasks_done"})


class Unready:
    """An iterable that raises when it is asked for the first item."""

    def __iter__(self) -> Iterator[Any]:
        return self  # type: ignore[return-value]

    def __next__(self) -> Any:
        raise ZeroDivisionError


@dataclass(frozen=True)
class QueueRow(FreshRow):
    """A method of a queue that holds ITEMS and has room for a few more."""

    raises: tuple[type[Exception], ...] = (TypeError, ValueError, ZeroDivisionError, Empty, Full, ShutDown)
    items: tuple[Any, ...] = ITEMS

    def make(self) -> Any:
        target = self.cls() if self.cls is SimpleQueue else self.cls(8)
        for item in self.items:
            target.put(item)
        return target

    def state(self, target: Any) -> str:
        """What can be seen of the queue; takes everything out of it."""
        seen = [getattr(target, name) for name in sorted(ATTRIBUTES) if hasattr(target, name)]
        return f"{seen} {target.drain()}"


def _rows_of(cls: type[Any]) -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA, **more: Any) -> Row:
        return QueueRow(cls, name, signature, good, bad, **more)

    not_timeouts: tuple[Arguments, ...] = ((True, "1"), (True, -1), (True, float("nan")), (True, 1j))
    patience: tuple[Arguments, ...] = (
        (),
        (True,),
        (False,),
        (True, None),
        (True, 0.5),
        (1, 7),
        (0, "ignored"),
    )
    # Unbounded, it has no use for block and timeout.
    not_puts = ((), (1, 2, 3, 4)) if cls is SimpleQueue else tuple((BIG, *bad) for bad in not_timeouts)
    item = BIG if cls is PriorityQueue else Token()

    yield row("put", f"(self, /, item, {BLOCK_TIMEOUT}", [(item, *rest) for rest in patience], not_puts)
    yield row("put_nowait", "(self, /, item)", [(item,)], [(), (1, 2)])
    yield row("get", f"(self, /, {BLOCK_TIMEOUT}", patience, not_timeouts, loses=False)
    yield row("get_nowait", NONE, loses=False)
    many = [([item],), ((item, BIG),), ([],), ([BIG] * 5, False), (iter(()),), ({BIG: 1}, True, 0.5)]
    not_many = [(), (None,), (5,), ([1], True, -1), ([1], Opaque()), (Unready(),)]
    yield row("put_many", f"(self, /, iterable, {BLOCK_TIMEOUT}", many, not_many)
    some: list[Arguments] = [(0,), (1,), (2,), (3,), (BIG,), (2**70, False), (2, True, 0.5)]
    not_some: list[Arguments] = [(), (-1,), (1.5,), ("1",), (None,), (1, True, -1), (1, Opaque())]
    yield row("get_many", f"(self, /, max_items, {BLOCK_TIMEOUT}", some, not_some, loses=False)
    yield row("drain", NONE, loses=False)
    for name in ("qsize", "empty", "__repr__"):
        yield row(name, NONE)
    yield row("__class_getitem__", NO_SIGNATURE, [(int,), ((int, str),)], ())
    yield row("__reduce__", NONE, (), PLAIN)
    if cls is SimpleQueue:
        return
    yield row("full", NONE)
    yield row("task_done", NONE)
    yield row("join", NONE, items=())
    yield row("shutdown", "(self, /, immediate=False)", [(), (False,), (True,)], [(Opaque(),), (1, 2)])
    yield row("__iter__", NONE)
    yield row("__next__", NONE, loses=False)


QUEUE_OFFERS = (
    *(
        Offer(cls, "(maxsize=0)", _rows_of, attributes=ATTRIBUTES | REFUSED)
        for cls in (Queue, LifoQueue, PriorityQueue)
    ),
    Offer(SimpleQueue, "()", _rows_of, ((),)),
)
QUEUES: tuple[type[Any], ...] = tuple(offer.cls for offer in QUEUE_OFFERS)
