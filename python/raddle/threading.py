"""Every name of the standard library's module `threading`: raddle's own where it has one.

`from raddle import threading` in place of `import threading` is all that a program has to change. What
is not raddle's is the very object of `threading`. To set a hook for exceptions, assign to `excepthook` of
`threading` itself: that is where the interpreter looks for it.
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
    excepthook,
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
from typing import Any

from raddle._raddle import Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore
from raddle._threads import Thread, Timer

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


def __getattr__(name: str) -> Any:
    """What a later Python's `threading` has besides."""
    if name in _threading.__all__:
        return getattr(_threading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
