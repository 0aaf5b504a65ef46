"""The rows of Lock and RLock in the table of public methods."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from raddle import Lock, RLock

from .rows import EXTRA, NONE, PLAIN, Arguments, FreshRow, Offer, Opaque, Row

NAME = "warp"


@dataclass(frozen=True)
class LockRow(FreshRow):
    """A method of a lock; `held`: the thread has it before."""

    raises: tuple[type[Exception], ...] = (TypeError, ValueError, RuntimeError, OverflowError)
    held: bool = False

    def make(self) -> Any:
        lock = self.cls(NAME)
        if self.held:
            lock.acquire()
        return lock


def _rows_of(cls: type[Any]) -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA, **more: Any) -> Row:
        return LockRow(cls, name, signature, good, bad, **more)

    patience: tuple[Arguments, ...] = ((), (True,), (False,), (True, -1), (True, 0), (1, 0.5), (False, -1))
    not_patience: tuple[Arguments, ...] = (
        (True, -2),
        (True, "1"),
        (False, 1),
        (Opaque(),),
        (1, 2, 3),
        (1, 1e30),
        (True, float("nan")),
    )
    suffixes = ("", "_lock") if cls is Lock else ("",)
    for suffix in suffixes:
        yield row(f"acquire{suffix}", "(self, /, blocking=True, timeout=-1)", patience, not_patience)
        yield row(f"release{suffix}", NONE, held=True)
        yield row(f"locked{suffix}", NONE)
    yield row("__enter__", NONE)
    yield row("__exit__", "(self, /, *args)", ((), (None, None, None)), (), held=True)
    yield row("_at_fork_reinit", NONE, held=True)
    if cls is RLock:
        yield row("_is_owned", NONE, held=True)
        yield row("_recursion_count", NONE, held=True)
        yield row("_release_save", NONE, loses=False, held=True)
        yield row("_acquire_restore", "(self, state, /)", ((1,), (3,)), (("1",), (), (1, 2), (-1,)))
    yield row("__repr__", NONE)
    yield row("__reduce__", NONE, (), PLAIN)


_MADE, _ATTRIBUTES = ((), ("name",)), frozenset({"name", "_taken_at"})
LOCK_OFFERS = (
    Offer(Lock, "(name=None, *, owned=False, track=False)", _rows_of, _MADE, _ATTRIBUTES),
    Offer(RLock, "(name=None, *, track=False)", _rows_of, _MADE, _ATTRIBUTES),
)
