"""The rows of Event, the semaphores, Condition, Barrier and Latch in the table of public methods."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import BrokenBarrierError
from typing import Any

from raddle import Barrier, BoundedSemaphore, Condition, Event, Latch, Semaphore

from .rows import BEYOND, EXTRA, NONE, PLAIN, Arguments, FreshRow, Offer, Opaque, Row, fails

TIMEOUT, ARGS = "(self, /, timeout=None)", "(self, /, *args)"
TIMES: tuple[Arguments, ...] = ((0,), (0.001,))
NOT_TIMES: tuple[Arguments, ...] = (("1",), (float("nan"),), (1j,), (0, 0))


@dataclass(frozen=True)
class SyncRow(FreshRow):
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

    def make(self) -> Any:
        target = self.cls(*_OFFER_OF[self.cls].made_with)
        if self.prepare is not None:
            self.prepare(target)
        return target

    def state(self, target: Any) -> str:
        """What can be seen of it."""
        return repr(target).replace(hex(id(target)), "").rpartition(" at ")[0] + str(self._seen(target))

    def _seen(self, target: Any) -> list[Any]:
        seen = [getattr(target, name) for name in sorted(_OFFER_OF[self.cls].attributes)]
        for name in ("is_set", "_is_owned"):
            if hasattr(target, name):
                seen.append(getattr(target, name)())
        return seen


def _common(cls: type[Any]) -> Iterator[Row]:
    yield SyncRow(cls, "__repr__", NONE)
    yield SyncRow(cls, "__reduce__", NONE, (), PLAIN)


def _event(cls: type[Any]) -> Iterator[Row]:
    for name in ("is_set", "set", "clear", "_at_fork_reinit"):
        yield SyncRow(cls, name, NONE, PLAIN, EXTRA)
    yield SyncRow(cls, "isSet", NONE, (), EXTRA)  # warns: test_event.py
    yield SyncRow(cls, "wait", TIMEOUT, (*TIMES, (-1,)), NOT_TIMES)
    yield SyncRow(cls, "wait", TIMEOUT, ((), (None,), (1,)), (), prepare=Event.set)
    yield from _common(cls)


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
    yield from _common(cls)


def _take(condition: Any) -> None:
    condition.acquire()


def _save(condition: Any) -> None:
    condition.acquire()
    condition._release_save()


def _condition(cls: type[Any]) -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA) -> Row:
        return SyncRow(cls, name, signature, good, bad, prepare=_take)

    good = ((), (False,), (True, 1), (True, -1))
    yield SyncRow(cls, "acquire", "(self, /, *args, **kwargs)", good, (("1", 2, 3), (True, "1"), (True, -2)))
    yield SyncRow(cls, "__enter__", NONE, PLAIN, EXTRA)
    yield SyncRow(cls, "_acquire_restore", "(self, state, /)", ((1,), (3,)), ((), ("1",)), prepare=_save)
    yield SyncRow(cls, "_at_fork_reinit", NONE, PLAIN, EXTRA)
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
    yield from _common(cls)


def _barrier(cls: type[Any]) -> Iterator[Row]:
    for name in ("reset", "abort"):
        yield SyncRow(cls, name, NONE, PLAIN, EXTRA)
    times = ((), (None,), *TIMES, (-1,))
    yield SyncRow(cls, "wait", TIMEOUT, times, NOT_TIMES)
    yield SyncRow(cls, "wait", TIMEOUT, (), ((), (1,)), prepare=Barrier.abort)
    yield from _common(cls)


def _latch(cls: type[Any]) -> Iterator[Row]:
    numbers = ((), (0,), (1,), (5,), (2**63 - 1,), (True,))
    yield SyncRow(cls, "count_down", "(self, /, n=1)", numbers, ((-1,), (-BEYOND,), (1.5,), ("1",), (1, 2)))
    yield SyncRow(cls, "wait", TIMEOUT, TIMES, (*NOT_TIMES, (-1,)))
    yield from _common(cls)


def _named(*more: str) -> frozenset[str]:
    return frozenset({"name", *more})


SYNC_OFFERS = (
    Offer(Event, "(name=None)", _event, ((),), _named()),
    Offer(Semaphore, "(value=1, name=None)", _semaphore, ((5,),), _named("_value")),
    Offer(BoundedSemaphore, "(value=1, name=None)", _semaphore, ((5,),), _named("_value")),
    Offer(Condition, "(lock=None, name=None)", _condition, ((),), _named()),
    Offer(
        Barrier,
        "(parties, action=None, timeout=None, name=None)",
        _barrier,
        ((1,),),
        _named("parties", "n_waiting", "broken"),
    ),
    Offer(Latch, "(count, name=None)", _latch, ((5,),), _named("count")),
)
_OFFER_OF = {offer.cls: offer for offer in SYNC_OFFERS}
