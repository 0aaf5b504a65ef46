"""readerwriterlock: locks for readers and writers in Python; this is the one that favours neither side."""

# mypy: disable-error-code="import-not-found,import-untyped"

from typing import Any

from readerwriterlock.rwlock import RWLockFair

from .. import locks
from .._lock_rows import readers, readers_and_writers


def sides(lock: Any) -> tuple[Any, Any]:
    """A thread's own locks for reading and for writing."""
    return lock.gen_rlock(), lock.gen_wlock()


ROWS = [
    *readers_and_writers(locks.RW_FAIR, RWLockFair, sides),
    readers(f"{locks.RW_FAIR}, gen_rlock()", RWLockFair, sides, "with lock.gen_rlock(): pass"),
]
