"""Queues and the garbage collector: cycles, finalisers that use the queue, very long chains."""

import gc
import weakref
from typing import Any

import pytest
from raddle import LifoQueue, PriorityQueue, Queue
from support.knobs import scaled
from support.process import check_code
from support.surface_queues import QUEUES
from support.threads import bursts, frequent_switches, run_together

pytestmark = pytest.mark.usefixtures("_small_heap")
every_class = pytest.mark.parametrize("cls", QUEUES)


class Item:
    """Any two are ordered; may refer to anything."""

    def __init__(self, *held: Any) -> None:
        self.held = held

    def __lt__(self, other: object) -> bool:
        return id(self) < id(other)


# How a queue comes to hold one more item: what was put and taken before decides in which block it lies.
HISTORIES = [(0, 0), (1, 0), (15, 0), (16, 0), (17, 3), (100, 50), (100, 100), (2000, 1990), (5000, 5000)]


@every_class
@pytest.mark.parametrize(("put", "taken"), HISTORIES)
def test_a_cycle_through_a_queue_is_collected(cls: Any, put: int, taken: int) -> None:
    target = cls()
    others = [Item() for _ in range(put)]
    ends = [weakref.ref(item) for item in others]
    target.put_many(others)
    assert len(target.get_many(taken, block=False)) == taken
    others.clear()
    target.put(Item(target))
    target.put(Item([target]))
    ends.append(weakref.ref(target))
    del target
    assert ends[-1]() is not None
    gc.collect()
    assert [end for end in ends if end() is not None] == []


@every_class
@pytest.mark.parametrize("rounds", [1, 40, 3000])
def test_a_cycle_after_wraps(cls: Any, rounds: int) -> None:
    target = cls()
    for _ in range(rounds):
        target.put_many([Item(), Item(), Item()])
        target.get()
        target.get_many(2)
    target.put_many([Item(target) for _ in range(20)])
    end = weakref.ref(target)
    del target
    gc.collect()
    assert end() is None


@every_class
def test_a_queue_that_contains_itself(cls: Any) -> None:
    target = cls()
    target.put(target)
    end = weakref.ref(target)
    del target
    gc.collect()
    assert end() is None


@every_class
def test_a_cycle_through_the_dict_of_a_subclass(cls: Any) -> None:
    class Named(cls):  # type: ignore[misc]
        pass

    target = Named()
    target.myself = Item(target)
    target.put(target.myself)
    ends = weakref.ref(target), weakref.ref(target.myself)
    del target
    gc.collect()
    assert [end() for end in ends] == [None, None]


@every_class
def test_what_is_still_referred_to_stays(cls: Any) -> None:
    target = cls()
    items = [Item(target, number) for number in range(100)]
    target.put_many(items)
    names = {id(item) for item in items}
    items.clear()
    gc.collect()
    assert {id(item) for item in gc.get_referents(target)} >= names
    assert {item.held[1] for item in target.drain()} == set(range(100))


@every_class
def test_items_whose_finaliser_uses_the_queue(cls: Any) -> None:
    """Each, when it ends, puts another one, as long as the count lasts."""
    target = cls()
    ended: list[int] = []

    class Final(Item):
        def __del__(self) -> None:
            ended.append(self.held[0])
            if self.held[0]:
                target.put(Final(self.held[0] - 1))
                target.qsize()
                if target.qsize() > 3:
                    target.drain()

    for _ in range(5):
        target.put(Final(20))
    while target.qsize():
        target.get()
    assert sorted(ended) == sorted([*range(21)] * 5)
    target.put_many([Final(3) for _ in range(20)])
    while target.qsize():
        target.drain()
    assert len(ended) == 105 + 80


@pytest.mark.parametrize("cls", [Queue, LifoQueue, PriorityQueue])
def test_finalisers_run_by_an_immediate_shutdown_may_use_the_queue(cls: Any) -> None:
    target = cls()
    seen: list[Any] = []

    class Final(Item):
        def __del__(self) -> None:
            seen.append((target.qsize(), target.is_shutdown, target.unfinished_tasks, target.drain()))
            target.shutdown(immediate=True)

    target.put_many([Final() for _ in range(40)])
    target.shutdown(immediate=True)
    assert seen == [(0, True, 0, [])] * 40


