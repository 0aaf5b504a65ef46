"""Sums under contention: near the ends of 64 bits, by all ways to add, and as exact totals."""

from collections.abc import Callable
from typing import Any

import pytest
from raddle import AtomicBool, AtomicFloat, AtomicInt
from support.broken import BrokenAtomic, OvershootingInt
from support.knobs import generator, scaled
from support.models import HIGH, LOW
from support.threads import bursts, frequent_switches, let_others_run, parallelize

THREADS = 4
WINDOW = 1000  # How far below the end the values may get.


def push_against_the_end(atomic: Any, end: int, rounds: int) -> list[str]:
    """Threads add and subtract near `end`. Returns what was wrong; nothing if all is well.

    Each thread adds at most what it has subtracted, plus three: at the worst all of them stand at the end.
    """
    towards = 1 if end > 0 else -1
    start = atomic.get()
    wrong: list[str] = []

    def push(number: int) -> int:
        rng = generator("push", end, number)
        balance = 0
        for _ in bursts(rounds):
            n = rng.randint(1, 3)
            if balance > -WINDOW // (2 * THREADS) and rng.random() < 0.45:
                n = -n
            try:
                atomic.increment(n * towards)
                balance += n
            except OverflowError:
                if n < 0:
                    wrong.append("a step away from the end was refused")
            if abs(end - atomic.get()) > WINDOW:
                wrong.append(f"{atomic.get()} is far from {end}")
            if wrong:
                break
        return balance

    with frequent_switches():
        accepted = sum(parallelize(push, THREADS))
    if atomic.get() != start + accepted * towards:
        wrong.append(f"{atomic.get()} is not {start} and the accepted {accepted}")
    return wrong


@pytest.mark.parametrize("end", [HIGH, LOW])
def test_the_value_never_wraps_and_refused_steps_change_nothing(end: int) -> None:
    assert push_against_the_end(AtomicInt(end), end, scaled(8000)) == []


@pytest.mark.parametrize("end", [HIGH, LOW])
def test_a_wrapped_value_that_shows_for_a_moment_would_be_noticed(end: int) -> None:
    assert push_against_the_end(OvershootingInt(end), end, scaled(8000)) != []


def in_place(atomic: Any) -> None:
    atomic += 1


WAYS: dict[str, Callable[[Any], object]] = {
    "increment": lambda atomic: atomic.increment(),
    "decrement": lambda atomic: atomic.decrement(-1),
    "get_and_increment": lambda atomic: atomic.get_and_increment(),
    "fetch_sub": lambda atomic: atomic.fetch_sub(-1),
    "in place": in_place,
    "update": lambda atomic: atomic.update(lambda value: value + 1),
}


def all_ways(atomic: Any, number: int, rounds: int) -> None:
    ways = list(WAYS.values())
    for turn in bursts(rounds):
        ways[(number + turn) % len(ways)](atomic)


@pytest.mark.parametrize("wrapping", [False, True])
def test_no_addition_is_lost_whichever_way_it_is_made(wrapping: bool) -> None:
    atomic, rounds = AtomicInt(wrapping=wrapping), scaled(10_000)
    with frequent_switches():
        parallelize(lambda number: all_ways(atomic, number, rounds), THREADS)
    assert atomic.get() == THREADS * rounds


@pytest.mark.parametrize("way", WAYS)
def test_no_addition_of_one_kind_is_lost(way: str) -> None:
    atomic, rounds = AtomicInt(), scaled(4000)

    def add(number: int) -> None:
        for _ in bursts(rounds):
            WAYS[way](atomic)

    with frequent_switches():
        parallelize(add, THREADS)
    assert atomic.get() == THREADS * rounds


def test_a_lost_addition_would_be_noticed() -> None:
    atomic, rounds = BrokenAtomic(0), 1000

    def add(number: int) -> None:
        for _ in bursts(rounds):
            atomic.increment()

    parallelize(add, THREADS)
    assert atomic.get() != THREADS * rounds


def test_wrapping_goes_round_together() -> None:
    atomic, rounds = AtomicInt(HIGH - 5, wrapping=True), scaled(2000)
    parallelize(lambda _: [atomic.increment(2**62) for _ in bursts(rounds)], THREADS)
    assert atomic.get() == (HIGH - 5 + 2**62 * THREADS * rounds - LOW) % 2**64 + LOW


def test_sums_of_floats_that_need_no_rounding_are_exact() -> None:
    atomic, rounds = AtomicFloat(), scaled(4000)
    parallelize(
        lambda number: [atomic.increment(0.25 if number % 2 else 0.5) for _ in bursts(rounds)], THREADS
    )
    assert atomic.get() == rounds * (THREADS // 2) * 0.75


def test_flips_each_give_the_other_value() -> None:
    atomic, rounds = AtomicBool(), scaled(4000)
    results = parallelize(lambda _: [atomic.flip() for _ in bursts(rounds)], THREADS)
    assert sum(value for values in results for value in values) == THREADS * rounds / 2
    assert atomic.get() is False


def winners(flag: Any, rounds: int) -> list[int]:
    """Threads compete to set a flag, again and again: how many won each round."""
    wins = [0] * rounds
    arrived = AtomicInt()

    def compete(number: int) -> None:
        for turn in bursts(rounds):
            arrived.increment()
            while arrived.get() < (turn + 1) * THREADS:
                let_others_run()
            if not flag[turn].test_and_set():
                wins_of[number].append(turn)

    wins_of: list[list[int]] = [[] for _ in range(THREADS)]
    parallelize(compete, THREADS)
    for turns in wins_of:
        for turn in turns:
            wins[turn] += 1
    return wins


class BrokenFlag(BrokenAtomic):
    """Another thread may set it between the look and the setting."""

    def test_and_set(self) -> Any:
        return self.get_and_set(True)


def test_exactly_one_thread_sets_a_flag() -> None:
    rounds = scaled(300)
    assert winners([AtomicBool() for _ in bursts(rounds)], rounds) == [1] * rounds


def test_two_threads_that_set_a_flag_would_be_noticed() -> None:
    rounds = scaled(300)
    assert winners([BrokenFlag(False) for _ in bursts(rounds)], rounds) != [1] * rounds
