"""What orders threads: the synchronisation of the standard library and of raddle, told to the race detector.

Everything is watched in place: classes, functions and objects stay the ones that the program has or will get.
There is one module here for each subject; the native half is src/bindings/check/sync*.cpp.
"""

from typing import Any

from raddle.check._sync import (
    _asyncio,
    _conditions,
    _futures,
    _imports,
    _locks,
    _processes,
    _queues,
    _raddle,
    _threads,
    _unknown,
)
from raddle.check._sync._watch import Watch

_SUBJECTS = (
    _locks,
    _threads,
    _conditions,
    _queues,
    _futures,
    _asyncio,
    _imports,
    _processes,
    _raddle,
)
_watch: Watch | None = None


def install(checker: Any) -> None:
    """Begin. The checker is at work already; other threads should not be."""
    global _watch
    if _watch is not None:
        return
    watch = Watch(checker)
    _watch = watch
    for subject in _SUBJECTS:
        subject.install(watch)


def uninstall() -> None:
    """Everything is as it was; clocks that objects keep are of no use any more."""
    global _watch
    if _watch is not None:
        _watch.undo()
        _watch = None


def unknown() -> list[str]:
    """What may order threads, is loaded, and is not understood: for the line about coverage."""
    return _unknown.unknown()
