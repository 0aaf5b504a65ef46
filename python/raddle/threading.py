"""Every name of the standard library's module `threading`: raddle's own where it has one.

`from raddle import threading` in place of `import threading` is all that a program has to change. What
is not raddle's is the very object of `threading`. `excepthook` is what it is there, now: threads look for it
there, so assigning to it here assigns to it there.
"""

import sys
import threading as _threading
from threading import (
    TIMEOUT_MAX,
    BrokenBarrierError,
    ExceptHookArgs,
    ThreadError,
    active_count,
    current_thread,
    enumerate,
    get_ident,
    get_native_id,
    getprofile,
    gettrace,
    local,
    main_thread,
    setprofile,
    settrace,
    stack_size,
)
from types import ModuleType
from typing import TYPE_CHECKING, Any

from raddle._raddle import Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore
from raddle._threads import Thread, Timer

if TYPE_CHECKING:
    from threading import excepthook

__excepthook__ = _threading.__excepthook__  # type: ignore[attr-defined]

if sys.version_info >= (3, 12):
    from threading import setprofile_all_threads, settrace_all_threads

__all__ = [
    "TIMEOUT_MAX",
    "Barrier",
    "BoundedSemaphore",
    "BrokenBarrierError",
    "Condition",
    "Event",
    "ExceptHookArgs",
    "Lock",
    "RLock",
    "Semaphore",
    "Thread",
    "ThreadError",
    "Timer",
    "active_count",
    "current_thread",
    "enumerate",
    "excepthook",
    "get_ident",
    "get_native_id",
    "getprofile",
    "gettrace",
    "local",
    "main_thread",
    "setprofile",
    "settrace",
    "stack_size",
]
if sys.version_info >= (3, 12):
    __all__ += ["setprofile_all_threads", "settrace_all_threads"]


class _Module(ModuleType):
    """The class of this module: `excepthook` is that of `threading`."""

    @property
    def excepthook(self) -> Any:
        return _threading.excepthook

    @excepthook.setter
    def excepthook(self, hook: Any) -> None:
        _threading.excepthook = hook

    @excepthook.deleter
    def excepthook(self) -> None:
        del _threading.excepthook

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), "excepthook"})

    def __reduce__(self) -> tuple[Any, ...]:
        from importlib import import_module

        return import_module, (self.__name__,)


sys.modules[__name__].__class__ = _Module


def __getattr__(name: str) -> Any:
    """What a later Python's `threading` has besides."""
    if name in _threading.__all__:
        return getattr(_threading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
