"""The blocking calls of RWLock, its views and its upgradable mode."""

from collections.abc import Hashable
from operator import methodcaller
from typing import Any

from raddle import RWLock

from .call import BlockingCall
from .held import Held
from .locks import NO_LIMIT, OWNER_IS_GONE
from .waiters import waiting_in

SHORT = 0.0002
WRITER_COMES_FIRST = {
    "fork.in_handler": "no reader can take the place of a vanished one: see test_rwlock_threads.py"
}


class _Held(Held):
    """An RWLock that another thread reads or writes; `enter` and `leave` are methods of this view of it."""

    def __init__(self, view: str, held: str, enter: str = "acquire") -> None:
        lock = RWLock()
        mine, other = getattr(lock, view), getattr(lock, held)
        super().__init__(
            lock, getattr(mine, enter), mine.release, lambda: _is_free(lock), other.acquire, other.release
        )


class _HeldWith(Held):
    """An RWLock that another thread writes; `enter` and `leave` are what `with` calls of this."""

    def __init__(self, with_what: str) -> None:
        lock = RWLock()
        what = getattr(lock, with_what)() if with_what else lock
        super().__init__(
            lock,
            what.__enter__,
            what.__exit__,
            lambda: _is_free(lock),
            lock.write.acquire,
            lock.write.release,
        )


class _Timed:
    """acquire() with a time limit. It has all it needs: names of this module may be gone in finalisers."""

    def __call__(self, held: Held, seconds: float) -> Any:
        return held.enter(True, seconds)


class _TimedWith:
    """What `with lock.METHOD(seconds):` does first; settled by a view's release()."""

    def __init__(self, method: str) -> None:
        self._method = method

    def __call__(self, held: Held, seconds: float) -> Any:
        return getattr(held.lock, self._method)(seconds).__enter__()


class _Upgradable:
    """All of `with lock.upgradable_lock(...)`, with an upgrade or without."""

    def __init__(self, upgrades: bool) -> None:
        self._upgrades = upgrades

    def __call__(self, held: Held, *timeout: float) -> None:
        with held.lock.upgradable_lock(*timeout) as u:
            if self._upgrades:
                u.upgrade(*timeout)


def _is_free(lock: Any) -> bool:
    return not (lock.read.locked() or lock.write.locked())


def _state(held: Held) -> Hashable:
    return held.lock.read.locked(), held.lock.write.locked()


def _waiting(held: Held) -> int:
    return waiting_in(held.lock)


def _use(held: Held) -> None:
    for view in (held.lock.write, held.lock.read):
        if view.acquire(True, SHORT):
            view.release()


_LEAVE, _RELEASE, _RENEW = methodcaller("leave"), methodcaller("release"), methodcaller("renew")


def _call(name: str, make: Any, **more: Any) -> BlockingCall:
    """A call that takes the lock, and gives it back when it has it."""
    without = OWNER_IS_GONE if "timed" in more else {**NO_LIMIT, **OWNER_IS_GONE}
    block = more.pop("block", methodcaller("enter"))
    if more.pop("held", "write") == "read":
        without = {**without, **WRITER_COMES_FIRST}
    return BlockingCall(
        f"RWLock.{name}", make, block, _RELEASE, _state, _waiting,
        use=_use, renew=_RENEW, frees_all=True, without=without, **more,
    )  # fmt: skip


def _acquire(name: str, view: str, held: str) -> BlockingCall:
    return _call(name, lambda: _Held(view, held), held=held, timed=_Timed(), too_late=False, settle=_LEAVE)


def _with(name: str, view: str, held: str) -> BlockingCall:
    return _call(
        name, lambda: _Held(view, held, "__enter__"), held=held, timed=_TimedWith(name),
        too_late=TimeoutError,
        settle=_LEAVE,
    )  # fmt: skip


def _upgradable(name: str, held: str, upgrades: bool) -> BlockingCall:
    what = _Upgradable(upgrades)
    return _call(name, lambda: _Held("read", held), held=held, block=what, timed=what, too_late=TimeoutError)


RWLOCK_CALLS: tuple[BlockingCall, ...] = (
    _acquire("read.acquire", "read", "write"),
    _acquire("write.acquire", "write", "write"),
    _acquire("write.acquire(readers)", "write", "read"),
    _with("read_lock", "read", "write"),
    _with("write_lock", "write", "read"),
    _call("__enter__", lambda: _HeldWith(""), settle=_LEAVE),
    _call("upgradable_lock.__enter__", lambda: _HeldWith("upgradable_lock"), settle=_LEAVE),
    _upgradable("upgradable_lock", "write", upgrades=False),
    _upgradable("upgradable_lock.upgrade", "read", upgrades=True),
)
