"""The standard library: its queues and locks, a lock around a plain value, and what any method call costs."""

from collections import deque
from dataclasses import replace
from functools import cache
from itertools import count
from queue import LifoQueue, PriorityQueue, Queue, SimpleQueue
from threading import Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore
from typing import Any

from .. import atomics, locks, queues
from .._apart import Section
from .._check_rows import tool_rows
from .._key_rows import factory, found, found_by_key, keyed
from .._lock_rows import contended, readers_and_writers, with_lock
from .._programs import PLAIN
from .._queue_rows import Words, among_others, first_in_first_out, put_get, single_calls, wake_ups
from .._signal_rows import events, meetings, notified, permits
from ..harness.model import Row
from ..harness.ways import as_it_is, reading


class Guarded:
    """A value and the lock around it, as programs write it."""

    def __init__(self, value: Any = 0) -> None:
        self.lock = Lock()
        self.v = value

    def get(self) -> Any:
        """For the check at the end."""
        return self.v


def guarded(question: str, call: str, value: Any = 0, *, bind: str = "pass", after: str = "pass") -> Row:
    """A row for a value under a lock that is in a local variable."""
    bind = f"lock = obj.lock\n{bind}"
    return Row(question, "threading.Lock", lambda: Guarded(value), call, bind=bind, after=after)


def attribute(question: str, value: Any) -> Row:
    """A row that reads an attribute of an ordinary object, the least that an unguarded read can cost."""
    return reading(Row(question, "plain attribute", lambda: Guarded(value), "obj.v"))


def bit_count(name: str, zeros: int) -> Row:
    """A method call that does next to nothing: what is left when the reading itself costs nothing.

    The number has HELD_INT bits that are one, so that the result is the same as that of the other rows.
    """

    def make() -> int:
        return ((1 << atomics.HELD_INT) - 1) << zeros

    row = as_it_is(atomics.GET, f"int.bit_count, {name}", make, "bit_count")
    return reading(replace(row, read=int))


class LockTable:
    """A lock for each key in a dict, and the lock around that; kept for ever."""

    def __init__(self) -> None:
        self.meta = Lock()
        self.table = {key: Lock() for key in locks.KEYS}

    def section(self, key: int) -> Section:
        """What a thread enters."""
        with self.meta:
            return self.table[key]

    def left(self) -> int:
        """How many keys are taken."""
        return sum(lock.locked() for lock in self.table.values())


def cached() -> Any:
    """A function that has run once."""
    made = cache(factory())
    made()
    return made


def lock_rows() -> list[Row]:
    """All rows about locks."""
    find, bind = "with meta: lock = table[key]\nwith lock: pass", "meta, table = lock.meta, lock.table"
    return [
        with_lock(locks.LOCK, Lock),
        with_lock(locks.RLOCK, RLock),
        *contended(locks.LOCK, Lock),
        permits("threading.Semaphore", Semaphore),
        permits("threading.BoundedSemaphore", BoundedSemaphore),
        *events("threading.Event", Event),
        notified("threading.Condition", Condition),
        *meetings("threading.Barrier", Barrier),
        *readers_and_writers(locks.LOCK, Lock, lambda lock: (lock, lock)),
        keyed(locks.TABLE, LockTable, LockTable.section, LockTable.left, find, bind),
        found_by_key("dict", lambda: dict.fromkeys(locks.MAP_KEYS, locks.HELD_VALUE), "obj[key]"),
        found("functools.cache", cached, "obj()"),
    ]


TURN_OVER = "with lock: obj.v = not obj.v"

ROWS = [
    guarded(atomics.INCREMENT, "with lock: obj.v += 1"),
    Row(atomics.INCREMENT, "itertools.count", count, "next(obj)", read=next),
    guarded(atomics.GET, "with lock: obj.v", atomics.HELD_INT, after="last = obj.v"),
    attribute(atomics.GET, atomics.HELD_INT),
    # The interpreter makes small integers immortal, so that nobody counts references to them.
    bit_count("immortal int", zeros=0),
    bit_count("counted int", zeros=30),
    attribute(atomics.REF_GET, atomics.HELD_REF),
    guarded(atomics.SWAP, "with lock: obj.v, mine = mine, obj.v", bind=atomics.MINE, after=atomics.KEPT),
    guarded(atomics.UPDATE, "with lock: obj.v = add_one(obj.v)", bind=atomics.ADD_ONE),
    guarded(atomics.FLOAT, "with lock: obj.v += 1.0", 0.0),
    guarded(atomics.FLIP, TURN_OVER, False, after=TURN_OVER),
    *first_in_first_out(queues.SIMPLE, SimpleQueue),
    *first_in_first_out("queue.Queue", Queue),
    *first_in_first_out(queues.BOUNDED, lambda: Queue(1024)),
    put_get("collections.deque", deque, Words("append", "popleft", "__len__", release=None)),
    *(
        single_calls(question, queues.SIMPLE, SimpleQueue)
        for question in (queues.BATCH, queues.BATCH_ONE_TO_ONE)
    ),
    single_calls(queues.BATCH, "queue.Queue", Queue),
    single_calls(queues.BATCH_ONE_TO_ONE, queues.BOUNDED, lambda: Queue(1024)),
    *wake_ups(queues.SIMPLE, SimpleQueue),
    *wake_ups("queue.Queue", Queue),
    among_others(queues.LIFO, "queue.LifoQueue", LifoQueue),
    among_others(queues.PRIORITY, "queue.PriorityQueue", PriorityQueue),
    *lock_rows(),
    *tool_rows(PLAIN),
]
