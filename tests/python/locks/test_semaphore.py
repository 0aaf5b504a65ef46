"""Semaphore and BoundedSemaphore: what they do that the tables and the matrix do not show."""

import threading
import time
from typing import Any

import pytest
from raddle import AtomicInt, BoundedSemaphore, Semaphore, pin
from support.blocking.waiters import waiting_in
from support.knobs import scaled
from support.threads import let_others_run, parallelize
from support.waiting_queues import until

KINDS = (Semaphore, BoundedSemaphore)
MOST = 2**63 - 1


@pytest.mark.parametrize("cls", KINDS)
@pytest.mark.parametrize("pinned", [False, True])
def test_lets_in_as_many_as_there_are_permits(cls: Any, pinned: bool) -> None:
    semaphore = pin(cls(2)) if pinned else cls(2)
    inside, most = AtomicInt(), AtomicInt()

    def work(number: int) -> None:
        for turn in range(scaled(500)):
            with semaphore as taken:
                assert taken is True
                most.max(inside.increment())
                if turn % 20 == 0:
                    let_others_run()
                inside.decrement()

    parallelize(work, 4)
    assert 1 <= most <= 2
    assert semaphore._value == 2
    assert waiting_in(semaphore) == 0


def test_one_release_lets_many_go() -> None:
    for seconds in (0, 0.003):  # Those that have waited for a millisecond get theirs handed over.
        semaphore = Semaphore(0)
        crew = [threading.Thread(target=semaphore.acquire) for _ in range(5)]
        for thread in crew:
            thread.start()
        until(lambda: waiting_in(semaphore) == 5)  # noqa: B023
        time.sleep(seconds)
        semaphore.release(4)
        until(lambda: semaphore._value == 0 and waiting_in(semaphore) == 1)  # noqa: B023
        semaphore.release(n=2)
        for thread in crew:
            thread.join()
        assert semaphore._value == 1


def test_who_waits_is_not_kept_out() -> None:
    """A thread that takes and gives without a pause does not get every permit."""
    semaphore, stop = Semaphore(1), AtomicInt()

    def work() -> None:
        while not stop:
            with semaphore:
                time.sleep(0.002)

    thread = threading.Thread(target=work)
    thread.start()
    for _ in range(5):
        assert semaphore.acquire(timeout=20)
        semaphore.release()
    stop.set(1)
    thread.join()


def test_the_bound_holds_while_threads_wait() -> None:
    semaphore = BoundedSemaphore(2)
    assert semaphore.acquire()
    assert semaphore.acquire()
    thread = threading.Thread(target=semaphore.acquire)
    thread.start()
    until(lambda: waiting_in(semaphore) == 1)
    with pytest.raises(ValueError, match="Semaphore released too many times"):
        semaphore.release(3)
    assert thread.is_alive()
    semaphore.release(2)
    thread.join()
    assert semaphore._value == 1
    assert repr(semaphore).endswith(": value=1/2>")


def test_numbers_of_permits() -> None:
    for cls in KINDS:
        with pytest.raises(ValueError, match="semaphore initial value must be >= 0"):
            cls(-1)
        with pytest.raises(OverflowError):
            cls(MOST + 1)
        assert cls(MOST)._value == MOST
        with pytest.raises(ValueError, match="n must be one or more"):
            cls().release(0)
        with pytest.raises(ValueError, match="can't specify timeout for non-blocking acquire"):
            cls().acquire(False, 1)
    full = Semaphore(MOST - 1)
    full.release()
    with pytest.raises(OverflowError):
        full.release()
    with pytest.raises(OverflowError):
        full.release(MOST)
    assert full._value == MOST


def test_what_is_not_configured_has_one_permit() -> None:
    for cls in KINDS:
        semaphore = cls.__new__(cls, "any", arguments=True)
        assert semaphore._value == 1
        semaphore.__init__(5, name="slots")
        semaphore.__init__(7, name="others")
        assert (semaphore._value, semaphore.name) == (5, "slots")
    assert issubclass(BoundedSemaphore, Semaphore)
