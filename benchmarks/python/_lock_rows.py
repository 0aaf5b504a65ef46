"""The rows about locks, for the adapters: the same code for all rivals, in the words of each."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from . import locks
from ._apart import Section, not_apart
from .harness.model import Row

Make = Callable[[], Any]


def unreleasable(obj: Any) -> None:
    """Nobody but the thread that took it may give it back: were a wake-up lost, the run would not end."""


class Guarded:
    """A number and the lock that it is changed under; `sides`: what a thread enters to read and to write."""

    def __init__(self, lock: Any, sides: Callable[[Any], tuple[Section, Section]] | None = None) -> None:
        self.lock = lock
        self.v = 0
        self._sides = sides or (lambda lock: (lock, lock))

    def sides(self) -> tuple[Section, Section]:
        """The calling thread's own."""
        return self._sides(self.lock)

    def release(self) -> None:
        """Lets a thread go on that waits for the lock."""
        with suppress(RuntimeError):
            self.lock.release()


def with_lock(name: str, make: Make) -> Row:
    """`with` on a free lock."""
    return Row(locks.WITH, name, make, "with obj: pass", read=lambda obj: not_apart(lambda: (obj, obj)))


def contended(name: str, make: Make) -> list[Row]:
    """A lock that two threads want all the time."""
    bind, call, after = "lock = obj.lock", "with lock: obj.v += 1", "last = obj.v"
    return [
        Row(
            question,
            name,
            lambda: Guarded(make()),
            call,
            lambda obj: obj.v,
            bind,
            after,
            release=Guarded.release,
        )
        for question in (locks.CONTENDED, locks.SHARE)
    ]


def readers(
    name: str, make: Make, sides: Callable[[Any], tuple[Section, Section]], call: str = "with read: pass"
) -> Row:
    """Readers alone."""
    bind = "lock = obj.lock\nread, write = obj.sides()"
    return Row(locks.READ, name, lambda: Guarded(make(), sides), call, lambda obj: not_apart(obj.sides), bind)


def readers_apart(name: str, make: Make) -> Row:
    """What two threads can reach on this machine: each has a lock of its own, so they share nothing."""

    def check(make: Make) -> str:
        lock = make()
        return not_apart(lambda: (lock.read, lock.write))

    bind = "mine = obj()\nread = mine.read"
    return Row(locks.READ, name, lambda: make, "with read: pass", check, bind)


def readers_and_writers(name: str, make: Make, sides: Callable[[Any], tuple[Section, Section]]) -> list[Row]:
    """All questions about readers and writers."""
    bind = f"read, write = obj.sides()\nreads = range({locks.READS_AND_WRITE - 1})"
    call = "for _ in reads:\n    with read: pass\nwith write: obj.v += 1"
    mixed = Row(
        locks.READ_WRITE,
        name,
        lambda: Guarded(make(), sides),
        call,
        lambda obj: (obj.v, not_apart(obj.sides)),
        bind,
        release=unreleasable,
    )
    return [readers(name, make, sides), mixed]


class Ring:
    """A lock for each of some threads, and a barrier for them all."""

    def __init__(self, make: Make, threads: int) -> None:
        self.locks = [make() for _ in range(threads)]
        self.barrier = threading.Barrier(threads)

    def two(self, thread: int) -> Sequence[Any]:
        """A thread's own lock, and the next one's."""
        return self.locks[thread], self.locks[(thread + 1) % len(self.locks)]

    def release(self) -> None:
        """Lets threads go on that wait for each other."""
        self.barrier.abort()
        for lock in self.locks:
            with suppress(RuntimeError):
                lock.release()


CLOSE = """\
meet()
with mine:
    meet()
    began = clock()
    try:
        with other: failed = None
    except DeadlockError: failed = clock()
note(Attempt(began, failed))"""


def deadlocks(name: str, make: Make) -> list[Row]:
    """Rings of threads, each of which has a lock and wants the next one's."""
    bind = (
        "from raddle import DeadlockError\n"
        f"from {locks.__name__} import Attempt\n"
        "mine, other = obj.two(thread)\n"
        "meet = obj.barrier.wait\n"
        "notes = []\n"
        "note = notes.append"
    )
    return [
        Row(
            question,
            name,
            partial(Ring, make, threads),
            CLOSE,
            id,
            bind,
            "last = notes",
            release=Ring.release,
        )
        for threads, question in locks.DEADLOCK.items()
    ]
