"""PriorityQueue when comparing items raises or is interrupted: nothing has changed, nothing is lost."""

import signal
import sys
from typing import Any

import pytest
from raddle import PriorityQueue
from support.compared import Item, kind, numbers
from support.knobs import generator


class Trap:
    """Raises at the n-th comparison, and at every later one if it is to stay broken."""

    def __init__(self) -> None:
        self.left = -1
        self.stays = False

    def __call__(self) -> None:
        if self.left == 0 and self.stays:
            raise ZeroDivisionError
        self.left -= self.left >= 0
        if self.left == 0:
            if not self.stays:
                self.left = -1
            raise ZeroDivisionError


def prepared(trap: Trap, count: int = 40) -> tuple[PriorityQueue[Any], type[Item]]:
    made = kind(trap)
    order = list(range(count))
    generator("heap").shuffle(order)
    target: PriorityQueue[Any] = PriorityQueue()
    for number in order:
        target.put(made(number))
    return target, made


@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.parametrize("nth", range(1, 7))
def test_a_put_that_raises_changes_nothing(nth: int, stays: bool) -> None:
    trap = Trap()
    target, made = prepared(trap)
    item = made(-1)
    count = sys.getrefcount(item)
    trap.left, trap.stays = nth, stays
    refused = False
    try:
        target.put(item)
    except ZeroDivisionError:
        refused = True
    assert refused or nth > 5
    assert target.qsize() == target.unfinished_tasks == (40 if refused else 41)
    assert sys.getrefcount(item) == (count if refused else count + 1)
    trap.left = -1
    assert numbers(target.drain())[-40:] == list(range(40))


@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.parametrize(
    ("method", "nth"),
    [
        *((method, nth) for method in ("get", "get_nowait") for nth in (1, 2, 3)),
        *((method, nth) for method in ("get_many", "drain") for nth in (1, 2, 3, 5, 8, 30, 90, 110)),
    ],
)
def test_a_get_that_raises_loses_nothing(method: str, nth: int, stays: bool) -> None:
    trap = Trap()
    target, _ = prepared(trap)
    trap.left, trap.stays = nth, stays
    arguments = (30,) if method == "get_many" else ()
    with pytest.raises(ZeroDivisionError):
        getattr(target, method)(*arguments)
    assert target.qsize() == 40
    trap.left, trap.stays = -1, False
    left = numbers(target.drain())
    assert sorted(left) == list(range(40))
    assert stays or left == list(range(40)), "comparisons work again, so the order is right again"


def test_items_that_cannot_be_compared() -> None:
    target: PriorityQueue[Any] = PriorityQueue()
    target.put(1)
    for wrong in ("text", None, (1,), object(), 1j):
        with pytest.raises(TypeError, match="not supported between"):
            target.put(wrong)
        with pytest.raises(TypeError):
            target.put_many([0, wrong, 2])
    assert target.drain() == [0] * 5 + [1]


def test_put_many_keeps_what_went_in_before_a_comparison_raised() -> None:
    trap = Trap()
    target, made = prepared(trap, 0)
    trap.left = 3
    with pytest.raises(ZeroDivisionError):
        target.put_many([made(n) for n in range(10)])
    assert numbers(target.drain()) == [0, 1, 2]


def test_the_comparison_that_fails_hides_no_other_exception() -> None:
    """Putting back what get_many took compares again, and may fail again: the first exception is raised."""
    trap = Trap()
    target, _ = prepared(trap)
    trap.left, trap.stays = 60, True
    with pytest.raises(ZeroDivisionError) as raised:
        target.get_many(40)
    assert raised.value.__context__ is None
    assert target.qsize() == 40


class InterruptError(Exception):
    """What the signal handler raises."""


@pytest.mark.parametrize("method", ["put", "get", "get_many", "drain"])
def test_a_signal_handler_that_raises_in_a_comparison(method: str) -> None:
    def interrupt(*_: object) -> None:
        raise InterruptError

    trap = [0]

    def send() -> None:
        trap[0] -= 1
        if trap[0] == 0:
            signal.raise_signal(signal.SIGUSR1)

    made = kind(send)
    target: PriorityQueue[Any] = PriorityQueue()
    target.put_many([made((7 * n) % 20) for n in range(20)])
    calls = {
        "put": lambda: target.put(made(-1)),
        "get": lambda: target.get(),
        "get_many": lambda: target.get_many(10),
        "drain": lambda: target.drain(),
    }
    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        for nth in (1, 2, 3):
            trap[0] = nth
            with pytest.raises(InterruptError):
                calls[method]()
            assert target.qsize() == target.unfinished_tasks == 20
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert numbers(target.drain()) == list(range(20))
