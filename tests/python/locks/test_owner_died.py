"""OwnerDiedError: a thread ended while it had a lock; the first one to come is told, and all goes on."""

import threading
import time
from typing import Any

import pytest
import raddle
from support.deadlocks import all_well, outcomes, wait_in


def abandoned() -> raddle.RLock:
    """An RLock whose owner has ended."""
    lock = raddle.RLock("warp")
    thread = raddle.Thread(target=lambda: (lock.acquire(), lock.acquire()))
    thread.start()
    thread.join()
    return lock


@pytest.mark.parametrize(
    "acquire",
    [
        lambda lock: lock.acquire(),
        lambda lock: lock.acquire(False),
        lambda lock: lock.acquire(timeout=10),
        lambda lock: lock.__enter__(),
    ],
)
def test_the_next_one_is_told_and_the_lock_is_free(acquire: Any) -> None:
    lock = abandoned()
    with pytest.raises(raddle.OwnerDiedError, match="name='warp'") as caught:
        acquire(lock)
    assert isinstance(caught.value, raddle.RaddleError | RuntimeError)
    assert not lock.locked()
    for _ in range(2):
        assert acquire(lock) is True
        assert lock._recursion_count() == 1
        lock.release()


def test_only_one_of_those_who_wait_is_told() -> None:
    lock, held = raddle.RLock(), threading.Event()

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


def test_a_thread_that_gives_it_back_has_not_died() -> None:
    lock = raddle.RLock()

    def take() -> None:
        with lock, lock:
            pass

    all_well(take)
    all_well(take, take)


def test_a_lock_stays_taken() -> None:
    """Anybody may release a Lock, so nobody is missed."""
    lock = raddle.Lock()
    thread = raddle.Thread(target=lock.acquire)
    thread.start()
    thread.join()
    assert not lock.acquire(timeout=0.01)
    lock.release()
    assert lock.acquire(False)


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
