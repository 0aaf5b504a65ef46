"""lock_all: all or none, in one order."""

import _thread
import asyncio
import gc
import multiprocessing
import os
import re
import signal
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import raddle
from raddle import DeadlockError, KeyedLock, Lock, OwnerDiedError, RLock, RWLock, lock_all, pin
from support.blocking.waiters import wait_until
from support.interpreter import needs_fork
from support.knobs import generator, scaled
from support.threads import bursts, frequent_switches, parallelize, run_together

pytestmark = pytest.mark.usefixtures("_small_heap")


class Foreign:
    """A lock that nobody knows. Notes what is done to it."""

    def __init__(self, log: list[Any] | None = None) -> None:
        self.lock = threading.Lock()
        self.log = log if log is not None else []

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        self.log.append(("acquire", self, timeout))
        return self.lock.acquire(blocking, timeout)

    def release(self) -> None:
        self.log.append(("release", self))
        self.lock.release()


def is_locked(lock: Any) -> bool:
    """As another thread finds it."""
    if isinstance(lock, Foreign):
        lock = lock.lock

    def look() -> bool:
        taken = lock.acquire(blocking=False)
        if taken:
            lock.release()
        return not taken

    return parallelize(lambda _: look(), 1)[0]


KINDS: list[Callable[[], Any]] = [Lock, RLock, threading.Lock, threading.RLock, threading.Semaphore, Foreign]


def one_of_each() -> list[Any]:
    locks = [kind() for kind in KINDS for _ in range(2)]
    generator("one of each").shuffle(locks)
    return locks


def test_takes_all_and_gives_all_back() -> None:
    locks = one_of_each()
    with lock_all(*locks) as entered:
        assert entered is True
        assert all(map(is_locked, locks))
    assert not any(map(is_locked, locks))


def test_with_a_time_limit() -> None:
    locks = one_of_each()
    with lock_all(*locks, timeout=10):
        assert all(map(is_locked, locks))
    assert not any(map(is_locked, locks))


def test_of_nothing() -> None:
    both = lock_all()
    for _ in range(2):
        with both:
            pass


@pytest.mark.parametrize("kind", [Lock, threading.Lock, threading.Semaphore, Foreign])
def test_a_timeout_leaves_nothing_held(kind: Any) -> None:
    for place in range(5):
        locks: list[Any] = [Lock(), Foreign(), RLock(), threading.Lock()]
        locks.insert(place, kind())
        parallelize(lambda _: locks[place].acquire(), 1)  # noqa: B023
        for timeout in (0, 0.001, 0.02):
            with pytest.raises(TimeoutError, match="none has been taken"), lock_all(*locks, timeout=timeout):
                pass
        assert [is_locked(lock) for lock in locks] == [number == place for number in range(5)]


def test_the_end_of_an_owner_is_told_and_leaves_nothing_held() -> None:
    locks: list[Any] = [Lock(), RLock(), Lock()]
    parallelize(lambda _: locks[1].acquire(), 1)
    with pytest.raises(OwnerDiedError), lock_all(*locks):
        pass
    assert not any(map(is_locked, locks))
    with lock_all(*locks):
        pass


def test_a_keyed_lock_is_refused_where_it_is_given() -> None:
    class Derived(KeyedLock[int]):
        pass

    for locks in (KeyedLock[int](), Derived()):
        with pytest.raises(TypeError, match=r"give it locks\(key\)"):
            lock_all(Lock(), locks)  # type: ignore[arg-type]
        with lock_all(Lock(), locks(1)):
            assert len(locks) == 1


class RaisingError(Exception):
    pass


