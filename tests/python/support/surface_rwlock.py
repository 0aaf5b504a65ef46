"""The rows of RWLock, its views and its upgradable mode in the table of public methods."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from raddle import RWLock

from .rows import EXTRA, NONE, PLAIN, Arguments, FreshRow, Offer, Opaque, Row

VIEW: type[Any] = type(RWLock().read)
UPGRADABLE: type[Any] = type(RWLock().upgradable_lock())
TIMEOUT = "(self, /, timeout=None)"
NAME = "warp"


@dataclass(frozen=True)
class RWLockRow(FreshRow):
    """A method of an RWLock, or of what it makes; `held`: the thread writes before."""

    raises: tuple[type[Exception], ...] = (TypeError, ValueError, RuntimeError, OverflowError)
    held: bool = False

    def make(self) -> Any:
        lock = RWLock(NAME)
        if self.held:
            lock.write.acquire()
        if self.cls is VIEW:
            return lock.write
        if self.cls is UPGRADABLE:
            upgradable = lock.upgradable_lock()
            return upgradable.__enter__() if self.held else upgradable
        return lock


def _rows(_: type[Any]) -> Iterator[Row]:
    """Of the views and the upgradable mode too, which nobody makes."""

    def row(
        cls: type[Any], name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA, **more: Any
    ) -> Row:
        return RWLockRow(cls, name, signature, good, bad, **more)

    patience: tuple[Arguments, ...] = ((), (None,), (0,), (0.5,), (True,))
    not_patience: tuple[Arguments, ...] = ((-1,), (float("nan"),), ("1",), (1, 2), (Opaque(),))
    for name in ("read_lock", "write_lock", "upgradable_lock"):
        yield row(RWLock, name, TIMEOUT, patience, not_patience)
    yield row(RWLock, "downgrade", NONE, held=True)
    acquires: tuple[Arguments, ...] = ((), (True,), (False,), (True, -1), (True, 0), (1, 0.5), (False, -1))
    not_acquires: tuple[Arguments, ...] = (
        (True, -2),
        (True, "1"),
        (False, 1),
        (Opaque(),),
        (1, 2, 3),
        (1, 1e30),
    )
    yield row(VIEW, "acquire", "(self, /, blocking=True, timeout=-1)", acquires, not_acquires)
    yield row(VIEW, "release", NONE, held=True)
    yield row(VIEW, "locked", NONE)
    yield row(UPGRADABLE, "upgrade", TIMEOUT, patience, not_patience, held=True)
    yield row(UPGRADABLE, "downgrade", NONE, (), ((), (1,)), held=True)
    for cls in (RWLock, VIEW, UPGRADABLE):
        yield row(cls, "__enter__", NONE)
        yield row(cls, "__exit__", "(self, /, *args)", ((), (None, None, None)), (), held=True)
        yield row(cls, "__repr__", NONE)
        yield row(cls, "__reduce__", NONE, (), PLAIN)


RWLOCK_OFFERS = (
    Offer(RWLock, "(name=None)", _rows, ((), ("name",)), frozenset({"name", "read", "write", "_taken_at"})),
)
