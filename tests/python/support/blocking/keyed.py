"""The blocking calls of KeyedLock and lock_all."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import repeat
from operator import methodcaller
from typing import Any

from raddle import KeyedLock, Lock, lock_all

from .call import BlockingCall
from .waiters import waiting_in

KEY = True  # What acquire() returns, so that release() can be given that.


class _Holder:
    """A thread that has the key until it is told to let go."""

    def __init__(self, locks: KeyedLock[bool]) -> None:
        self.has_let_go = False
        self._locks = locks
        self._taken, self._go = threading.Lock(), threading.Lock()
        self._taken.acquire()
        self._go.acquire()
        try:
            self.thread = threading.Thread(target=self._run, daemon=True)
        except RuntimeError:  # Some subinterpreters have no daemon threads.
            self.thread = threading.Thread(target=self._run)
        self.thread.start()
        self._taken.acquire()

    def _run(self) -> None:
        locks, take = self._locks, self._go.acquire
        locks.acquire(KEY)
        self._taken.release()
        take()
        locks.release(KEY)
        self.has_let_go = True

    def let_go(self) -> None:
        with suppress(RuntimeError):
            self._go.release()


class _Held(map):  # type: ignore[type-arg]
    """next() of it takes the key, waits for it if need be, and gives it back; no function of Python does."""

    locks: KeyedLock[bool]
    holder: _Holder

    def __new__(cls, taking: Callable[[KeyedLock[bool]], Any]) -> "_Held":
        locks: KeyedLock[bool] = KeyedLock()
        self = super().__new__(cls, *taking(locks))
        self.locks = locks
        self.holder = _Holder(locks)
        return self

    def __del__(self) -> None:
        self.holder.let_go()


def _by_acquire(locks: KeyedLock[bool]) -> Any:
    return locks.release, map(locks.acquire, repeat(KEY))


def _by_with(locks: KeyedLock[bool]) -> Any:
    return locks.release, map(methodcaller("__enter__"), map(locks, repeat(KEY)))


def _let_go(target: _Held) -> None:
    holder, deadline = target.holder, time.monotonic() + 5
    holder.let_go()
    while not holder.has_let_go and time.monotonic() < deadline:
        time.sleep(0)
    if holder.has_let_go:  # A subinterpreter must not end while a daemon thread of its own still does.
        holder.thread.join()


def _acquire_for(target: _Held, seconds: float) -> bool:
    taken = target.locks.acquire(KEY, timeout=seconds)
    if taken:
        target.locks.release(KEY)
    return taken


def _has_let_go(target: _Held) -> bool:
    return target.holder.has_let_go


def _waiting_for_key(target: _Held) -> int:
    return waiting_in(target.locks)


HOLDER_VANISHES = "in the child the key is free, as its holder has vanished: tested in test_keyed_ends.py"
NEEDS_A_HOLDER = "the holder, a thread, cannot let go any more"
FAILS_TOO = "the thread that is to let go lacks memory too: tested in test_keyed_memory.py"
WITHOUT = {
    "fork.while_waiting": HOLDER_VANISHES,
    "fork.in_handler": HOLDER_VANISHES,
    "shutdown.woken_by_finalisers": NEEDS_A_HOLDER,
    "no_memory": FAILS_TOO,
}


TAKER_VANISHES = "in the child of another thread's fork the lock is free, as its taker has vanished"


class _Together(map):  # type: ignore[type-arg]
    """next() of it makes a lock_all() of a Lock and enters it."""

    lock: Lock

    def __new__(cls) -> "_Together":
        lock = Lock()
        lock.acquire()
        self = super().__new__(cls, methodcaller("__enter__"), map(lock_all, repeat(lock)))
        self.lock = lock
        return self


class _TogetherFor:
    """It has all it needs: in finalisers the names of this module may be gone."""

    lock_all = lock_all

    def __call__(self, target: _Together, seconds: float) -> bool:
        return self.lock_all(target.lock, timeout=seconds).__enter__()


class _Release:
    suppress = suppress
    error = RuntimeError

    def __call__(self, target: _Together) -> None:
        with self.suppress(self.error):  # Already released, by a thread that uses it too.
            target.lock.release()


def _is_locked(target: _Together) -> bool:
    return target.lock.locked()


def _waiting_together(target: _Together) -> int:
    return waiting_in(target.lock)


KEYED_CALLS: tuple[BlockingCall, ...] = (
    BlockingCall(
        "KeyedLock.acquire", lambda: _Held(_by_acquire), next, _let_go, _has_let_go, _waiting_for_key,
        timed=_acquire_for, too_late=False, frees_all=True, without=WITHOUT,
    ),
    BlockingCall(
        "KeyedLock.with", lambda: _Held(_by_with), next, _let_go, _has_let_go, _waiting_for_key,
        use=next, frees_all=True, without=WITHOUT | {"timeout": "`with locks(key)` takes no timeout"},
    ),
    BlockingCall(
        "lock_all", _Together, next, _Release(), _is_locked, _waiting_together,
        timed=_TogetherFor(), too_late=TimeoutError, without={"fork.while_waiting": TAKER_VANISHES},
    ),
)  # fmt: skip
