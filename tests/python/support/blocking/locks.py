"""The blocking calls of raddle's locks, and the join of a thread."""

import threading
import time
from collections.abc import Hashable
from operator import methodcaller
from typing import Any

from raddle import Lock, RLock, Thread

from .call import BlockingCall
from .held import Held
from .waiters import waiting_in

NO_LIMIT = {"timeout": "`with` takes no timeout"}
OWNER_IS_GONE = {
    "shutdown.woken_by_finalisers": "only the thread that has it may release it, and that has ended by then"
}


def _taken() -> Any:
    lock = Lock()
    lock.acquire()
    return lock


def _held_by_acquire() -> Held:
    lock = RLock()
    return Held(lock, lock.acquire, lock.release, lambda: not lock.locked())


def _held_by_with() -> Held:
    lock = RLock()
    return Held(lock, lock.__enter__, lock.release, lambda: not lock.locked())


def _state(lock: Any) -> Hashable:
    return lock.locked()


def _held_state(held: Held) -> Hashable:
    return held.lock.locked()


def _waiting(held: Held) -> int:
    return waiting_in(held.lock)


class _Timed:
    """A method with a time limit. It has all it needs: in finalisers the names of this module may be gone."""

    def __init__(self, method: str) -> None:
        self._method = method

    def __call__(self, lock: Any, seconds: float) -> Any:
        return getattr(lock, self._method)(True, seconds)


def _use_lock(lock: Any) -> None:
    if lock.acquire(True, 0.0002):
        lock.release()


def _use_held(held: Held) -> None:
    if held.enter(True, 0.0002):
        held.leave()


def _enter_and_exit(lock: Any) -> None:
    with lock:
        pass


def _enter_and_exit_held(held: Held) -> None:
    with held.lock:
        pass


class _Worker(Thread):
    """A thread that ends when it is released."""

    def __init__(self) -> None:
        self._go = Lock()
        self._go.acquire()
        daemon = getattr(threading, "_daemon_threads_allowed", lambda: True)()
        super().__init__(target=self._go.acquire, daemon=daemon)
        self.start()

    def release(self) -> None:
        self._go.release()
        while self.is_alive():
            time.sleep(0)

    def __del__(self) -> None:
        if self._go.locked():
            self._go.release()


def _join_for(worker: _Worker, seconds: float) -> bool:
    worker.join(seconds)
    return not worker.is_alive()


def _release_and_join(worker: _Worker) -> None:
    worker.join(0.0002)
    worker.is_alive()


LOCK_CALLS: tuple[BlockingCall, ...] = (
    BlockingCall(
        "Lock.acquire", _taken, methodcaller("acquire"), methodcaller("release"), _state, waiting_in,
        timed=_Timed("acquire"), too_late=False, use=_use_lock, renew=methodcaller("acquire", False),
    ),
    BlockingCall(
        "Lock.__enter__", _taken, methodcaller("__enter__"), methodcaller("release"), _state, waiting_in,
        use=_enter_and_exit, renew=methodcaller("acquire", False), without=NO_LIMIT,
    ),
    BlockingCall(
        "RLock.acquire", _held_by_acquire, methodcaller("enter"), methodcaller("release"), _held_state,
        _waiting,
        timed=_Timed("enter"), too_late=False, use=_use_held, settle=methodcaller("leave"),
        renew=methodcaller("renew"), frees_all=True, without=OWNER_IS_GONE,
    ),
    BlockingCall(
        "RLock.__enter__", _held_by_with, methodcaller("enter"), methodcaller("release"), _held_state,
        _waiting,
        use=_enter_and_exit_held, settle=methodcaller("leave"), renew=methodcaller("renew"), frees_all=True,
        without={**NO_LIMIT, **OWNER_IS_GONE},
    ),
    BlockingCall(
        "Thread.join", _Worker, methodcaller("join"), methodcaller("release"), methodcaller("is_alive"),
        timed=_join_for, too_late=False, use=_release_and_join, frees_all=True,
        without={
            "fork": "threads that have vanished have ended: tests/python/locks/test_threads.py",
            "shutdown.woken_by_finalisers": "a daemon thread that is to end has been ended by then",
            "no_memory": "code in Python loses its bookkeeping when memory fails",
        },
    ),
)  # fmt: skip
