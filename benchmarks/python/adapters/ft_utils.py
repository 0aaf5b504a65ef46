"""ft_utils: 64-bit integers that wrap (get, set, incr and decr only), references, queues, a RWLock."""

# mypy: disable-error-code="import-not-found,import-untyped"

from typing import Any

from ft_utils.concurrency import AtomicInt64, AtomicReference, ConcurrentQueue, StdConcurrentQueue
from ft_utils.synchronization import RWLock, RWReadContext, RWWriteContext

from .. import atomics, locks
from .._lock_rows import readers, readers_and_writers
from .._queue_rows import Words, first_in_first_out
from ..harness.ways import as_it_is, own_method, reading


def number() -> Any:
    """A shared 0."""
    return AtomicInt64(0)


def held() -> Any:
    """A shared number to be read."""
    return AtomicInt64(atomics.HELD_INT)


def held_ref() -> Any:
    """A shared reference to be read."""
    return AtomicReference(atomics.HELD_REF)


def push(obj: Any) -> None:
    """Lets a thread go on that waits for an item."""
    obj.push(0)


def sides(lock: Any) -> tuple[Any, Any]:
    """A thread's own contexts for reading and for writing."""
    return RWReadContext(lock), RWWriteContext(lock)


CALLS = "lock.lock_read()\nlock.unlock_read()"

INT = "ft_utils AtomicInt64"
PUSH_POP = Words("push", "pop", "size", release=push)

ROWS = [
    as_it_is(atomics.INCREMENT, INT, number, "incr"),
    own_method(atomics.INCREMENT, INT, number, "incr"),
    reading(as_it_is(atomics.GET, INT, held, "get")),
    reading(own_method(atomics.GET, INT, held, "get")),
    reading(as_it_is(atomics.REF_GET, "ft_utils AtomicReference", held_ref, "get")),
    *first_in_first_out("ft_utils ConcurrentQueue", ConcurrentQueue, PUSH_POP),
    *first_in_first_out("ft_utils StdConcurrentQueue", StdConcurrentQueue),
    *readers_and_writers(locks.RW_FT_UTILS, RWLock, sides),
    readers(f"{locks.RW_FT_UTILS}, lock_read()", RWLock, sides, CALLS),
]
