"""The locks of `_thread`, which all of the standard library's are made of."""

import _thread
import sys
import threading
from functools import partial

from raddle.check._sync._watch import Watch

# Locks that every thread takes, whatever the program does: their order is an accident.
_INNER = {
    "threading": ("_active_limbo_lock", "_shutdown_locks_lock"),
    "logging": ("_lock",),
    "concurrent.futures.thread": ("_global_shutdown_lock",),
    "_weakrefset": (),
    "weakref": (),
}


def install(watch: Watch) -> None:
    lock = type(_thread.allocate_lock())
    rlock = _thread.RLock
    watch.checker.sync_watch_locks(lock, rlock)
    for kind in (lock, rlock):
        watch.c_method(kind, "acquire acquire_lock", "lock_acquired")
        watch.c_method(kind, "__enter__", "lock_entered")
        watch.c_method(kind, "_at_fork_reinit", "lock_reinitialised")
    watch.c_method(lock, "release release_lock __exit__", "lock_releasing")
    watch.c_method(rlock, "release __exit__", "rlock_releasing")
    watch.c_method(rlock, "_release_save", "rlock_releasing_all")
    watch.c_method(rlock, "_acquire_restore", "rlock_acquired_all")
    for name in _INNER:
        watch.when_imported(name, partial(silence, module=name))


def silence(watch: Watch, module: str) -> None:
    for name in _INNER[module]:
        lock = getattr(sys.modules[module], name, None)
        if lock is not None:
            watch.checker.sync_silence(lock)


def silence_after_fork(watch: Watch) -> None:
    """threading makes a new one in the child."""
    watch.checker.sync_silence(threading._active_limbo_lock)  # type: ignore[attr-defined]
