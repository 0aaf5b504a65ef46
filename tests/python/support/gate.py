"""Factories that end when a test says so, and threads around them."""

import threading
from collections.abc import Callable
from typing import Any

from raddle import Lazy, OnceMap, SimpleQueue

from .blocking.waiters import wait_until, waiting_in

KEY = "key"


def call(lazy: Any) -> Any:
    """The result of a Lazy, a function that is run once, or the KEY of a OnceMap."""
    if isinstance(lazy, OnceMap):
        return lazy.get(KEY)
    return lazy.get() if isinstance(lazy, Lazy) else lazy()


def outcome(action: Callable[[], Any]) -> Any:
    """What it returns or raises."""
    try:
        return action()
    except BaseException as error:
        return error


class Gate:
    """A factory that says that it runs, and ends when it is told how."""

    def __init__(self) -> None:
        self.runs = 0
        self.began: SimpleQueue[None] = SimpleQueue()
        self.ends: SimpleQueue[Any] = SimpleQueue()

    def __call__(self, *key: object) -> Any:
        self.runs += 1
        self.began.put(None)
        end = self.ends.get(timeout=20)
        if isinstance(end, BaseException):
            raise end
        return end


def wait_in(lazy: Any, count: int) -> tuple[list[threading.Thread], list[Any]]:
    """That many threads that wait for a run in progress, and where their outcomes come."""
    outcomes: list[Any] = []
    crew = [
        threading.Thread(target=lambda: outcomes.append(outcome(lambda: call(lazy)))) for _ in range(count)
    ]
    for thread in crew:
        thread.start()
    wait_until(lambda: waiting_in(lazy) == count, f"{count} threads wait")
    return crew, outcomes


def start_run(lazy: Any, gate: Gate) -> tuple[threading.Thread, list[Any]]:
    """A thread that runs the factory."""
    outcomes: list[Any] = []
    thread = threading.Thread(target=lambda: outcomes.append(outcome(lambda: call(lazy))))
    thread.start()
    gate.began.get(timeout=20)
    return thread, outcomes
