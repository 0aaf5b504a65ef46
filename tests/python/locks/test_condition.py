"""Condition with raddle's locks and with others: what the tables and the matrix do not show."""

import gc
import os
import signal
import threading
import weakref
from types import FrameType
from typing import Any

import pytest
from raddle import AtomicInt, Condition, KeyedLock, Lock, OwnerDiedError, RLock, RWLock, lock_all
from support.blocking.waiters import waiting_in
from support.knobs import scaled
from support.threads import parallelize
from support.waiting_queues import until


class Overridden(RLock):
    """Not exactly an RLock: its methods are called."""

    calls = 0

    def _release_save(self) -> Any:
        self.calls += 1
        return super()._release_save()


class Bare:
    """No more than a lock must have."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.acquire = self._lock.acquire
        self.release = self._lock.release

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()


LOCKS = (None, Lock, RLock, Overridden, threading.Lock, threading.RLock, Bare, Condition)


def make(lock: Any) -> Any:
    return Condition() if lock is None else Condition(lock())


class Waiter(threading.Thread):
    def __init__(self, condition: Any, *timeout: float) -> None:
        super().__init__(daemon=True)
        self._condition, self._timeout = condition, timeout
        self.results: list[bool] = []
        self.start()

    def run(self) -> None:
        with self._condition:
            self.results.append(self._condition.wait(*self._timeout))


@pytest.mark.parametrize("lock", LOCKS)
def test_notifies_those_that_have_waited_longest(lock: Any) -> None:
    condition = make(lock)
    crew = []
    for number in range(4):
        crew.append(Waiter(condition))
        until(lambda number=number: waiting_in(condition) == number + 1)  # type: ignore[misc]
    for n, left in ((1, crew[1:]), (2, crew[3:]), (7, [])):
        with condition:
            condition.notify(n)
        until(lambda left=left: [waiter for waiter in crew if waiter.is_alive()] == left)  # type: ignore[misc]
    assert [waiter.results for waiter in crew] == [[True]] * 4


@pytest.mark.parametrize("lock", LOCKS)
def test_a_bounded_buffer(lock: Any) -> None:
    changed = make(lock)
    buffer: list[int] = []
    sums = AtomicInt()
    each = scaled(200)

    def work(number: int) -> None:
        for item in range(each):
            with changed:
                if number % 2:
                    changed.wait_for(lambda: len(buffer) < 2)
                    buffer.append(item)
                else:
                    while not changed.wait_for(lambda: buffer, timeout=0.0005):
                        pass
                    sums.increment(buffer.pop())
                changed.notify_all()

    parallelize(work, 4)
    assert buffer == []
    assert sums == 2 * sum(range(each))
    assert waiting_in(changed) == 0


@pytest.mark.parametrize("lock", [Lock, RLock, threading.RLock, Bare])
def test_without_the_lock(lock: Any) -> None:
    condition = make(lock)
    with pytest.raises(RuntimeError, match="cannot wait on un-acquired lock"):
        condition.wait()
    for call in (condition.notify, condition.notify_all):
        with pytest.raises(RuntimeError, match="cannot notify on un-acquired lock"):
            call()
    assert waiting_in(condition) == 0


@pytest.mark.parametrize("lock", [RLock, threading.RLock, Overridden])
def test_gives_back_all_of_a_lock_and_takes_all_again(lock: Any) -> None:
    inner = lock()
    condition = Condition(inner)
    depths = []

    def wait() -> None:
        with inner, inner, condition:
            condition.wait()
            depths.append(inner._recursion_count())
        depths.append(inner._recursion_count())

    thread = threading.Thread(target=wait)
    thread.start()
    until(lambda: waiting_in(condition) == 1)
    with condition:
        condition.notify()
    thread.join()
    assert depths == [3, 0]
    assert getattr(inner, "calls", 1) == 1


def test_wait_gives_the_lock_as_it_was_taken() -> None:
    """By acquire() as a signal, which another thread may release; by `with` as an owner."""
    lock = Lock()
    condition = Condition(lock)
    condition.acquire()
    assert not condition.wait(0.001)
    assert "locked" in repr(lock)
    threading.Thread(target=lock.release).start()
    with condition:
        assert not condition.wait(0.001)
    assert not lock.locked()


def test_notified_threads_wait_for_the_lock_without_waking() -> None:
    condition = Condition()
    crew = [Waiter(condition) for _ in range(3)]
    until(lambda: waiting_in(condition) == 3)
    with condition:
        condition.notify_all()
        assert waiting_in(condition) == 0
        assert " waiters=3 " in repr(condition)  # of its lock
        assert all(waiter.is_alive() for waiter in crew)
    for waiter in crew:
        waiter.join()


def test_wait_for_gives_what_the_predicate_gave() -> None:
    condition = Condition()
    with condition:
        assert condition.wait_for(lambda: "found") == "found"
        assert condition.wait_for(list, timeout=0.001) == []
        assert condition.wait_for(predicate=dict, timeout=-1) == {}
        with pytest.raises(ZeroDivisionError):
            condition.wait_for(lambda: 1 / 0)
        with pytest.warns(
            DeprecationWarning, match=r"notifyAll\(\) is deprecated, use notify_all\(\) instead"
        ):
            condition.notifyAll()


def test_an_interrupt_after_a_notification_passes_it_on() -> None:
    """The handler's thread is notified while it is in its handler, which then raises."""
    condition = Condition()

    class LeaveError(Exception):
        pass

    others: list[Waiter] = []

    def handle(number: int, frame: FrameType | None) -> None:
        others.append(Waiter(condition))
        until(lambda: waiting_in(condition) == 2)
        with condition:
            condition.notify()
        raise LeaveError

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        threading.Timer(0.01, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
        with condition, pytest.raises(LeaveError):
            condition.wait(30)
        others[0].join(30)
        assert others[0].results == [True]
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_an_owner_that_ended_is_told_by_wait_which_has_the_lock() -> None:
    lock = RLock()
    condition = Condition(lock)
    seen: list[Any] = []

    def wait() -> None:
        with condition:
            try:
                condition.wait()
            except OwnerDiedError as error:
                seen.append((error, lock._recursion_count()))

    waiter = threading.Thread(target=wait)
    waiter.start()
    until(lambda: waiting_in(condition) == 1)

    def notify_and_end() -> None:
        condition.acquire()
        condition.notify()

    ending = threading.Thread(target=notify_and_end)
    ending.start()
    ending.join()
    waiter.join(30)
    assert len(seen) == 1
    assert seen[0][1] == 1
    assert not lock.locked()


def test_its_lock_is_part_of_a_cycle_that_is_collected() -> None:
    class Owner:
        def __init__(self) -> None:
            self.acquire = self.release = lambda: True
            self.condition = Condition(self)

    reference = weakref.ref(Owner())
    gc.collect()
    assert reference() is None


def test_what_is_not_configured_has_a_lock_of_its_own() -> None:
    condition = Condition.__new__(Condition, 1, 2, three=4)
    with condition:
        condition.notify_all()
    condition.__init__(Lock(), name="late")  # type: ignore[misc]
    assert "RLock" in repr(condition)
    assert condition.name == "late"
    with pytest.raises(AttributeError):
        Condition(object())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "lock",
    [
        RWLock(),
        RWLock().read,
        RWLock().write,
        RWLock().upgradable_lock(),
        KeyedLock[int](),
        KeyedLock[int]()(1),
        lock_all(Lock()),
    ],
    ids=lambda lock: type(lock).__name__,
)
def test_a_lock_that_does_not_fit_is_refused_and_it_says_which_do(lock: Any) -> None:
    with pytest.raises(TypeError, match=rf"takes a Lock or an RLock, .*not '.*{type(lock).__name__}'$"):
        Condition(lock)


def test_a_subclass_that_fits_is_taken() -> None:
    class Writing(RWLock):
        def acquire(self) -> bool:
            return self.write.acquire()

        def release(self) -> None:
            self.write.release()

        def _is_owned(self) -> bool:
            return self.write.locked()

    condition = Condition(Writing())
    with condition:
        assert not condition.wait(0.001)
        condition.notify()


def test_a_condition_of_the_standard_library_takes_raddles_locks() -> None:
    for lock in (Lock(), RLock()):
        condition = threading.Condition(lock)  # type: ignore[arg-type]
        passed: list[Any] = []
        ready: list[int] = []

        def wait(condition: Any = condition, passed: list[Any] = passed, ready: list[int] = ready) -> None:
            with condition:
                passed.append(condition.wait_for(lambda: ready, 30))

        thread = threading.Thread(target=wait)
        thread.start()
        with condition:
            ready.append(1)
            condition.notify()
        thread.join()
        assert passed == [[1]]
