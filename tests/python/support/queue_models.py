"""The queues as sequential objects, and a view of the real ones that gives exceptions as results."""

from bisect import insort
from collections.abc import Hashable
from queue import Empty, Full
from typing import Any

from raddle import ShutDown

from .linearizability import Model

# What the queue holds, in the order in which it will be taken; the unfinished tasks; is it shut down?
State = tuple[tuple[Any, ...], int, bool]
EMPTY, FULL, CLOSED, TOO_MANY = "Empty", "Full", "ShutDown", "ValueError"


def queue_model(kind: str, maxsize: int) -> Model:
    """`kind` is the name of the class."""

    def put(state: State, item: Any) -> tuple[State, Hashable]:
        items, tasks, closed = state
        if closed:
            return state, CLOSED
        if 0 < maxsize <= len(items):
            return state, FULL
        if kind == "LifoQueue":
            after = [item, *items]
        else:
            after = [*items]
            insort(after, item) if kind == "PriorityQueue" else after.append(item)
        return (tuple(after), tasks + 1, closed), None

    def get(state: State) -> tuple[State, Hashable]:
        items, tasks, closed = state
        if not items:
            return state, CLOSED if closed else EMPTY
        return (items[1:], tasks, closed), items[0]

    def task_done(state: State) -> tuple[State, Hashable]:
        items, tasks, closed = state
        return ((items, tasks - 1, closed), None) if tasks else (state, TOO_MANY)

    def shutdown(state: State, immediate: bool) -> tuple[State, Hashable]:
        items, tasks, _ = state
        return (((), max(0, tasks - len(items)), True) if immediate else (items, tasks, True)), None

    return Model(
        ((), 0, False),
        {
            "put_nowait": put,
            "get_nowait": get,
            "shutdown": shutdown,
            "task_done": task_done,
            "qsize": lambda state: (state, len(state[0])),
            "empty": lambda state: (state, not state[0]),
            "full": lambda state: (state, 0 < maxsize <= len(state[0])),
            "is_shutdown": lambda state: (state, state[2]),
            "unfinished_tasks": lambda state: (state, state[1]),
        },
    )


class Answers:
    """A queue whose exceptions are results, and whose attributes are methods, so that all can be recorded."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def _answer(self, name: str, *arguments: Any) -> Any:
        try:
            return getattr(self._target, name)(*arguments)
        except (Empty, Full, ShutDown, ValueError) as error:
            return type(error).__name__

    def put_nowait(self, item: Any) -> Any:
        return self._answer("put_nowait", item)

    def get_nowait(self) -> Any:
        return self._answer("get_nowait")

    def shutdown(self, immediate: bool) -> Any:
        return self._answer("shutdown", immediate)

    def task_done(self) -> Any:
        return self._answer("task_done")

    def qsize(self) -> Any:
        return self._answer("qsize")

    def empty(self) -> Any:
        return self._answer("empty")

    def full(self) -> Any:
        return self._answer("full")

    def is_shutdown(self) -> Any:
        return self._target.is_shutdown

    def unfinished_tasks(self) -> Any:
        return self._target.unfinished_tasks
