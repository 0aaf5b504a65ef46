"""No call leaks memory or references, nor drops one too many; the calls that fail neither."""

import gc
import sys
from collections.abc import Callable
from typing import Any

import pytest
from raddle import AtomicRef
from support.knobs import scaled
from support.process import check_code
from support.rows import Arguments, Row
from support.surface import CLASSES, ROWS, constructions
from support.surface_atomics import ATOMICS

pytestmark = pytest.mark.usefixtures("_small_heap")
TIMES = scaled(1000)
TOLERATED = TIMES // 4  # Blocks that come and go with the interpreter's own caches.


def growth(call: Callable[[], object]) -> int:
    """How many memory blocks more there are after many calls; the smallest of three measurements."""
    for _ in range(50):
        call()
    grown = []
    for _ in range(3):
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(TIMES):
            call()
        gc.collect()
        grown.append(sys.getallocatedblocks() - before)
        if grown[-1] <= TOLERATED:
            break
    return min(grown)


def fresh(value: Any) -> Any:
    """An equal object that nobody else refers to, where the value is of a kind that has such."""
    if type(value) is int and abs(value) > 2**32:
        return int(str(value))
    if type(value) is float:
        return float(repr(value))
    return value


def calling(row: Row, arguments: Arguments, fails: bool) -> Callable[[], object]:
    target = row.make()
    method = row.bind(target)

    def call() -> None:
        try:
            method(*arguments)
        except row.raises:
            assert fails

    return call


CASES = [
    *((row, arguments, False) for row in ROWS for arguments in row.good),
    *((row, arguments, True) for row in ROWS for arguments in row.bad),
]


@pytest.mark.slow_under_tsan
@pytest.mark.parametrize(("row", "arguments", "fails"), CASES, ids=lambda item: str(item)[:40])
def test_no_reference_or_memory_is_lost(row: Row, arguments: Arguments, fails: bool) -> None:
    arguments = tuple(map(fresh, arguments))
    kept = calling(row, arguments, fails)
    call = (lambda: calling(row, arguments, fails)()) if row.once else kept
    counts = [sys.getrefcount(argument) for argument in arguments]
    grown = growth(call)
    changes = [sys.getrefcount(argument) - count for argument, count in zip(arguments, counts, strict=True)]
    # The object may hold an argument now; singletons are counted by everybody.
    assert all(abs(change) < TOLERATED for change in changes), changes
    assert grown <= TOLERATED


@pytest.mark.slow_under_tsan
@pytest.mark.parametrize(
    ("cls", "arguments"),
    [
        *((cls, constructions(cls)[0]) for cls in CLASSES),
        *((cls, (number,)) for cls in ATOMICS for number in (1, 2**62)),
    ],
)
def test_objects_that_end_leave_nothing(cls: Any, arguments: Arguments) -> None:
    assert growth(lambda: cls(*arguments)) <= TOLERATED


SUBCLASSES = """
import gc, sys
import raddle

def define_and_use(cls):
    derived = type("Derived", (cls,), {})
    derived.__new__(derived).note = derived

def grown(cls):
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(200):
        define_and_use(cls)
    gc.collect()
    return sys.getallocatedblocks() - before

class Plain:
    __slots__ = ()

for cls in (Plain, raddle.AtomicInt):  # Fills the interpreter's caches.
    grown(cls)
plain = max(grown(Plain) for _ in range(3))
for name in raddle.__all__:
    cls = getattr(raddle, name)
    if isinstance(cls, type) and not issubclass(cls, Exception):
        more = min(grown(cls) for _ in range(8)) - plain  # it takes some until all stores are full
        assert more < 50, (name, more)
"""


@pytest.mark.slow_under_tsan
def test_subclasses_and_their_objects_that_end_leave_nothing() -> None:
    """No more than subclasses of a plain class: CPython 3.13t itself keeps one block of each.

    In a process without other threads, because it delays the end of classes once there were some.
    """
    check_code(SUBCLASSES)


def test_refused_constructions_leave_nothing() -> None:
    def refused(cls: Any) -> None:
        for arguments in (("1", 2), (1, 2, 3, 4)):
            # AttributeError: a Condition asks its lock for acquire().
            with pytest.raises((TypeError, AttributeError)):
                cls(*arguments)

    for cls in CLASSES:
        assert growth(lambda: refused(cls)) <= TOLERATED  # noqa: B023


def test_a_leak_of_one_block_per_call_would_be_noticed() -> None:
    leaked: list[object] = []
    assert growth(lambda: leaked.append(object())) > TOLERATED


def test_a_lost_reference_would_be_noticed() -> None:
    value, holder = ["fresh"], AtomicRef[object]()
    before = sys.getrefcount(value)
    held: list[object] = []

    def keep() -> None:
        holder.set(value)
        held.append(holder.get())

    growth(keep)
    assert sys.getrefcount(value) - before > TOLERATED
