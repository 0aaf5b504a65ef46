"""update() and get_and_update(): callbacks that raise, use the object again, run more than once."""

import itertools
from typing import Any

import pytest
from raddle import AtomicFloat, AtomicInt, AtomicRef
from support.awkward import Converts, raiser
from support.broken import BrokenAtomic
from support.knobs import scaled
from support.process import check_program
from support.threads import bursts, frequent_switches, let_others_run, parallelize

UPDATES = [
    (AtomicInt, "update"),
    (AtomicInt, "get_and_update"),
    (AtomicFloat, "update"),
    (AtomicRef, "update"),
    (AtomicRef, "get_and_update"),
]
on_every_update = pytest.mark.parametrize(("cls", "method"), UPDATES)


@on_every_update
def test_installs_what_fn_returns(cls: Any, method: str) -> None:
    atomic = cls(1)
    assert getattr(atomic, method)(lambda value: value + 1) == (2 if method == "update" else 1)
    assert atomic.get() == 2


@on_every_update
@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit, KeyboardInterrupt, GeneratorExit])
def test_what_fn_raises_changes_nothing(cls: Any, method: str, error: type[BaseException]) -> None:
    atomic = cls(1)
    with pytest.raises(error):
        getattr(atomic, method)(lambda value: raiser(error)())
    assert atomic.get() == 1


@on_every_update
def test_fn_must_be_callable_with_one_argument(cls: Any, method: str) -> None:
    atomic = cls(1)
    with pytest.raises(TypeError, match="not callable"):
        getattr(atomic, method)(5)
    with pytest.raises(TypeError, match="positional argument"):
        getattr(atomic, method)(lambda: 5)
    with pytest.raises(TypeError, match="exactly one argument"):
        getattr(atomic, method)()
    assert atomic.get() == 1


@pytest.mark.parametrize(
    ("cls", "method", "result", "error"),
    [
        (AtomicInt, "update", "1", TypeError),
        (AtomicInt, "update", 1.5, TypeError),
        (AtomicInt, "get_and_update", 2**63, OverflowError),
        (AtomicInt, "get_and_update", Converts(1, raiser(ZeroDivisionError)), ZeroDivisionError),
        (AtomicFloat, "update", "1.5", TypeError),
        (AtomicFloat, "update", 10**400, OverflowError),
        (AtomicFloat, "update", Converts(1.0, raiser(ZeroDivisionError)), ZeroDivisionError),
    ],
)
def test_a_result_that_does_not_fit_changes_nothing(
    cls: Any, method: str, result: object, error: type[Exception]
) -> None:
    atomic = cls(1)
    with pytest.raises(error):
        getattr(atomic, method)(lambda value: result)
    assert atomic.get() == 1


@on_every_update
def test_fn_runs_again_if_the_value_changed_meanwhile(cls: Any, method: str) -> None:
    """fn itself changes the object three times, so that three of its results are not installed."""
    atomic, seen = cls(0), []

    def fn(value: Any) -> Any:
        seen.append(value)
        if len(seen) <= 3:
            atomic.get_and_set(len(seen) * 100)
        return value + 1

    assert getattr(atomic, method)(fn) == (301 if method == "update" else 300)
    assert seen == [0, 100, 200, 300]
    assert atomic.get() == 301


@on_every_update
def test_fn_may_update_the_same_object(cls: Any, method: str) -> None:
    atomic = cls(0)

    def fn(value: Any) -> Any:
        return value + 10 if value >= 5 else atomic.update(lambda inner: inner + 1)

    getattr(atomic, method)(fn)
    assert atomic.get() == 15


@on_every_update
def test_fn_runs_again_when_a_finaliser_interferes(cls: Any, method: str) -> None:
    atomic = cls(0)
    runs = itertools.count(1)

    class Interferes:
        def __del__(self) -> None:
            atomic.get_and_set(100)

    def fn(value: Any) -> Any:
        if next(runs) == 1:
            Interferes()
        return value + 1

    getattr(atomic, method)(fn)
    assert (atomic.get(), next(runs)) == (101, 3)


def unlucky_update(atomic: Any, rounds: int) -> list[Any]:
    """Updates whose fn lets others run, so that threads disturb each other. Returns what was installed."""

    def fn(value: Any) -> Any:
        if value % 8 == 0:
            let_others_run()
        return value + 1

    return [atomic.update(fn) for _ in range(rounds)]


class BrokenUpdate(BrokenAtomic):
    """Installs the result although the value changed while fn ran."""

    def update(self, fn: Any) -> Any:
        after = fn(self._value)
        self._replace(after)
        return after


def every_result_once(atomic: Any, threads: int, rounds: int) -> bool:
    """Does each of the numbers 1, 2, ... come out of exactly one update?"""
    with frequent_switches():
        installed = parallelize(lambda _: unlucky_update(atomic, rounds), threads)
    values = sorted(value for values in installed for value in values)
    in_order = all(list(values) == sorted(values) for values in installed)
    return in_order and values == list(range(1, threads * rounds + 1)) and atomic.get() == threads * rounds


@pytest.mark.parametrize("cls", [AtomicInt, AtomicFloat, AtomicRef])
@pytest.mark.parametrize("threads", [2, 4])
def test_under_contention_every_update_installs_exactly_one_result(cls: Any, threads: int) -> None:
    assert every_result_once(cls(0), threads, scaled(3000))


def test_a_broken_update_would_be_noticed() -> None:
    assert not every_result_once(BrokenUpdate(0), 4, scaled(3000))


@pytest.mark.parametrize("cls", [AtomicInt, AtomicRef])
def test_the_old_values_under_contention_are_each_seen_once(cls: Any) -> None:
    atomic = cls(0)
    with frequent_switches():
        seen = parallelize(
            lambda _: [atomic.get_and_update(lambda value: value + 1) for _ in bursts(2000)], 3
        )
    assert sorted(value for values in seen for value in values) == list(range(6000))


def plus_one(value: int) -> int:
    return value + 1


def divided_by_zero(value: int) -> int:
    return value // 0


def test_an_exception_in_one_thread_disturbs_no_other() -> None:
    atomic = AtomicInt()

    def fails_sometimes(number: int) -> int:
        installed = 0
        for turn in bursts(2000):
            try:
                atomic.update(plus_one if turn % 3 else divided_by_zero)
                installed += 1
            except ZeroDivisionError:
                pass
        return installed

    assert sum(parallelize(fails_sometimes, 3)) == atomic.get()


@pytest.mark.parametrize("cls", ["AtomicInt", "AtomicFloat", "AtomicRef"])
def test_a_signal_ends_a_loop_whose_builtin_fn_never_looks_for_signals(cls: str) -> None:
    assert check_program("interrupted_update", cls, timeout=60) == "interrupted in the loop\n"
