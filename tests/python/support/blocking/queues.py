"""The blocking calls of raddle's queues."""

import re
from collections.abc import Hashable
from contextlib import suppress
from operator import methodcaller
from queue import Empty, Full
from typing import Any

from raddle import LifoQueue, PriorityQueue, Queue, SimpleQueue

from .call import BlockingCall

ITEM = 7
ITEMS = range(ITEM, ITEM + 1)  # Neither list nor tuple, and a new iterator for every call.
NO_LIMIT = {"timeout": "takes no timeout, as in the standard library"}


class _Timed:
    """A method with a time limit. It has all it needs: in finalisers the names of this module may be gone."""

    def __init__(self, method: str, *arguments: object) -> None:
        self._method = method
        self._arguments = arguments

    def __call__(self, queue: Any, seconds: float) -> Any:
        return getattr(queue, self._method)(*self._arguments, timeout=seconds)


def _full(cls: type[Any]) -> Any:
    queue = cls(1)
    queue.put(ITEM)
    return queue


def _unfinished(cls: type[Any]) -> Any:
    queue = cls()
    queue.put(ITEM)
    queue.get()
    return queue


def _state(queue: Any) -> Hashable:
    return queue.qsize(), getattr(queue, "unfinished_tasks", None)


def _waiting(queue: Any, to: str) -> int:
    match = re.search(rf"(\d+)( waiting)? to {to}\b", repr(queue))
    if match is None:
        raise AssertionError(f"no number of threads that wait to {to} in {queue!r}")
    return int(match[1])


def _waiting_to_get(queue: Any) -> int:
    return _waiting(queue, "get")


def _waiting_to_put(queue: Any) -> int:
    return _waiting(queue, "put")


def _finish_all(queue: Any) -> None:
    queue.put(ITEM)
    with suppress(ValueError):  # All are done, also those of threads that a fork() has left behind.
        while True:
            queue.task_done()
    queue.get_many(1, False)
    queue.join()


def _put_and_next(queue: Any) -> None:
    queue.put(ITEM)
    next(queue)


def _get_calls(cls: type[Any]) -> list[BlockingCall]:
    name = cls.__name__
    put = methodcaller("put", ITEM)
    return [
        BlockingCall(
            f"{name}.get", cls, methodcaller("get"), put, _state, _waiting_to_get,
            timed=_Timed("get"), too_late=Empty,
        ),
        BlockingCall(
            f"{name}.get_many", cls, methodcaller("get_many", 2), put, _state, _waiting_to_get,
            timed=_Timed("get_many", 1), too_late=[],
        ),
    ]  # fmt: skip


def _put_calls(cls: type[Any]) -> list[BlockingCall]:
    name = cls.__name__
    make_room = methodcaller("get_many", 1, False)
    return [
        BlockingCall(
            f"{name}.put", lambda: _full(cls), methodcaller("put", ITEM), make_room, _state, _waiting_to_put,
            timed=_Timed("put", ITEM), too_late=Full,
        ),
        BlockingCall(
            f"{name}.put_many", lambda: _full(cls), methodcaller("put_many", [ITEM]), make_room, _state,
            _waiting_to_put,
            timed=_Timed("put_many", [ITEM]), too_late=0,
        ),
        BlockingCall(
            f"{name}.put_many(iterator)", lambda: _full(cls), methodcaller("put_many", ITEMS), make_room,
            _state, _waiting_to_put,
            timed=_Timed("put_many", ITEMS), too_late=0,
        ),
    ]  # fmt: skip


def _calls_without_limit(cls: type[Any]) -> list[BlockingCall]:
    name = cls.__name__
    return [
        BlockingCall(
            f"{name}.__next__", cls, next, methodcaller("put", ITEM), _state, _waiting_to_get,
            use=_put_and_next, without={"timeout": "iteration takes no timeout"},
        ),
        BlockingCall(
            f"{name}.join", lambda: _unfinished(cls), methodcaller("join"), methodcaller("task_done"), _state,
            use=_finish_all, frees_all=True, without=NO_LIMIT,
        ),
    ]  # fmt: skip


QUEUE_CALLS: tuple[BlockingCall, ...] = (
    *(
        call
        for cls in (Queue, LifoQueue, PriorityQueue)
        for call in (*_get_calls(cls), *_put_calls(cls), *_calls_without_limit(cls))
    ),
    *_get_calls(SimpleQueue),
)
