"""ShardedCounter while threads come and go and others take the sum out: nothing lost, nothing twice."""

import threading
from typing import Any

import pytest
from raddle import ShardedCounter
from support.broken import ZeroingCounter
from support.knobs import generator, scaled
from support.threads import bursts, frequent_switches, let_others_run, parallelize, run_together

CREW = 20  # Short threads alive at once.


def churn(counter: Any, threads: int, resetters: int) -> tuple[int, int]:
    """Many short threads add while others reset. Returns what was added and what was found."""
    rng = generator("churn", threads)
    finished = threading.Event()
    added = 0

    def add(steps: list[int]) -> None:
        for step in steps:
            counter.increment(step)

    def come_and_go() -> int:
        nonlocal added
        for _ in range(threads // CREW):
            plans = [[rng.randint(-5, 10) for _ in range(rng.randint(1, 4))] for _ in range(CREW)]
            crew = [threading.Thread(target=add, args=(plan,)) for plan in plans]
            for thread in crew:
                thread.start()
            for thread in crew:
                thread.join()
            added += sum(map(sum, plans))
        finished.set()
        return 0

    def take() -> int:
        taken = 0
        while not finished.is_set():
            taken += counter.reset()
            let_others_run()
        return taken

    taken = sum(run_together(come_and_go, *[take] * resetters))
    return added, taken + counter.get()


@pytest.mark.slow_under_tsan
@pytest.mark.parametrize("resetters", [1, 3])
def test_short_threads_by_the_thousand(resetters: int) -> None:
    added, found = churn(ShardedCounter(), scaled(10_000 // resetters), resetters)
    assert found == added


def test_a_reset_that_zeroes_would_be_noticed() -> None:
    added, found = churn(ZeroingCounter(), scaled(3000), 1)
    assert found != added


def busy(counter: Any, rounds: int, step: int) -> tuple[int, int, int]:
    """Two threads add all the time, one resets and one reads. Returns added, found, and the lowest read."""
    running = 2
    lock = threading.Lock()

    def add() -> int:
        nonlocal running
        for _ in bursts(rounds):
            counter.increment(step)
        with lock:
            running -= 1
        return rounds * step

    def take() -> int:
        taken = 0
        while running:
            taken += counter.reset()
            let_others_run()
        return -taken

    def look() -> int:
        lowest = 0
        while running:
            lowest = min(lowest, counter.get())
        return lowest

    with frequent_switches():
        first, second, taken, lowest = run_together(add, add, take, look)
    return first + second, counter.get() - taken, lowest


@pytest.mark.parametrize("step", [1, 2**62])
def test_resets_while_two_threads_add(step: int) -> None:
    """With 2**62 every other addition overflows its cell and spills."""
    added, found, lowest = busy(ShardedCounter(), scaled(50_000), step)
    assert found == added
    assert lowest >= 0


def test_a_reset_that_zeroes_would_be_noticed_here_too() -> None:
    added, found, _ = busy(ZeroingCounter(), scaled(50_000), 1)
    assert found != added


@pytest.mark.parametrize("step", [1, 2**62])
def test_reads_never_go_back_while_all_add(step: int) -> None:
    """All steps have the same sign, so each read lies between the sums at its start and its end.

    With 2**62 cells spill all the time: a read that met one half done would miss what is on its way.
    """
    counter, rounds = ShardedCounter(), scaled(30_000)
    added = [0, 0]

    def add(number: int) -> None:
        for turn in bursts(rounds):
            counter.increment(step)
            added[number] = (turn + 1) * step

    def look() -> None:
        last = 0
        while last < 2 * rounds * step:
            least = sum(added)
            seen = counter.get()
            assert seen >= least
            assert seen >= last
            assert seen <= sum(added) + 2 * step
            last = seen

    with frequent_switches():
        run_together(lambda: add(0), lambda: add(1), look)


def test_many_counters_of_many_threads_end_together() -> None:
    """Cells come from a pool that all counters share: those of ended counters must start again from zero."""
    rounds = scaled(150)

    def use(number: int) -> None:
        for turn in bursts(rounds):
            counters = [ShardedCounter(number) for _ in range(10)]
            shared[turn % len(shared)].increment(number)
            for counter in counters:
                counter.increment(turn)
                assert counter.get() == number + turn

    shared = [ShardedCounter() for _ in range(7)]
    parallelize(use, 6)
    assert sum(counter.get() for counter in shared) == rounds * sum(range(6))
