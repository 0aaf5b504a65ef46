"""The rows of Event, the semaphores, Condition, Barrier and Latch in the table of public methods."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import BrokenBarrierError
from typing import Any

from raddle import Barrier, BoundedSemaphore, Condition, Event, Latch, Semaphore

from .rows import BEYOND, EXTRA, NONE, PLAIN, Arguments, Opaque, Row, fails

SYNC: tuple[type[Any], ...] = (Event, Semaphore, BoundedSemaphore, Condition, Barrier, Latch)
# What they have besides methods.
SYNC_ATTRIBUTES: dict[type[Any], set[str]] = {
    Event: {"name"},
    Semaphore: {"name", "_value"},
    BoundedSemaphore: {"name", "_value"},
    Condition: {"name"},
    Barrier: {"name", "parties", "n_waiting", "broken"},
    Latch: {"name", "count"},
}
CONSTRUCTORS: dict[type[Any], str] = {
    Event: "(name=None)",
    Semaphore: "(value=1, name=None)",
    BoundedSemaphore: "(value=1, name=None)",
    Condition: "(lock=None, name=None)",
    Barrier: "(parties, action=None, timeout=None, name=None)",
    Latch: "(count, name=None)",
}
# Arguments with which they are made.
MADE_WITH: dict[type[Any], Arguments] = {
    Event: (),
    Semaphore: (5,),
    BoundedSemaphore: (5,),
    Condition: (),
    Barrier: (1,),
    Latch: (5,),
}
TIMEOUT, ARGS = "(self, /, timeout=None)", "(self, /, *args)"
TIMES: tuple[Arguments, ...] = ((0,), (0.001,))
NOT_TIMES: tuple[Arguments, ...] = (("1",), (float("nan"),), (1j,), (0, 0))


@dataclass(frozen=True)
class SyncRow(Row):
    """A method of an object of which there is as much as the method needs."""

    raises: tuple[type[Exception], ...] = (
        TypeError,
        ValueError,
        OverflowError,
        RuntimeError,
        ZeroDivisionError,
        BrokenBarrierError,
    )
    prepare: Callable[[Any], object] | None = None

    @property
    def once(self) -> bool:
        return True

    def make(self) -> Any:
        target = self.cls(*MADE_WITH[self.cls])
        if self.prepare is not None:
            self.prepare(target)
        return target

    def state(self, target: Any) -> str:
        """What can be seen of it."""
        return repr(target).replace(hex(id(target)), "").rpartition(" at ")[0] + str(self._seen(target))

    def _seen(self, target: Any) -> list[Any]:
        seen = [getattr(target, name) for name in sorted(SYNC_ATTRIBUTES[self.cls])]
        for name in ("is_set", "_is_owned"):
            if hasattr(target, name):
                seen.append(getattr(target, name)())
        return seen


def _event() -> Iterator[Row]:
    for name in ("is_set", "set", "clear", "_at_fork_reinit"):
        yield SyncRow(Event, name, NONE, PLAIN, EXTRA)
    yield SyncRow(Event, "isSet", NONE, (), EXTRA)  # warns: test_event.py
    yield SyncRow(Event, "wait", TIMEOUT, (*TIMES, (-1,)), NOT_TIMES)
    yield SyncRow(Event, "wait", TIMEOUT, ((), (None,), (1,)), (), prepare=Event.set)


def _semaphore(cls: type[Any]) -> Iterator[Row]:
    def one_less(semaphore: Any) -> None:
        semaphore.acquire()

    good = ((), (True,), (False,), (1, None), (True, 0), (True, -1), (True, 0.5), (False, None))
    bad = ((False, 1), (Opaque(),), (True, "1"), (True, float("nan")), (1, 2, 3))
    yield SyncRow(cls, "acquire", "(self, /, blocking=True, timeout=None)", good, bad)
    not_numbers = ((0,), (-1,), (-BEYOND,), (1.5,), ("1",), (BEYOND,), (1, 2))
    yield SyncRow(cls, "release", "(self, /, n=1)", ((), (1,), (True,)), not_numbers, prepare=one_less)
    yield SyncRow(cls, "__enter__", NONE, PLAIN, EXTRA)
    yield SyncRow(cls, "__exit__", ARGS, ((), (None, None, None)), (), prepare=one_less)


def _take(condition: Any) -> None:
    condition.acquire()


def _save(condition: Any) -> None:
    condition.acquire()
    condition._release_save()


def _condition() -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA) -> Row:
        return SyncRow(Condition, name, signature, good, bad, prepare=_take)

    good = ((), (False,), (True, 1), (True, -1))
    yield SyncRow(
        Condition, "acquire", "(self, /, *args, **kwargs)", good, (("1", 2, 3), (True, "1"), (True, -2))
    )
    yield SyncRow(Condition, "__enter__", NONE, PLAIN, EXTRA)
    yield SyncRow(
        Condition, "_acquire_restore", "(self, state, /)", ((1,), (3,)), ((), ("1",)), prepare=_save
    )
    yield SyncRow(Condition, "_at_fork_reinit", NONE, PLAIN, EXTRA)
    yield row("release", NONE)
    yield row("__exit__", ARGS, ((), (None, None, None)), ())
    for name in ("locked", "_is_owned", "_release_save", "notify_all"):
        yield row(name, NONE)
    yield row("notifyAll", NONE, (), EXTRA)  # warns: test_condition.py
    yield row("wait", TIMEOUT, (*TIMES, (-1,)), NOT_TIMES)
    predicates = ((int, 0), (int, 0.001), (str, -1), (list, 0), (dict, 0))
    not_predicates = ((), (None,), (lambda: fails(1),), (Opaque,), (int, "1"), (int, 1, 2))
    yield row("wait_for", "(self, /, predicate, timeout=None)", predicates, not_predicates)
    numbers = ((), (0,), (1,), (-5,), (BEYOND,), (-BEYOND,), (True,))
    yield row("notify", "(self, /, n=1)", numbers, (("1",), (1.5,), (1, 2)))


def _barrier() -> Iterator[Row]:
    for name in ("reset", "abort"):
        yield SyncRow(Barrier, name, NONE, PLAIN, EXTRA)
    times = ((), (None,), *TIMES, (-1,))
    yield SyncRow(Barrier, "wait", TIMEOUT, times, NOT_TIMES)
    yield SyncRow(Barrier, "wait", TIMEOUT, (), ((), (1,)), prepare=Barrier.abort)


def _latch() -> Iterator[Row]:
    numbers = ((), (0,), (1,), (5,), (2**63 - 1,), (True,))
    yield SyncRow(Latch, "count_down", "(self, /, n=1)", numbers, ((-1,), (-BEYOND,), (1.5,), ("1",), (1, 2)))
    yield SyncRow(Latch, "wait", TIMEOUT, TIMES, (*NOT_TIMES, (-1,)))


def sync_rows() -> Iterator[Row]:
    yield from _event()
    yield from _semaphore(Semaphore)
    yield from _semaphore(BoundedSemaphore)
    yield from _condition()
    yield from _barrier()
    yield from _latch()
    for cls in SYNC:
        yield SyncRow(cls, "__repr__", NONE)
        yield SyncRow(cls, "__reduce__", NONE, (), PLAIN)
