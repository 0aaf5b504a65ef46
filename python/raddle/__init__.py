"""raddle keeps the threads of Python programs apart and in order.

Primitives that are correct under Ctrl-C, fork, finalisers and shutdown, and that scale with cores on
free-threaded CPython where the algorithm allows it; the same code runs on builds with a GIL.
"""

import typing as _typing
from threading import local

from raddle import _deadlocks as _deadlocks  # Made ready now: it is needed when threads stand still.
from raddle._raddle import (
    AtomicBool,
    AtomicFloat,
    AtomicInt,
    AtomicRef,
    Barrier,
    BoundedSemaphore,
    Condition,
    DeadlockError,
    Event,
    KeyedLock,
    Latch,
    Lazy,
    LifoQueue,
    Lock,
    OnceMap,
    OwnerDiedError,
    PriorityQueue,
    Queue,
    RaddleError,
    RLock,
    RWLock,
    Semaphore,
    ShardedCounter,
    ShutDown,
    SimpleQueue,
    ThreadLocal,
    lock_all,
    once,
    pin,
)
from raddle._threads import Thread, Timer

if _typing.TYPE_CHECKING:
    from raddle import check as check
    from raddle import diagnostics as diagnostics
    from raddle import queue as queue
    from raddle import threading as threading

__version__ = "0.1.0"

__all__ = [
    "AtomicBool",
    "AtomicFloat",
    "AtomicInt",
    "AtomicRef",
    "Barrier",
    "BoundedSemaphore",
    "Condition",
    "DeadlockError",
    "Event",
    "KeyedLock",
    "Latch",
    "Lazy",
    "LifoQueue",
    "Lock",
    "OnceMap",
    "OwnerDiedError",
    "PriorityQueue",
    "Queue",
    "RLock",
    "RWLock",
    "RaddleError",
    "Semaphore",
    "ShardedCounter",
    "ShutDown",
    "SimpleQueue",
    "Thread",
    "ThreadLocal",
    "Timer",
    "local",
    "lock_all",
    "once",
    "pin",
]

# Imported when they are first asked for: `import raddle; raddle.diagnostics` works, and who does not use it
# does not pay for it.
_SUBMODULES = frozenset({"check", "diagnostics", "queue", "threading"})

if not _typing.TYPE_CHECKING:  # Type checkers would take any name for one that it has.

    def __getattr__(name):
        if name in _SUBMODULES:
            from importlib import import_module

            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(_SUBMODULES.union(globals()))
