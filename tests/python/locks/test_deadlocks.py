"""DeadlockError: raised where threads wait for each other in a circle, nowhere else, once, and soon."""

import random
import statistics
import time
from contextlib import ExitStack

import pytest
import raddle
from support.deadlock_programs import LONG, PAIRS, Pair, locks, ring, rlocks
from support.deadlocks import Meeting, all_well, deadlock_of, outcomes, take_both, wait_in
from support.knobs import generator, scaled

pytestmark = pytest.mark.slow_under_tsan
RUNS = 100


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_exactly_one_thread_gets_it(pair: Pair) -> None:
    for _ in range(scaled(RUNS)):
        error = deadlock_of(*pair.raises())
        assert error.cycle


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_the_twin_is_silent(pair: Pair) -> None:
    for _ in range(scaled(RUNS)):
        all_well(*pair.silent())


@pytest.mark.parametrize("threads", [2, 8, 64])
def test_it_comes_soon(threads: int) -> None:
    """After the last thread of the circle has begun to wait. Other programs may delay one, not most."""
    delays = []
    for _ in range(scaled(20)):
        meeting, crew, raised = Meeting(threads), locks(threads), []

        def body(place: int) -> None:
            try:
                take_both(crew[place], crew[(place + 1) % threads], meeting)  # noqa: B023
            except raddle.DeadlockError:
                raised.append(time.monotonic())  # noqa: B023
                raise

        deadlock_of(*(lambda place=place: body(place) for place in range(threads)))  # type: ignore[misc]
        delays.append(raised[0] - max(meeting.times))
    print(f"{threads} threads: median {statistics.median(delays):.4f} s, worst {max(delays):.4f} s")
    assert statistics.median(delays) < 0.1


def test_nothing_has_been_taken() -> None:
    """The thread that gets it has what it had before, and can go on with it."""
    first, second = locks(2)
    meeting = Meeting(2)
    seen = []

    def body(mine: raddle.Lock, other: raddle.Lock) -> None:
        with mine:
            meeting.wait()
            try:
                with other:
                    pass
            except raddle.DeadlockError:
                seen.append((mine.locked(), other.locked()))

    all_well(lambda: body(first, second), lambda: body(second, first))
    assert seen == [(True, True)]
    assert not first.locked()
    assert not second.locked()


def test_the_main_thread_can_be_the_one() -> None:
    first, second = locks(2)
    for _ in range(scaled(20)):
        helper = raddle.Thread(target=lambda: take_both(second, first))
        with first, second:
            helper.start()
            wait_in(helper, second)
            with pytest.raises(raddle.DeadlockError) as caught:
                helper.join()
        helper.join()
        assert caught.value.cycle[0].name == "MainThread"
        assert caught.value.cycle[0].waits_for is helper


def test_the_main_thread_can_be_among_them() -> None:
    """It looks for signals from time to time, and is in no queue meanwhile."""
    first, second = locks(2)
    for _ in range(scaled(20)):
        raised = []

        def take() -> None:
            with second:
                time.sleep(LONG * 4)  # The main thread has looked for signals by now.
                try:
                    with first:
                        pass
                except raddle.DeadlockError as error:
                    raised.append(error)  # noqa: B023

        helper = raddle.Thread(target=take)
        with first:
            helper.start()
            while not second.locked():
                time.sleep(0.001)
            with second:
                pass
        helper.join()
        assert [link.name for link in raised[0].cycle] == [helper.name, "MainThread"]


def test_who_waits_for_a_circle_without_being_in_it_does_not_get_it() -> None:
    first, second = locks(2)
    meeting = Meeting(2)

    def come_late() -> None:
        wait_in(None, first)
        with first:
            pass

    bodies = lambda: take_both(first, second, meeting), lambda: take_both(second, first, meeting)
    for _ in range(scaled(20)):
        *_, late = outcomes(*bodies, come_late)
        assert late is None


def test_two_circles_give_two_errors() -> None:
    raised = [error for error in outcomes(*ring(locks(3)), *ring(rlocks(2))) if error is not None]
    assert sorted(len(error.cycle) for error in raised if isinstance(error, raddle.DeadlockError)) == [2, 3]


def test_ordered_locks_under_heavy_use_raise_nothing() -> None:
    """Random nested locks in one order, some held for so long that those who wait look for a deadlock."""
    crew = [raddle.RLock() if place % 2 else raddle.Lock() for place in range(10)]
    end = time.monotonic() + scaled(3)
    rounds: list[int] = []

    def use(choices: random.Random) -> None:
        done = 0
        while time.monotonic() < end:
            with ExitStack() as stack:
                for place in sorted(choices.sample(range(len(crew)), choices.randint(1, 4))):
                    stack.enter_context(crew[place])
                if choices.random() < 0.02:
                    time.sleep(LONG)
            if choices.random() < 0.01:
                other = raddle.Thread(target=lambda: take_both(crew[0], crew[1]))
                other.start()
                other.join()
            done += 1
        rounds.append(done)

    all_well(*(lambda n=n: use(generator("ordered", n)) for n in range(8)))  # type: ignore[misc]
    assert min(rounds) > 5


def test_a_signal_in_a_circle_ends_when_it_is_given() -> None:
    """A circle that one bare acquire() is part of is none."""
    first, second = locks(2)
    first.acquire()  # by this thread, which will wait for it
    helper = raddle.Thread(target=lambda: take_both(second, first))
    helper.start()
    wait_in(helper, first)
    raddle.Timer(3 * LONG, first.release).start()
    with second:
        pass
    helper.join()


@pytest.mark.parametrize("timeout", [0.1, None], ids=["timed", "notified"])
@pytest.mark.parametrize("kind", [raddle.Lock, raddle.RLock])
def test_who_takes_the_lock_of_a_condition_again_is_not_told(
    kind: type[raddle.Lock | raddle.RLock], timeout: float | None
) -> None:
    """It must have the lock before it can raise anything. The other one looked too early."""
    guard, other = kind(), raddle.RLock()
    condition = raddle.Condition(guard)
    waits = raddle.Event()

    def waiter() -> None:
        with other, condition:
            waits.set()
            condition.wait(timeout)

    def holder() -> None:
        waits.wait()
        with guard:  # when the other one waits
            if timeout is None:
                condition.notify()
            with other:
                pass

    deadlock_of(waiter, holder)