@every_class
def test_finalisers_of_a_queue_that_ends(cls: Any) -> None:
    """Nobody can reach the queue any more: not even a weak reference."""
    seen: list[Any] = []

    class Final(Item):
        def __del__(self) -> None:
            seen.append(end())

    target = cls()
    end = weakref.ref(target)
    target.put_many([Final() for _ in range(50)])
    del target
    assert seen == [None] * 50


@every_class
def test_finalisers_in_a_cycle_may_use_the_queue(cls: Any) -> None:
    taken: list[int] = []

    class Final(Item):
        def __del__(self) -> None:
            if not taken:
                taken.append(len(self.held[0].drain()))
                self.held[0].put(Item())

    target = cls()
    target.put_many([Final(target) for _ in range(30)])
    end = weakref.ref(target)
    del target
    gc.collect()
    gc.collect()
    assert sum(taken) == 30
    assert end() is None


@every_class
def test_a_weak_reference_callback_may_put(cls: Any) -> None:
    target = cls()
    items = [Item() for _ in range(10)]
    references = [weakref.ref(item, lambda _: target.put(Item())) for item in items]
    target.put_many(items)
    items.clear()
    assert len(target.drain()) == 10
    assert target.qsize() == 10
    assert all(reference() is None for reference in references)


CHAIN = """
import sys, raddle
cls = getattr(raddle, sys.argv[1])
kind = type("Derived", (cls,), {}) if sys.argv[2] == "subclass" else cls
wrap = (lambda link: [link]) if sys.argv[2] == "in lists" else lambda link: link

def build_and_drop(links):
    chain = None
    for _ in range(links):
        outer = kind()
        outer.put(wrap(chain))
        chain = outer
    del chain, outer

build_and_drop(int(sys.argv[3]))
print("dropped")
"""


@pytest.mark.slow_under_tsan
@every_class
@pytest.mark.parametrize("kind", ["plain", "subclass", "in lists"])
def test_a_long_chain_of_queues_ends_without_recursion(cls: Any, kind: str) -> None:
    assert check_code(CHAIN, cls.__name__, kind, "100000") == "dropped\n"


MILLION = """
import sys, raddle
name, way, count = sys.argv[1], sys.argv[2], 1_000_000
target, ended = getattr(raddle, name)(), raddle.AtomicInt()

class Final(int):
    def __del__(self):
        ended.increment()

target.put_many(list(range(count)))
target.put(Final(count // 2))
if way == "drain":
    target.drain()
elif way == "shutdown":
    target.shutdown(immediate=True)
elif way == "get":
    while target.qsize():
        target.get()
del target
assert ended.get() == 1, ended
"""
WAYS = [*((cls, "end") for cls in QUEUES), *((Queue, way) for way in ("drain", "shutdown", "get"))]


@pytest.mark.slow_under_tsan
@pytest.mark.parametrize(("cls", "way"), WAYS)
def test_a_million_items_end(cls: Any, way: str) -> None:
    check_code(MILLION, cls.__name__, way)


@every_class
def test_collections_while_threads_use_the_queue(cls: Any) -> None:
    """Cycles through the queue are made and dropped all the time; what is alive survives."""
    target = cls()
    ends: list[weakref.ref[Any]] = []
    rounds = scaled(600)

    def use() -> None:
        for turn in bursts(rounds):
            inner = cls()
            inner.put(Item(inner, target))
            ends.append(weakref.ref(inner))
            target.put(Item(inner, turn))
            if turn % 3 == 2:
                for item in target.get_many(3, block=False):
                    assert item.held[0].get().held[1] is target

    def collect() -> None:
        for _ in bursts(scaled(15)):
            gc.collect()

    with frequent_switches():
        run_together(use, use, collect)
    target.drain()
    gc.collect()
    assert [end for end in ends if end() is not None] == []
