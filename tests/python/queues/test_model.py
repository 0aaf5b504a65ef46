"""Random sequences of calls by one thread: the same results as the stdlib's queues, step by step."""

import queue
import sys
from typing import Any

import pytest
import raddle
from hypothesis import given, settings
from hypothesis import strategies as st

NUMBERS = st.integers(0, 9)
MAXSIZES = st.integers(-1, 4)
CALLS: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
    "put": st.tuples(NUMBERS, st.just(False)),
    "put_nowait": st.tuples(NUMBERS),
    "get": st.just((True, 0)),
    "get_nowait": st.just(()),
    "qsize": st.just(()),
    "empty": st.just(()),
    "full": st.just(()),
    "task_done": st.just(()),
    "maxsize": st.tuples(MAXSIZES),
}
SHUTDOWN = {"shutdown": st.tuples(st.booleans())}
BEYOND: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
    "put_many": st.tuples(st.lists(NUMBERS, max_size=6), st.just(False)),
    "put_many_of_iterator": st.tuples(st.lists(NUMBERS, max_size=6)),
    "get_many": st.tuples(st.integers(0, 6), st.just(False)),
    "drain": st.just(()),
}


def calls(*choices: dict[str, st.SearchStrategy[tuple[Any, ...]]]) -> Any:
    merged = {name: arguments for choice in choices for name, arguments in choice.items()}
    one = st.one_of(*(st.tuples(st.just(name), arguments) for name, arguments in merged.items()))
    return st.lists(one, max_size=60)


STDLIB = calls(CALLS) if sys.version_info < (3, 13) else calls(CALLS, SHUTDOWN)


def do(target: Any, name: str, arguments: tuple[Any, ...]) -> object:
    try:
        if name == "maxsize":
            return setattr(target, "maxsize", *arguments)
        if name == "put_many_of_iterator":
            return target.put_many(iter(*arguments), block=False)
        return getattr(target, name)(*arguments)
    except (queue.Empty, queue.Full, raddle.ShutDown, ValueError) as error:
        return type(error), str(error)


def look(target: Any) -> list[Any]:
    names = ["unfinished_tasks", "maxsize", *(["is_shutdown"] if hasattr(target, "is_shutdown") else [])]
    if target.unfinished_tasks == 0:
        target.join()
    return [target.qsize(), target.empty(), target.full(), *(getattr(target, name) for name in names)]


@pytest.mark.parametrize("name", ["Queue", "LifoQueue", "PriorityQueue"])
@settings(max_examples=150)
@given(maxsize=MAXSIZES, script=STDLIB)
def test_does_what_the_stdlib_does(
    name: str, maxsize: int, script: list[tuple[str, tuple[Any, ...]]]
) -> None:
    ours, theirs = getattr(raddle, name)(maxsize), getattr(queue, name)(maxsize)
    for method, arguments in script:
        assert do(ours, method, arguments) == do(theirs, method, arguments)
        assert look(ours)[: len(look(theirs))] == look(theirs)


class Model:
    """What the calls beyond the stdlib's mean, by the calls of the stdlib's own queue."""

    def __init__(self, target: Any) -> None:
        self.target = target
        self.closed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "maxsize":
            self.target.maxsize = value
        else:
            object.__setattr__(self, name, value)

    def shutdown(self, immediate: bool) -> None:
        self.closed = True
        if immediate:
            for _ in self.drain():
                if self.target.unfinished_tasks:
                    self.target.task_done()

    def put(self, item: Any, *rest: Any) -> None:
        if self.closed:
            raise raddle.ShutDown
        self.target.put_nowait(item)

    put_nowait = put

    def get(self, *rest: Any) -> Any:
        if self.closed and self.target.empty():
            raise raddle.ShutDown
        return self.target.get_nowait()

    get_nowait = get

    def put_many(self, items: Any, block: bool = False) -> int:
        items = list(items)
        if self.closed:
            raise raddle.ShutDown
        for count, item in enumerate(items):
            try:
                self.put(item)
            except queue.Full:
                return count
        return len(items)

    def get_many(self, most: int, block: bool = False) -> list[Any]:
        if self.closed and most and self.target.empty():
            raise raddle.ShutDown
        return [self.get() for _ in range(min(most, self.target.qsize()))]

    def drain(self) -> list[Any]:
        return [self.target.get_nowait() for _ in range(self.target.qsize())]


@pytest.mark.parametrize("name", ["Queue", "LifoQueue", "PriorityQueue"])
@settings(max_examples=150)
@given(maxsize=MAXSIZES, script=calls(CALLS, SHUTDOWN, BEYOND))
def test_does_what_single_calls_would_do(
    name: str, maxsize: int, script: list[tuple[str, tuple[Any, ...]]]
) -> None:
    ours, model = getattr(raddle, name)(maxsize), Model(getattr(queue, name)(maxsize))
    for method, arguments in script:
        assert do(ours, method, arguments) == do(
            model, "put_many" if method.startswith("put_many") else method, arguments
        )
        assert (ours.qsize(), ours.unfinished_tasks) == (model.qsize(), model.unfinished_tasks)


@settings(max_examples=150)
@given(script=st.lists(st.sampled_from(["put", "get", "put_many", "get_many", "drain"]), max_size=80))
def test_a_simple_queue_is_a_list(script: list[str]) -> None:
    ours: raddle.SimpleQueue[int] = raddle.SimpleQueue()
    model: list[int] = []
    for number, method in enumerate(script):
        if method == "put":
            ours.put(number)
            model.append(number)
        elif method == "put_many":
            assert ours.put_many(range(number, number + 20)) == 20
            model += range(number, number + 20)
        elif method == "get" and model:
            assert ours.get() == model.pop(0)
        elif method == "get_many":
            assert ours.get_many(7, block=False) == model[:7]
            del model[:7]
        elif method == "drain":
            assert ours.drain() == model
            model.clear()
        assert ours.qsize() == len(model)
        assert ours.empty() is not bool(model)
