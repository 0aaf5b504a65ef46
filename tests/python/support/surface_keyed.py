"""The rows of KeyedLock and lock_all in the table of public methods."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from raddle import KeyedLock, lock_all

from .rows import BIG, EXTRA, NO_SIGNATURE, NONE, PLAIN, Arguments, FreshRow, Offer, Row

HELD = "held"


@dataclass(frozen=True)
class KeyedRow(FreshRow):
    """A method of a KeyedLock of which this thread has a key."""

    raises: tuple[type[Exception], ...] = (TypeError, ValueError, RuntimeError)

    def make(self) -> Any:
        target: KeyedLock[Any] = KeyedLock()
        target.acquire(HELD)
        return target

    def state(self, target: Any) -> str:
        depth = 0
        while True:
            try:
                target.release(HELD)
            except RuntimeError:
                return f"{depth} {len(target)}"
            depth += 1


@dataclass(frozen=True)
class AllRow(FreshRow):
    """A method of a lock_all()."""

    entered: bool = False
    raises: tuple[type[Exception], ...] = (TypeError, RuntimeError)

    def make(self) -> Any:
        target = lock_all()
        if self.entered:
            target.__enter__()
        return target

    def state(self, target: Any) -> str:
        return repr(target).partition(" ")[0]


def _keyed_rows(cls: type[Any]) -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA, **more: Any) -> Row:
        return KeyedRow(cls, name, signature, good, bad, **more)

    patience = ((HELD, False), (HELD, True, 0.5), (HELD, 1, -1), ("other",), (BIG, True, 1), ((1, 2.5),))
    not_patience: tuple[Arguments, ...] = (
        (),
        (HELD, 1, 2, 3),
        ([],),
        (HELD, True, -2),
        (HELD, False, 1),
        (HELD, True, "1"),
    )
    yield row("acquire", "(self, /, key, blocking=True, timeout=-1)", ((HELD,), *patience), not_patience)
    yield row("release", "(self, key, /)", ((HELD,),), ((), ("other",), ([],), (1, 2)))
    yield row("__call__", "(self, /, *args, **kwargs)", ((HELD,), (BIG,)), ((), ([],), (1, 2)))
    for name in ("__len__", "__bool__", "__repr__"):
        yield row(name, NONE)
    yield row("__reduce__", NONE, (), PLAIN)
    yield row("__class_getitem__", NO_SIGNATURE, ((int,), ((int, str),)), ())


def _all_rows(cls: type[Any]) -> Iterator[Row]:
    yield AllRow(cls, "__enter__", NONE, PLAIN, EXTRA)
    yield AllRow(cls, "__exit__", "(self, /, *args)", ((), (None, None, None)), (), entered=True)
    yield AllRow(cls, "__repr__", NONE, PLAIN, EXTRA)
    yield AllRow(cls, "__reduce__", NONE, (), PLAIN)


KEYED_OFFERS = (
    Offer(KeyedLock, "(name=None)", _keyed_rows, ((),), frozenset({"name"})),
    Offer(lock_all, "(*locks, timeout=None)", _all_rows, ((),)),
)
