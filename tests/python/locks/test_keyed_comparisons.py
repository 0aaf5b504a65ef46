"""Comparisons of keys run any code: it may raise, use the KeyedLock, wait for other threads, and end keys."""

import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest
from raddle import KeyedLock
from support.blocking.waiters import wait_until
from support.knobs import scaled
from support.threads import bursts, frequent_switches, parallelize, run_together

pytestmark = pytest.mark.usefixtures("_small_heap")


class Acting:
    """A key that does something when it is compared. All have one hash."""

    def __init__(self, value: object, act: Callable[[], object] = lambda: None) -> None:
        self.value = value
        self.act = act

    def __hash__(self) -> int:
        return 3

    def __eq__(self, other: object) -> bool:
        self.act()
        return isinstance(other, Acting) and self.value == other.value


def fail() -> None:
    raise ZeroDivisionError


def test_a_comparison_that_raises_changes_nothing() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    bad = Acting(1, fail)
    locks.acquire(bad)
    for call in (locks.acquire, locks.release, lambda key: locks(key).__enter__()):
        with pytest.raises(ZeroDivisionError):
            call(Acting(1))
        assert len(locks) == 1
    with locks(bad):  # The same object needs no comparison.
        pass
    locks.release(bad)
    assert len(locks) == 0
    with locks(Acting(1)):
        pass


def test_it_may_raise_after_others_have_said_no() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    keys = [Acting(number) for number in range(10)]
    for key in keys:
        locks.acquire(key)
    keys[4].act = fail
    with pytest.raises(ZeroDivisionError):
        locks.acquire(Acting(4))
    keys[4].act = lambda: None
    assert locks.acquire(Acting(4))
    locks.release(Acting(4))
    for key in keys:
        locks.release(Acting(key.value))
    assert len(locks) == 0


def test_it_may_use_the_same_lock() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    depths = [0]

    def use() -> None:
        if depths[0] < 3:
            depths[0] += 1
            with locks(Acting(depths[0])), locks("other"):
                assert len(locks) >= 2
                repr(locks)
            depths[0] -= 1

    first = Acting(100, use)
    with locks(first), locks(Acting(100)), locks(Acting(200, use)):
        assert len(locks) == 2
    assert len(locks) == 0


@pytest.mark.parametrize("equal", [True, False])
def test_it_may_release_the_key_that_is_compared(equal: bool) -> None:
    """Then there is nothing to wait for, and the key is a new one."""
    locks: KeyedLock[Any] = KeyedLock()
    first = Acting(1)
    locks.acquire(first)
    first.act = lambda: locks.release(first) if len(locks) else None
    assert locks.acquire(Acting(1 if equal else 2), blocking=False)
    first.act = lambda: None
    assert len(locks) == 1
    with pytest.raises(RuntimeError):
        locks.release(Acting(2 if equal else 1))
    locks.release(Acting(1 if equal else 2))
    assert len(locks) == 0


def test_it_may_take_the_key_that_is_wanted() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    wanted = Acting(2)
    first = Acting(1)
    locks.acquire(first)
    taken = []

    def take() -> None:
        first.act = lambda: None
        taken.append(locks.acquire(wanted))

    first.act = take
    assert locks.acquire(wanted)
    assert taken == [True]
    locks.release(wanted)
    locks.release(wanted)
    with pytest.raises(RuntimeError):
        locks.release(wanted)
    locks.release(first)
    assert len(locks) == 0


def test_it_may_wait_for_another_thread_that_uses_the_lock() -> None:
    """No lock of raddle's is held meanwhile: the other thread goes through the same hash."""
    locks: KeyedLock[Any] = KeyedLock()
    first = Acting(1)
    locks.acquire(first)
    asked, answered = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        assert answered.wait(10)

    first.act = wait

    def other() -> None:
        assert asked.wait(10)
        with locks(5), locks(Acting):
            pass
        first.act = lambda: None
        with locks(Acting(7)):
            assert len(locks) == 2
        answered.set()

    def third() -> None:
        with locks(Acting(2)):
            pass

    run_together(other, third)
    locks.release(first)
    assert len(locks) == 0


def test_it_may_collect_garbage_and_end_keys() -> None:
    locks: KeyedLock[Any] = KeyedLock()

    def collect() -> None:
        cycle: list[Any] = []
        cycle.append(cycle)
        gc.collect()

    for _ in range(5):
        locks.acquire(Acting(1, collect))
        locks.release(Acting(1))
    assert len(locks) == 0
    assert not any(isinstance(thing, Acting) for thing in gc.get_referents(locks))


def test_keys_that_end_while_they_are_compared() -> None:
    """The entry is gone and its key would be, but for the comparison."""
    locks: KeyedLock[Any] = KeyedLock()

    def use(number: int) -> None:
        for turn in bursts(scaled(800)):
            with locks(Acting((number, turn % 3))), locks(Acting(turn % 2)):
                pass

    with frequent_switches():
        parallelize(use, 3)
    assert len(locks) == 0


def test_who_waits_goes_on_waiting_for_the_key_that_it_found() -> None:
    """Comparisons are asked once; later ones may say something else."""
    locks: KeyedLock[Any] = KeyedLock()
    first = Acting(1)
    locks.acquire(first)
    done: list[bool] = []
    waiter = threading.Thread(target=lambda: done.append(locks.acquire(Acting(1))))
    waiter.start()
    wait_until(lambda: "waiters=1" in repr(locks), "the other thread waits")
    first.act = fail
    locks.release(first)
    waiter.join()
    assert done == [True]
    assert len(locks) == 1


class Unequal:
    """Not equal to itself; the same object is the same key all the same, as in a dict."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return False


def test_the_same_object_is_the_same_key() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    for key in (Unequal(), float("nan")):
        with locks(key), locks(key):
            assert len(locks) == 1
        assert len(locks) == 0


def test_an_answer_that_has_no_truth() -> None:
    class Vague(Acting):
        def __eq__(self, other: object) -> Any:
            return Vague(0)

        def __bool__(self) -> bool:
            raise ZeroDivisionError

        __hash__ = Acting.__hash__

    locks: KeyedLock[Any] = KeyedLock()
    with locks(Vague(1)):
        with pytest.raises(ZeroDivisionError):
            locks.acquire(Vague(2))
        assert len(locks) == 1


def test_a_hash_that_raises_or_uses_the_lock() -> None:
    locks: KeyedLock[Any] = KeyedLock()

    class Key:
        def __init__(self, act: Callable[[], object]) -> None:
            self.act = act

        def __hash__(self) -> int:
            self.act()
            return 5

    def use() -> None:
        with locks(5):
            assert len(locks) >= 1

    for call in (locks, locks.acquire, locks.release):
        with pytest.raises(ZeroDivisionError):
            call(Key(fail))
    with locks(Key(use)), locks(5):
        assert len(locks) == 2
    assert len(locks) == 0