def test_a_foreign_lock_that_raises_leaves_nothing_held() -> None:
    class Raising(Foreign):
        def acquire(self, *_: Any, **__: Any) -> bool:
            raise RaisingError

    for place in range(4):
        locks: list[Any] = [Lock(), Foreign(), RLock()]
        locks.insert(place, Raising())
        for timeout in (None, 1):
            with pytest.raises(RaisingError), lock_all(*locks, timeout=timeout):
                pass
        assert not any(map(is_locked, locks))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_foreign_lock_that_raises_at_its_release() -> None:
    class Raising(Foreign):
        def release(self) -> None:
            super().release()
            raise RaisingError

    locks: list[Any] = [Lock(), Raising(), RLock(), Raising(), Foreign()]
    both = lock_all(*locks)
    for _ in range(2):
        with pytest.raises(RaisingError), both:
            pass
        assert not any(map(is_locked, locks))
    locks.append(Lock())
    with locks[-1], pytest.raises(TimeoutError), lock_all(*locks, timeout=0):
        pass
    assert not any(map(is_locked, locks))


def test_what_the_body_raises_comes_through() -> None:
    locks = one_of_each()
    with pytest.raises(RaisingError), lock_all(*locks):
        raise RaisingError
    assert not any(map(is_locked, locks))


def test_an_interrupt_leaves_nothing_held() -> None:
    for place in range(4):
        locks: list[Any] = [Lock(), RLock(), Foreign(), threading.RLock()]
        last = Lock()
        locks.insert(place, last)

        def interrupt(last: Lock = last) -> None:
            wait_until(lambda: "waiters=1" in repr(last), "the main thread waits")
            os.kill(os.getpid(), signal.SIGINT)

        last.acquire()
        helper = threading.Thread(target=interrupt)
        helper.start()
        with pytest.raises(KeyboardInterrupt), lock_all(*locks):
            pass
        helper.join()
        assert [is_locked(lock) for lock in locks] == [lock is last for lock in locks]


def test_all_threads_take_them_in_one_order() -> None:
    """However they are given; and give them back in the reverse one."""
    log: list[Any] = []
    locks = [Foreign(log) for _ in range(6)]
    random = generator("one order")
    orders = set()
    for _ in range(20):
        log.clear()
        random.shuffle(locks)
        with lock_all(*locks):
            pass
        taken = [lock for what, lock, *_ in log if what == "acquire"]
        assert [lock for what, lock in log[6:]] == taken[::-1]
        orders.add(tuple(map(id, taken)))
    assert len(orders) == 1


def _threads_in_all_orders(enter: Callable[..., Any], rounds: int) -> int:
    """Threads that take some of a few locks, in random orders; how many deadlocks there were."""
    locks = [Lock() for _ in range(3)] + [RLock()]
    keys: KeyedLock[str] = KeyedLock()
    deadlocks = [0] * 4
    counts = [0] * 4

    def use(number: int) -> None:
        random = generator("orders", number)
        for _ in bursts(rounds):
            some = random.sample([*locks, keys("a"), keys("b")], 3)
            try:
                with enter(*some):
                    counts[number] += 1
            except DeadlockError:
                deadlocks[number] += 1

    with frequent_switches():
        parallelize(use, 4)
    assert sum(counts) + sum(deadlocks) == 4 * rounds
    assert not any(map(is_locked, locks))
    assert len(keys) == 0
    return sum(deadlocks)


def test_opposite_orders_never_deadlock() -> None:
    assert _threads_in_all_orders(lock_all, scaled(1500)) == 0


class InTheGivenOrder:
    """What lock_all() would be without its order."""

    def __init__(self, *locks: Any) -> None:
        self.locks = locks

    def __enter__(self) -> None:
        taken: list[Any] = []
        try:
            for lock in self.locks:
                lock.__enter__()
                taken.append(lock)
                os.sched_yield()
        except BaseException:
            for lock in reversed(taken):
                lock.__exit__(None, None, None)
            raise

    def __exit__(self, *error: object) -> None:
        for lock in reversed(self.locks):
            lock.__exit__(*error)


@pytest.mark.slow_under_tsan
def test_another_order_would_deadlock() -> None:
    assert any(_threads_in_all_orders(InTheGivenOrder, 100) for _ in range(20))


