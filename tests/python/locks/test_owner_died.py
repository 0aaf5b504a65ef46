"""OwnerDiedError: a thread ended while it had a lock; the first one to come is told, and all goes on."""

import threading
import time
from typing import Any

import pytest
import raddle
from support.deadlocks import all_well, outcomes, wait_in


def owned(*arguments: Any, **more: Any) -> raddle.Lock:
    return raddle.Lock(*arguments, owned=True, **more)


both = pytest.mark.parametrize("make", [raddle.RLock, owned])


def abandoned(make: Any, **more: Any) -> Any:
    """A lock whose owner has ended."""
    lock = make("warp", **more)
    thread = raddle.Thread(target=lambda: [lock.acquire(False) for _ in range(2)])
    thread.start()
    thread.join()
    return lock


@both
@pytest.mark.parametrize(
    "acquire",
    [
        lambda lock: lock.acquire(),
        lambda lock: lock.acquire(False),
        lambda lock: lock.acquire(timeout=10),
        lambda lock: lock.__enter__(),
        lambda lock: raddle.lock_all(lock).__enter__(),
    ],
)
def test_the_next_one_is_told_and_the_lock_is_free(make: Any, acquire: Any) -> None:
    lock = abandoned(make)
    assert lock.locked()
    with pytest.raises(raddle.OwnerDiedError, match="name='warp'") as caught:
        acquire(lock)
    assert isinstance(caught.value, raddle.RaddleError | RuntimeError)
    assert not lock.locked()
    for _ in range(2):
        assert acquire(lock) is True
        assert make is owned or lock._recursion_count() == 1
        lock.release()


@both
def test_where_the_owner_took_it_is_forgotten(make: Any) -> None:
    lock = abandoned(make, track=True)
    assert lock._taken_at[0] == __file__
    with pytest.raises(raddle.OwnerDiedError):
        lock.acquire()
    assert lock._taken_at is None


@both
def test_only_one_of_those_who_wait_is_told(make: Any) -> None:
    lock, held = make(), threading.Event()

    def die() -> None:
        lock.acquire()
        held.set()
        while " waiters=3" not in repr(lock):
            time.sleep(0.001)

    def take() -> None:
        held.wait()
        with lock:
            time.sleep(0.002)

    raised = [error for error in outcomes(die, take, take, take) if error is not None]
    assert [type(error) for error in raised] == [raddle.OwnerDiedError]
    assert not lock.locked()


@both
def test_a_thread_that_gives_it_back_has_not_died(make: Any) -> None:
    lock = make()

    def take() -> None:
        with lock:
            pass

    all_well(take)
    all_well(take, take)


def test_an_owned_lock_that_another_thread_has_released_is_nobodys() -> None:
    lock = owned()

    def take() -> None:
        lock.acquire()
        released.wait(30)

    released = threading.Event()
    thread = raddle.Thread(target=take)
    thread.start()
    while not lock.locked():
        time.sleep(0.001)
    lock.release()
    released.set()
    thread.join()
    with lock:
        pass


@pytest.mark.parametrize("take", [raddle.Lock.acquire, raddle.Lock.__enter__])
def test_a_lock_stays_taken(take: Any) -> None:
    """Anybody may release a Lock, so nobody is missed."""
    lock = raddle.Lock()
    thread = raddle.Thread(target=take, args=(lock,))
    thread.start()
    thread.join()
    assert not lock.acquire(timeout=0.01)
    lock.release()
    assert lock.acquire(False)


@both
@pytest.mark.parametrize("notifies", [True, False])
def test_a_condition_of_raddles_whose_lock_was_abandoned(make: Any, notifies: bool) -> None:
    lock = make()
    condition = raddle.Condition(lock)
    states: list[bool] = []

    def wait() -> None:
        with condition:
            try:
                condition.wait(None if notifies else 0.02)
            except raddle.OwnerDiedError:
                states.append(lock.locked())
        states.append(lock.locked())

    def die() -> None:
        while " waiters=1" not in repr(condition):
            time.sleep(0.001)
        condition.acquire()
        if notifies:
            condition.notify()
        wait_in(None, lock)

    all_well(wait, die)
    assert states == [True, False]


def test_a_condition_whose_lock_was_abandoned_while_it_waits() -> None:
    """wait() has the lock again when it raises, so that the `with` around it can end."""
    lock = raddle.RLock()
    condition = threading.Condition(lock)
    states: list[bool] = []

    def wait() -> None:
        with condition:
            try:
                condition.wait(30)
            except raddle.OwnerDiedError:
                states.append(lock._is_owned())

    def die() -> None:
        while True:
            with condition:
                if condition._waiters:  # type: ignore[attr-defined]
                    break
            time.sleep(0.001)
        condition.acquire()
        condition.notify()
        wait_in(None, lock)

    all_well(wait, die)
    assert states == [True]
    assert not lock.locked()
