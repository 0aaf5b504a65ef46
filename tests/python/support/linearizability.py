"""Is a recorded history one that a sequential object could have had? (After Wing and Gong, 1993.)

A history is linearizable if its operations can be put into one order so that each lies after all operations
that had ended before it started, and a sequential object that does them in this order gives the same results.

The calls of one thread follow each other, so what has been ordered so far is a number per thread. The
search goes on with any thread's next call that no call still to be ordered precedes, and never enters the
same numbers with the same state twice (the memory that Lowe added to the method).
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from .history import History, Operation

State = Hashable
Step = Callable[..., tuple[State, Hashable]]  # From a state and arguments to the next state and the result.


@dataclass(frozen=True)
class Model:
    """A sequential object: the state it starts with, and what each method does."""

    initial: State
    steps: Mapping[str, Step]

    def do(self, state: State, operation: Operation) -> tuple[State, Hashable]:
        return self.steps[operation.name](state, *operation.arguments)


@dataclass(frozen=True)
class Verdict:
    """Whether the history is linearizable; if not, the longest part that is, and what could not follow."""

    linearizable: bool
    ordered: int
    total: int
    stuck: tuple[Operation, ...]

    def __str__(self) -> str:
        if self.linearizable:
            return f"all {self.total} calls can be ordered"
        calls = "\n".join(f"  {operation}" for operation in self.stuck)
        return f"{self.ordered} of {self.total} calls can be ordered; then none of these can follow:\n{calls}"


def check(model: Model, history: History) -> Verdict:
    """Searches for an order, depth first."""
    total = sum(map(len, history))
    start = tuple(0 for _ in history)
    seen = {(start, model.initial)}
    waiting: list[tuple[tuple[int, ...], State]] = [(start, model.initial)]
    furthest, stuck = -1, ()  # type: int, tuple[Operation, ...]
    while waiting:
        places, state = waiting.pop()
        ordered = sum(places)
        if ordered == total:
            return Verdict(True, total, total, ())
        following = _next_calls(history, places)
        if ordered > furthest:
            furthest, stuck = ordered, tuple(operation for _, operation in following)
        for thread, operation in following:
            after, result = model.do(state, operation)
            place = (*places[:thread], places[thread] + 1, *places[thread + 1 :])
            if not _same(result, operation.result) or (place, after) in seen:
                continue
            seen.add((place, after))
            waiting.append((place, after))
    return Verdict(False, furthest, total, stuck)


def _same(expected: Any, actual: Any) -> bool:
    """Equal and of the same type: True is not 1."""
    return expected is actual or (type(expected) is type(actual) and expected == actual)


def _next_calls(history: History, places: tuple[int, ...]) -> list[tuple[int, Operation]]:
    """The calls that may come next: those that started before all calls still to be ordered had ended."""
    calls = [
        (i, calls[place])
        for i, (calls, place) in enumerate(zip(history, places, strict=True))
        if place < len(calls)
    ]
    first_end = min(operation.end for _, operation in calls)
    return [(thread, operation) for thread, operation in calls if operation.start <= first_end]