def test_time_is_for_all_of_them_together() -> None:
    log: list[Any] = []
    locks = [Foreign(log) for _ in range(3)]
    with lock_all(*locks, timeout=5):
        pass
    limits = [limit for what, _, limit in (entry for entry in log if len(entry) == 3)]
    assert 5 >= limits[0] > limits[1] > limits[2] > 4


def test_keys_of_a_keyed_lock() -> None:
    keys: KeyedLock[int] = KeyedLock()
    with lock_all(keys(1), keys(2), keys(1)):
        assert len(keys) == 2
        with keys(1):
            pass
    assert len(keys) == 0
    parallel = threading.Barrier(2)

    def hold() -> None:
        with keys(2):
            parallel.wait()
            parallel.wait()

    def take() -> None:
        parallel.wait()
        with pytest.raises(TimeoutError), lock_all(keys(1), keys(2), keys(3), timeout=0.01):
            pass
        assert len(keys) == 1
        parallel.wait()

    run_together(hold, take)
    assert len(keys) == 0


def test_an_rwlock_and_its_views() -> None:
    """Views are made anew each time: their place is that of the lock, writing first."""

    class Own(RWLock):
        pass

    one: Any = RWLock()
    other: Any = Own()
    for locks in ((one.read, other.write), (other, one.read), (one.read, one.write, other.read, one)):
        for together in (lock_all(*locks), lock_all(*locks[::-1], timeout=5)):
            with together:
                assert not parallelize(lambda _: one.write.acquire(False), 1)[0]
                assert one.read.locked() or one.write.locked()
            assert not one.read.locked()
            assert not one.write.locked()
            assert not other.write.locked()
    with one.read_lock(), lock_all(other, one.read):
        pass
    parallel = threading.Barrier(2)

    def write() -> None:
        with other:
            parallel.wait()
            parallel.wait()

    def take() -> None:
        parallel.wait()
        with pytest.raises(TimeoutError), lock_all(one.read, other.read, timeout=0.01):
            pass
        assert not one.read.locked()
        parallel.wait()

    run_together(write, take)


def test_what_is_given_twice() -> None:
    for kind in (RLock, threading.RLock):
        lock = kind()
        with lock_all(lock, lock, lock):
            assert is_locked(lock)
        assert not is_locked(lock)
    for never in (Lock("jobs"), threading.Lock()):
        with pytest.raises(ValueError, match="given twice"):
            lock_all(never, RLock(), never)
        assert not is_locked(never)


@pytest.mark.parametrize("wrong", [None, 5, "lock", object(), threading.Event(), Lock])
def test_what_is_no_lock_is_refused_before_anything_is_taken(wrong: Any) -> None:
    log: list[Any] = []
    with pytest.raises(TypeError, match="lock_all"), lock_all(Foreign(log), wrong):
        pass
    assert [entry for entry in log if entry[0] == "acquire"] == []


def test_other_arguments() -> None:
    for timeout in (-1, -0.1, float("nan")):
        with pytest.raises(ValueError, match="non-negative"):
            lock_all(Lock(), timeout=timeout)
    with pytest.raises(TypeError):
        lock_all(Lock(), timeout="1")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unexpected keyword"):
        lock_all(Lock(), limit=1)  # type: ignore[call-arg]


@pytest.mark.filterwarnings("ignore:coroutine")
def test_a_lock_of_asyncio_is_refused() -> None:
    lock = Lock()
    with pytest.raises(TypeError, match="asyncio"), lock_all(lock, asyncio.Lock()):
        pass
    assert not is_locked(lock)
    gc.collect()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_locks_of_other_libraries() -> None:
    condition, shared = threading.Condition(), multiprocessing.Lock()
    for timeout in (None, 1):
        with lock_all(condition, shared, timeout=timeout):
            assert condition._is_owned()  # type: ignore[attr-defined]
            assert not shared.acquire(False)


