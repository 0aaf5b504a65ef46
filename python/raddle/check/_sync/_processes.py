"""Processes: a child of fork() has one thread, which comes after all that was done before.

The engine is told by the handlers of src/bindings/check/current.cpp. What is left is that `threading` makes
a new lock of its own in the child. Other processes share no objects: subprocess and multiprocessing order
nothing here.
"""

import os
import weakref

from raddle.check._sync import _locks
from raddle.check._sync._watch import Watch

_current: "weakref.ref[Watch] | None" = None
_is_registered = False


def install(watch: Watch) -> None:
    global _current, _is_registered
    _current = weakref.ref(watch)
    if not _is_registered and hasattr(os, "register_at_fork"):
        _is_registered = True
        os.register_at_fork(after_in_child=_in_child)


def _in_child() -> None:
    watch = _current() if _current is not None else None
    if watch is not None:
        _locks.silence_after_fork(watch)
