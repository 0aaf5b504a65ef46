"""References on items and exceptions balance, whatever becomes of a call."""

import gc
import sys
import tracemalloc
from collections.abc import Callable
from queue import Empty, Full
from typing import Any

import pytest
from raddle import LifoQueue, PriorityQueue, Queue, ShutDown
from support.awkward import Converts, raiser
from support.knobs import scaled
from support.surface_queues import QUEUES

pytestmark = pytest.mark.usefixtures("_small_heap")
TIMES = scaled(400)
TOLERATED = TIMES // 4  # Blocks that come and go with the interpreter's own caches.
BOUNDED = [Queue, LifoQueue, PriorityQueue]


class Item:
    """Any two are ordered."""

    def __lt__(self, other: object) -> bool:
        return id(self) < id(other)


class Failing:
    def __lt__(self, other: object) -> bool:
        raise ZeroDivisionError


def full(cls: Any) -> Any:
    target = cls(2)
    target.put_many([1, 2])
    return target


def closed(cls: Any) -> Any:
    target = cls()
    target.shutdown()
    return target


def refuses(error: type[Exception], call: Callable[[], object]) -> None:
    with pytest.raises(error):
        call()


def broken(item: Any) -> Any:
    yield item
    raise ZeroDivisionError


CALLS: dict[str, Callable[[Any, Any], object]] = {
    "put and get": lambda cls, item: (q := cls(), q.put(item), q.get()),
    "put and end": lambda cls, item: cls().put(item),
    "many and end": lambda cls, item: cls().put_many([item] * 100),
    "many and drain": lambda cls, item: (q := cls(), q.put_many((item,) * 100), q.drain()),
    "iterator and get_many": lambda cls, item: (q := cls(), q.put_many(iter([item] * 100)), q.get_many(70)),
    "iterator that raises": lambda cls, item: refuses(
        ZeroDivisionError, lambda: cls().put_many(broken(item))
    ),
    "Empty": lambda cls, item: refuses(Empty, lambda: cls().get_nowait()),
    "Empty in time": lambda cls, item: refuses(Empty, lambda: cls().get(timeout=1e-6)),
    "wrong timeout": lambda cls, item: refuses(ValueError, lambda: cls().get(timeout=-1)),
    "wrong argument": lambda cls, item: refuses(TypeError, lambda: cls().put(item, no_such=item)),
}
BOUNDED_CALLS: dict[str, Callable[[Any, Any], object]] = {
    "Full": lambda cls, item: refuses(Full, lambda: full(cls).put_nowait(item)),
    "Full in time": lambda cls, item: refuses(Full, lambda: full(cls).put(item, timeout=1e-6)),
    "part of many": lambda cls, item: cls(30).put_many([item] * 100, block=False),
    "part of an iterator": lambda cls, item: cls(30).put_many(iter([item] * 100), timeout=0),
    "wrong timeout to put": lambda cls, item: refuses(ValueError, lambda: full(cls).put(item, timeout=-1)),
    "no truth": lambda cls, item: refuses(
        ZeroDivisionError, lambda: full(cls).put(item, Converts(1, raiser(ZeroDivisionError)))
    ),
    "put to a closed one": lambda cls, item: refuses(ShutDown, lambda: closed(cls).put(item)),
    "many to a closed one": lambda cls, item: refuses(ShutDown, lambda: closed(cls).put_many([item] * 5)),
    "get from a closed one": lambda cls, item: refuses(ShutDown, lambda: closed(cls).get()),
    "shutdown": lambda cls, item: (q := cls(), q.put_many([item] * 40), q.shutdown(immediate=True)),
    "iteration": lambda cls, item: (q := cls(), q.put_many([item] * 40), q.shutdown(), list(q)),
}
PRIORITY_CALLS: dict[str, Callable[[Any, Any], object]] = {
    "comparison that raises": lambda cls, item: (
        q := cls(),
        q.put(item),
        refuses(ZeroDivisionError, lambda: q.put(Failing())),
        refuses(TypeError, lambda: q.put(None)),
    ),
    "part of get_many": lambda cls, item: (q := cls(), q.put_many([item] * 9), q.get_many(4)),
}
CASES = [
    *((cls, name, call) for cls in QUEUES for name, call in CALLS.items()),
    *((cls, name, call) for cls in BOUNDED for name, call in BOUNDED_CALLS.items()),
    *((PriorityQueue, name, call) for name, call in PRIORITY_CALLS.items()),
]


@pytest.mark.slow_under_tsan
@pytest.mark.parametrize(
    ("cls", "name", "call"), CASES, ids=[f"{cls.__name__}-{name}" for cls, name, _ in CASES]
)
def test_no_reference_or_memory_is_lost(cls: Any, name: str, call: Callable[[Any, Any], object]) -> None:
    item = Item()
    for _ in range(20):
        call(cls, item)
    count = sys.getrefcount(item)
    grown = []
    for _ in range(3):
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(TIMES):
            call(cls, item)
        gc.collect()
        grown.append(sys.getallocatedblocks() - before)
        if grown[-1] <= TOLERATED:
            break
    assert sys.getrefcount(item) == count
    assert min(grown) <= TOLERATED


@pytest.mark.parametrize("cls", QUEUES)
def test_the_count_of_an_item_follows_the_queue(cls: Any) -> None:
    item = Item()
    start = sys.getrefcount(item)
    target = cls()
    target.put(item)
    assert sys.getrefcount(item) == start + 1
    target.put_many([item] * 99)
    assert sys.getrefcount(item) == start + 100
    assert target.get() is item
    assert sys.getrefcount(item) == start + 99
    taken = target.get_many(50)
    assert sys.getrefcount(item) == start + 99
    taken.clear()
    assert sys.getrefcount(item) == start + 49
    del target
    assert sys.getrefcount(item) == start


@pytest.mark.parametrize("cls", QUEUES)
def test_what_tracemalloc_sees(cls: Any) -> None:
    """Items that went through a queue leave no memory of Python's behind."""
    target = cls()

    def use() -> None:
        for number in range(2000):
            target.put(float(number))
        target.get_many(500)
        target.drain()

    use()
    tracemalloc.start()
    try:
        use()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(5):
            use()
        assert tracemalloc.get_traced_memory()[0] - before < 20_000
    finally:
        tracemalloc.stop()