def test_a_subclass_with_methods_of_its_own_is_taken_by_these() -> None:
    calls: list[str] = []

    class Noted(Lock):
        def acquire(self, blocking: object = True, timeout: Any = -1) -> bool:
            calls.append("acquire")
            return super().acquire(blocking, timeout)

        def release(self) -> None:
            calls.append("release")
            super().release()

    class Plain(Lock):
        pass

    with lock_all(Noted(), Plain()):
        assert calls == ["acquire"]
    assert calls == ["acquire", "release"]


def test_is_used_by_one_at_a_time_and_again() -> None:
    lock = RLock()
    both = lock_all(lock, Lock())
    for _ in range(3):
        with both:
            with pytest.raises(RuntimeError, match="in use"), both:
                pass
            for _ in range(2):
                with pytest.raises(RuntimeError, match="has not entered"):
                    parallelize(lambda _: both.__exit__(None, None, None), 1)
            assert is_locked(lock)
        with pytest.raises(RuntimeError, match="has not entered"):
            both.__exit__(None, None, None)


def test_who_ended_inside_does_not_use_it_any_more() -> None:
    alone = lock_all(RLock())
    assert parallelize(lambda _: alone.__enter__(), 1) == [True]
    with pytest.raises(OwnerDiedError), alone:
        pass
    with alone:
        pass


def test_a_deadlock_with_others_is_told() -> None:
    first, second = Lock("first"), Lock("second")
    if id(first) > id(second):
        first, second = second, first
    both = threading.Barrier(2)
    errors: list[DeadlockError] = []

    def against_the_order() -> None:
        try:
            with second:
                both.wait()
                with first:
                    pass
        except DeadlockError as error:
            errors.append(error)

    def together() -> None:
        with first:
            both.wait()
            try:
                with lock_all(second):
                    pass
            except DeadlockError as error:
                errors.append(error)

    run_together(against_the_order, together)
    assert len(errors) == 1
    assert not is_locked(first)
    assert not is_locked(second)


def test_a_lock_that_this_thread_has_is_a_deadlock() -> None:
    lock, other = Lock(), RLock()
    with lock, pytest.raises(DeadlockError), lock_all(other, lock):
        pass
    assert not is_locked(other)


def test_repr() -> None:
    lock, other = Lock("one"), RLock("two")
    both = lock_all(other, lock)
    assert re.fullmatch(r"<unlocked raddle.lock_all object of \[.*\] at 0x[0-9a-f]+>", repr(both))
    assert repr(lock) in repr(both)
    assert repr(other) in repr(both)
    with both:
        assert repr(both).startswith("<locked raddle.lock_all object of [")


def test_a_second_init_changes_nothing() -> None:
    lock, other = Lock(), Lock()
    both = lock_all(lock)
    both.__init__(other)  # type: ignore[misc]
    with both:
        assert is_locked(lock)
        assert not is_locked(other)
        both.__init__(other)  # type: ignore[misc]
    assert not is_locked(lock)
    bare = lock_all.__new__(lock_all)
    with bare:
        assert repr(bare).startswith("<locked")


def test_pinned() -> None:
    both = pin(lock_all(Lock(), Lock()))
    for _ in range(3):
        with both:
            pass


def test_a_cycle_is_collected() -> None:
    lock: Any = Foreign()
    lock.together = lock_all(lock, Lock())
    end = weakref.ref(lock.together), weakref.ref(lock)
    del lock
    gc.collect()
    assert [reference() for reference in end] == [None, None]


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork() -> None:
    """The forking thread stays inside; what another one was inside of is free."""
    mine, others = lock_all(Lock(), RLock()), lock_all(Lock(), RLock())
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with others:
            inside.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait()
    with mine:
        pid = os.fork()
        if pid == 0:
            try:
                with others:
                    pass
                mine.__exit__(None, None, None)
                with mine:
                    os._exit(0)
            finally:
                os._exit(1)
        assert os.waitpid(pid, 0)[1] == 0
    done.set()
    thread.join()


def test_the_lock_of_the_interpreter_that_is_known_not_to_be_reentrant() -> None:
    assert type(threading.Lock()) is _thread.LockType
    assert raddle.lock_all.__name__ == "lock_all"
