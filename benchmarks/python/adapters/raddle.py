"""raddle, with shared objects used in three ways: as they are, pinned, by a method that each thread binds."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from raddle import (
    AtomicBool,
    AtomicFloat,
    AtomicInt,
    AtomicRef,
    Barrier,
    BoundedSemaphore,
    Condition,
    Event,
    KeyedLock,
    Lazy,
    LifoQueue,
    Lock,
    OnceMap,
    PriorityQueue,
    Queue,
    RLock,
    RWLock,
    Semaphore,
    ShardedCounter,
    SimpleQueue,
    once,
    pin,
)

from .. import atomics, locks, queues
from .._check_rows import tool_rows
from .._key_rows import factory, found, found_by_key, keyed
from .._lock_rows import contended, deadlocks, readers, readers_and_writers, with_lock
from .._programs import Tool
from .._queue_rows import among_others, first_in_first_out, many, single_calls, wake_ups
from .._signal_rows import events, meetings, notified, permits
from ..harness.model import Row
from ..harness.ways import as_it_is, own_method, reading

Make = Callable[..., Any]


def pinned(row: Row) -> Row:
    """The row with its object pinned by the thread that makes it."""
    return replace(row, name=f"{row.name}, pinned", make=lambda: pin(row.make()))


def two_ways(row: Row) -> list[Row]:
    """The row, and the same with its object pinned."""
    return [row, pinned(row)]


def three_ways(question: str, name: str, make: Make, method: str) -> list[Row]:
    """A method without arguments, in all the ways that there are to call it."""
    plain = as_it_is(question, name, make, method)
    return [plain, pinned(plain), own_method(question, name, make, method)]


def three_readings(question: str, name: str, make: Make) -> list[Row]:
    """`get()` in all the ways."""
    return [reading(row) for row in three_ways(question, name, make, "get")]


def wrapping() -> AtomicInt:
    """A number that wraps at 64 bits."""
    return AtomicInt(0, wrapping=True)


def bounded() -> Queue[Any]:
    """A queue of usual length."""
    return Queue(1024)


def queue_rows() -> list[Row]:
    """All rows about queues, as they are and pinned."""
    one, pair = queues.BATCH, queues.BATCH_ONE_TO_ONE
    rows = [
        *first_in_first_out("raddle Queue", Queue),
        *first_in_first_out("raddle Queue(1024)", bounded),
        *first_in_first_out("raddle Queue(65536)", lambda: Queue(65536)),
        *first_in_first_out("raddle SimpleQueue", SimpleQueue),
        many(one, "raddle Queue, put_many and get_many", Queue),
        single_calls(one, "raddle Queue, single calls", Queue),
        many(pair, "raddle Queue(1024), put_many and get_many", bounded),
        single_calls(pair, "raddle Queue(1024), single calls", bounded),
        *wake_ups("raddle Queue", Queue),
        *wake_ups("raddle SimpleQueue", SimpleQueue),
        among_others(queues.LIFO, "raddle LifoQueue", LifoQueue),
        among_others(queues.PRIORITY, "raddle PriorityQueue", PriorityQueue),
    ]
    return [way for row in rows for way in two_ways(row)]


def named(name: str, make: Make) -> tuple[str, Make]:
    """An object as it is."""
    return name, make


def named_pinned(name: str, make: Make) -> tuple[str, Make]:
    """The same pinned, where it is only a part of what threads share."""
    return f"{name}, pinned", lambda *args: pin(make(*args))


def section(lock: Any, key: int) -> Any:
    """What a thread enters for a key."""
    return lock(key)


def sides(lock: Any) -> tuple[Any, Any]:
    """The views to read and to write."""
    return lock.read, lock.write


def no_sides(lock: Any) -> tuple[Any, Any]:
    """A lock that readers take like writers."""
    return lock, lock


def tracked() -> Any:
    """A lock that remembers where it was taken."""
    return Lock(track=True)


def filled() -> Any:
    """A map whose results have all been made."""
    made = OnceMap(factory())
    for key in locks.MAP_KEYS:
        made.get(key)
    return made


def run_once() -> Any:
    """A function that has run."""
    value = factory()
    made = once(lambda: value())
    made()
    return made


def made_lazily() -> Any:
    """A value that has been made."""
    made = Lazy(factory())
    made.get()
    return made


def lock_rows(way: Callable[[str, Make], tuple[str, Make]]) -> list[Row]:
    """All rows about locks, in one of these ways."""
    lock, rlock = way("raddle Lock", Lock), way("raddle RLock", RLock)
    name, rw_lock = way("raddle RWLock", RWLock)
    return [
        with_lock(*lock),
        with_lock(*way("raddle Lock(track=True)", tracked)),
        with_lock(*rlock),
        *contended(*lock),
        permits(*way("raddle Semaphore", Semaphore)),
        permits(*way("raddle BoundedSemaphore", BoundedSemaphore)),
        *events(*way("raddle Event", Event)),
        notified(*way("raddle Condition", Condition)),
        *meetings(*way("raddle Barrier", Barrier)),
        *readers_and_writers(*lock, no_sides),
        *readers_and_writers(name, rw_lock, sides),
        readers(f"{name}, lock.read", rw_lock, sides, "with lock.read: pass"),
        readers(f"{name}, read_lock()", rw_lock, sides, "with lock.read_lock(): pass"),
        keyed(*way("raddle KeyedLock", KeyedLock), section, len, "with lock(key): pass"),
        found_by_key(*way("raddle OnceMap", filled), "obj.get(key)"),
        found(*way("raddle once", run_once), "obj()"),
        found(*way("raddle Lazy", made_lazily), "obj.get()"),
    ]


INT = "raddle AtomicInt"
SWAP = "mine = obj.get_and_set(mine)"

ROWS = [
    *three_ways(atomics.INCREMENT, INT, AtomicInt, "increment"),
    *three_ways(atomics.INCREMENT, f"{INT}(wrapping=True)", wrapping, "increment"),
    *three_ways(atomics.INCREMENT, "raddle ShardedCounter", ShardedCounter, "increment"),
    *three_readings(atomics.GET, INT, lambda: AtomicInt(atomics.HELD_INT)),
    *three_readings(atomics.GET, "raddle ShardedCounter", lambda: ShardedCounter(atomics.HELD_INT)),
    *three_readings(atomics.REF_GET, "raddle AtomicRef", lambda: AtomicRef(atomics.HELD_REF)),
    *two_ways(Row(atomics.SWAP, INT, AtomicInt, SWAP, bind=atomics.MINE, after=atomics.KEPT)),
    *two_ways(Row(atomics.CAS, INT, AtomicInt, atomics.CAS_LOOP)),
    *two_ways(Row(atomics.UPDATE, INT, AtomicInt, "obj.update(add_one)", bind=atomics.ADD_ONE)),
    *two_ways(as_it_is(atomics.FLOAT, "raddle AtomicFloat", AtomicFloat, "increment")),
    *two_ways(Row(atomics.FLIP, "raddle AtomicBool", AtomicBool, "obj.flip()", after="obj.flip()")),
    *queue_rows(),
    *lock_rows(named),
    *lock_rows(named_pinned),
    *deadlocks("raddle Lock", Lock),
    *tool_rows(Tool("raddle check", (sys.executable, "-m", "raddle", "check", "--exit-code"))),
]
