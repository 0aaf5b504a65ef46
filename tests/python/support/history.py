"""Recording what threads do with a shared object: each call with its result, its start, and its end."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter_ns
from typing import Any

from .threads import bursts, let_others_run, parallelize

Call = tuple[str, tuple[Any, ...]]  # A method's name and its arguments.


@dataclass(frozen=True, slots=True)
class Operation:
    """One call that took effect at some moment from `start` to `end`."""

    name: str
    arguments: tuple[Any, ...]
    result: Hashable
    start: int
    end: int

    def __str__(self) -> str:
        arguments = ", ".join(map(repr, self.arguments))
        return f"{self.start}..{self.end} {self.name}({arguments}) -> {self.result!r}"


History = list[list[Operation]]  # For each thread its calls, in order.


class StartingLine:
    """Lets threads go at the same moment: a barrier wakes one after the other, so they wait awake."""

    def __init__(self, threads: int) -> None:
        self._missing = threads
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            self._missing -= 1
        while self._missing:
            let_others_run()


def record(calls: list[Call], target: Any, line: StartingLine) -> list[Operation]:
    """Does the calls one after the other and writes down what happened."""
    prepared = [(getattr(target, name), name, arguments) for name, arguments in calls]
    done = []
    line.wait()
    for turn in bursts(len(prepared)):
        method, name, arguments = prepared[turn]
        start = perf_counter_ns()
        result = method(*arguments)
        end = perf_counter_ns()
        done.append((name, arguments, result, start, end))
    return [Operation(*row) for row in done]


def record_threads(target: Any, threads: int, plan: Callable[[int], list[Call]]) -> History:
    """Lets each thread do its plan on the same object."""
    plans = [plan(number) for number in range(threads)]
    line = StartingLine(threads)
    return parallelize(lambda number: record(plans[number], target, line), threads)


def turns(history: History) -> int:
    """How often one thread's call was followed by another's: a history without turns tests nothing."""
    order = sorted((call.start, thread) for thread, calls in enumerate(history) for call in calls)
    return sum(before != after for (_, before), (_, after) in pairwise(order))
