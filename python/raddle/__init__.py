"""raddle keeps the threads of Python programs apart and in order.

Primitives that are correct under Ctrl-C, fork, finalisers and shutdown, and that scale with cores on
free-threaded CPython where the algorithm allows it; the same code runs on builds with a GIL.
"""

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
