"""The checker itself: it must accept good histories, whatever their overlaps, and reject bad ones."""

import pytest

from support.history import History, Operation
from support.knobs import generator
from support.linearizability import check
from support.models import int_model


def call(start: int, end: int, name: str, *arguments: int, gives: object = None) -> Operation:
    return Operation(name, arguments, gives, start, end)


GOOD: dict[str, History] = {
    "nothing": [],
    "a thread that does nothing": [[], [call(0, 1, "get", gives=0)]],
    "one thread": [[call(0, 1, "increment", gives=1), call(2, 3, "get", gives=1)]],
    "a read that overlaps a write sees the old value": [
        [call(0, 9, "set", 5)],
        [call(1, 2, "get", gives=0), call(3, 4, "get", gives=5)],
    ],
    "results out of order of the starts": [
        [call(0, 9, "increment", gives=2)],
        [call(1, 8, "increment", gives=1)],
    ],
    "the end of one is the start of the other": [[call(0, 5, "set", 1)], [call(5, 6, "get", gives=0)]],
    "needs to go back": [  # Whichever set is tried first, only one order of the two explains what is read.
        [call(0, 9, "set", 1)],
        [call(0, 9, "set", 2)],
        [call(10, 11, "get", gives=1), call(12, 13, "compare_and_set", 1, 3, gives=True)],
    ],
}

BAD: dict[str, History] = {
    "a lost update": [[call(0, 9, "increment", gives=1)], [call(1, 8, "increment", gives=1)]],
    "an old value after a new one": [
        [call(0, 1, "set", 5)],
        [call(2, 3, "get", gives=0)],
    ],
    "a value that nobody wrote": [[call(0, 1, "get", gives=7)]],
    "back in time between readers": [
        [call(0, 20, "set", 5)],
        [call(1, 2, "get", gives=5)],
        [call(3, 4, "get", gives=0)],
    ],
    "both win a compare_and_set": [
        [call(0, 9, "compare_and_set", 0, 1, gives=True)],
        [call(0, 9, "compare_and_set", 0, 2, gives=True)],
    ],
    "a compare_and_set that fails without reason": [[call(0, 1, "compare_and_set", 0, 1, gives=False)]],
    "an exchange that two threads get the same value from": [
        [call(0, 9, "get_and_set", 1, gives=0)],
        [call(0, 9, "get_and_set", 2, gives=0)],
    ],
    "an int where a bool belongs": [[call(0, 1, "compare_and_set", 0, 1, gives=1)]],
}


@pytest.mark.parametrize("history", GOOD.values(), ids=GOOD)
def test_accepts(history: History) -> None:
    verdict = check(int_model(0), history)
    assert verdict.linearizable, verdict


@pytest.mark.parametrize("history", BAD.values(), ids=BAD)
def test_rejects(history: History) -> None:
    verdict = check(int_model(0), history)
    assert not verdict.linearizable
    assert verdict.stuck


def simulated(threads: int, calls: int) -> History:
    """A good history: each call takes effect at a moment of its own, with room before and after it."""
    rng = generator("simulated", threads, calls)
    model, state = int_model(0), 0
    history: History = [[] for _ in range(threads)]
    free_from = [0] * threads
    for moment in range(0, calls * 10, 10):
        thread = rng.randrange(threads)
        name, arguments = rng.choice([("get", ()), ("increment", (1,)), ("get_and_set", (rng.randrange(3),))])
        start = rng.randint(min(free_from[thread], moment), moment)
        end = moment + rng.randrange(40)
        if start < free_from[thread]:
            continue
        after, result = model.steps[name](state, *arguments)
        state = after  # type: ignore[assignment]
        history[thread].append(Operation(name, arguments, result, start, end))
        free_from[thread] = end + 1
    return history


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_accepts_what_a_sequential_object_did(threads: int) -> None:
    history = simulated(threads, 3000)
    assert check(int_model(0), history).linearizable


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_rejects_it_with_one_result_changed(threads: int) -> None:
    history = simulated(threads, 3000)
    calls = history[generator("changed").randrange(threads)]
    place = len(calls) // 2
    old = calls[place]
    calls[place] = Operation(old.name, old.arguments, 10**9, old.start, old.end)
    verdict = check(int_model(0), history)
    assert not verdict.linearizable
    assert old.start in {operation.start for operation in verdict.stuck}
    assert "1000000000" in str(verdict)
