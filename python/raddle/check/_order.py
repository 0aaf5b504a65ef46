"""Orderings that the race detector cannot see, told by the program."""

from collections.abc import Hashable
from typing import Any
from weakref import ref

_BY_VALUE = (str, bytes, int, float, complex, bool, tuple, frozenset, type(None))
# By what an object is known: its Token, and what keeps the key true.
_kept: dict[Hashable, Any] = {}


def happens_before(obj: object) -> None:
    """What this thread did until now is before every later `happens_after(obj)`, of any thread.

    For what `raddle check` cannot see: a file that one thread writes and another waits for, a lock or queue
    of a C extension. Does nothing when no checker is at work. Numbers, strings and tuples are known by value,
    all other objects by identity. An object that has no weak references is kept alive until the program ends.

        happens_before(path)
        path.rename(final)
    """
    checker = _checker()
    if checker is not None:
        _token(checker, obj).release()


def happens_after(obj: object) -> None:
    """What comes now is after every `happens_before(obj)` until now, of any thread.

    Does nothing when no checker is at work.

        while not final.exists():
            time.sleep(0.1)
        happens_after(path)
    """
    checker = _checker()
    if checker is not None:
        _token(checker, obj).acquire()


def _checker() -> Any:
    """The checker, if it is at work."""
    from raddle import _raddle

    checker: Any = getattr(_raddle, "checker", None)
    return checker if checker is not None and checker.is_running() else None


def _token(checker: Any, obj: object) -> Any:
    key: Hashable
    if type(obj) in _BY_VALUE and _is_hashable(obj):
        key = (type(obj), obj)
        keeper: object = None
    else:
        key = id(obj)
        known = _kept.get(key)
        if known is not None:
            return known[0]
        try:
            keeper = ref(obj, lambda _, key=key: _kept.pop(key, None))  # type: ignore[misc]
        except TypeError:
            keeper = obj
    # setdefault: two threads that come at once get the same one.
    return _kept.setdefault(key, (checker.Token(), keeper))[0]


def _is_hashable(obj: object) -> bool:
    try:
        hash(obj)
    except TypeError:
        return False
    return True
