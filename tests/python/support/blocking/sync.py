"""The blocking calls of Event, Semaphore, BoundedSemaphore, Condition, Barrier and Latch."""

import re
import threading
from collections.abc import Hashable
from operator import attrgetter, methodcaller
from typing import Any

from raddle import AtomicBool, Barrier, BoundedSemaphore, Condition, Event, Latch, Lock, Semaphore

from .call import BlockingCall
from .waiters import waiting_in

NO_LIMIT = {"timeout": "`with` takes no timeout"}
BREAKS = "who gives up breaks the barrier for all: tests/python/locks/test_barrier.py"
WAITERS = re.compile(r"<raddle\.\w+ at \w+(?: waiters=(\d+))?: ")


def _waiting(target: Any) -> int:
    match = WAITERS.match(repr(target))
    if match is None:
        raise AssertionError(f"an unknown form: {target!r}")
    return int(match[1] or 0)


class _Timed:
    """A method with a time limit. It has all it needs: in finalisers the names of this module may be gone."""

    def __init__(self, method: str) -> None:
        self._method = method

    def __call__(self, target: Any, seconds: float) -> Any:
        return getattr(target, self._method)(timeout=seconds)


def _one_permit_taken(cls: type[Any], permits: int) -> Any:
    semaphore = cls(permits)
    for _ in range(permits):
        semaphore.acquire()
    return semaphore


def _use_event(event: Any) -> None:
    event.wait(0.0002)
    event.set()
    event.clear()


def _use_permit(semaphore: Any) -> None:
    if semaphore.acquire(timeout=0.0002):
        semaphore.release()


def _semaphore_calls(cls: type[Any], permits: int) -> list[BlockingCall]:
    name = cls.__name__
    return [
        BlockingCall(
            f"{name}.acquire", lambda: _one_permit_taken(cls, permits), methodcaller("acquire"),
            methodcaller("release"), attrgetter("_value"), _waiting,
            timed=_Timed("acquire"), too_late=False, use=_use_permit,
        ),
        BlockingCall(
            f"{name}.__enter__", lambda: _one_permit_taken(cls, permits), methodcaller("__enter__"),
            methodcaller("release"), attrgetter("_value"), _waiting,
            use=_use_permit, without=NO_LIMIT,
        ),
    ]  # fmt: skip


class _WithLock:
    """A method of a condition that needs its lock."""

    def __init__(self, method: str, *arguments: Any) -> None:
        self._method = method
        self._arguments = arguments

    def __call__(self, condition: Any, *timeout: float) -> Any:
        with condition:
            return getattr(condition, self._method)(*self._arguments, *timeout)


class _Gate(Condition):
    """A condition with what it is about. The predicate is no code of Python, which memory may fail."""

    def __init__(self) -> None:
        super().__init__()
        self._flag = AtomicBool()
        self.is_open = self._flag.get

    def open(self) -> None:
        with self:
            self._flag.set(True)
            self.notify_all()


class _WaitUntilOpen:
    """Not with *timeout: CPython 3.13 loses a reference when memory fails in such a call."""

    def __call__(self, gate: Any, timeout: float | None = None) -> Any:
        with gate:
            return gate.wait_for(gate.is_open, timeout)


def _nothing(target: Any) -> Hashable:
    return None


def _use_condition(condition: Any) -> None:
    with condition:
        condition.wait(0.0002)
    with condition:
        condition.notify()


def _condition_call(name: str, make: Any, without: dict[str, str]) -> BlockingCall:
    return BlockingCall(
        name, make, _WithLock("wait"), _WithLock("notify"), _nothing, _waiting,
        timed=_WithLock("wait"), too_late=False, use=_use_condition,
        is_kept=False, without=without,
    )  # fmt: skip


class _AtBarrier:
    """wait() at a barrier whose reset() lets all return. A barrier that breaks is made as new."""

    _broken = threading.BrokenBarrierError

    def __call__(self, barrier: Any, *timeout: float) -> bool:
        try:
            barrier.wait(*timeout)
        except self._broken:
            too_late = barrier.broken
            if too_late:
                barrier.reset()
            return not too_late
        except BaseException:
            if barrier.broken:
                barrier.reset()
            raise
        raise AssertionError("so many threads do not wait")


SYNC_CALLS: tuple[BlockingCall, ...] = (
    BlockingCall(
        "Event.wait", Event, methodcaller("wait"), methodcaller("set"), methodcaller("is_set"), _waiting,
        timed=_Timed("wait"), too_late=False, use=_use_event, frees_all=True,
    ),
    BlockingCall(
        "Latch.wait", lambda: Latch(1), methodcaller("wait"), methodcaller("count_down"), attrgetter("count"),
        _waiting,
        timed=_Timed("wait"), too_late=False, frees_all=True,
    ),
    *_semaphore_calls(Semaphore, 1),
    *_semaphore_calls(BoundedSemaphore, 2),
    _condition_call("Condition.wait", Condition, {}),
    _condition_call("Condition.wait(Lock)", lambda: Condition(Lock()), {}),
    _condition_call(
        "Condition.wait(foreign)",
        lambda: Condition(threading.RLock()),
        {
            "no_memory": "threading.RLock needs memory to be taken again",
            "fork.under_load": "a threading.RLock that a vanished thread has stays taken",
        },
    ),
    BlockingCall(
        "Condition.wait_for", _Gate, _WaitUntilOpen(), methodcaller("open"), methodcaller("is_open"),
        waiting_in,
        timed=_WaitUntilOpen(), too_late=False, frees_all=True,
    ),
    BlockingCall(
        "Barrier.wait", lambda: Barrier(8), _AtBarrier(), methodcaller("reset"), _nothing,
        attrgetter("n_waiting"),
        timed=_AtBarrier(), too_late=False, frees_all=True, is_kept=False,
        without={"interrupt.sigint_to_process": BREAKS, "interrupt.handler_raises": BREAKS},
    ),
)  # fmt: skip
