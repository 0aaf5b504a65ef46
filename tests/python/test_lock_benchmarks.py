"""The benchmarks of locks and signals: one that does not keep its word is found, and hangs nobody."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from threading import Barrier, Condition, Event, Lock, Semaphore
from time import sleep
from typing import Any

import pytest
from python.harness import cores, sample
from python.harness.loops import compiled
from python.harness.model import Finish, Row, Sample
from python.harness.sample import Subject, take
from raddle import RWLock

from python import _apart, _key_rows, _lock_rows, _signal_rows, locks

ONE = 10**9  # nanoseconds


def taken(rows: Row | Sequence[Row], name: str, threads: int = 1, turns: int = 2) -> Sample:
    """A sample of the row of that question, its threads on one core."""
    (row,) = (row for row in ([rows] if isinstance(rows, Row) else rows) if row.question == name)
    (question,) = (question for question in locks.QUESTIONS if question.name == name)
    return take(Subject(question, row, compiled(row)), cores.usable()[:1] * threads, turns)


@pytest.fixture
def lingering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads stay longer under a lock, so that the other one comes in also on a busy machine, if it can."""
    monkeypatch.setattr(_apart, "STAY_SECONDS", 0.2)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(_apart, "PATIENCE_SECONDS", 0.5)


class Open:
    """A lock that keeps nobody out."""

    def __enter__(self) -> None: ...

    def __exit__(self, *args: object) -> None: ...


class Kept:
    """A lock that is not given back at one of its releases."""

    def __init__(self, at: int) -> None:
        self.lock, self.left = Lock(), at

    def __enter__(self) -> None:
        self.lock.acquire()

    def __exit__(self, *args: object) -> None:
        self.left -= 1
        if self.left:
            self.lock.release()

    def release(self) -> None:
        self.lock.release()


# Locks.


@pytest.mark.usefixtures("lingering")
def test_a_lock_that_keeps_nobody_out_is_found() -> None:
    assert taken(_lock_rows.with_lock("right", Lock), locks.WITH).wrong == ""
    wrong = taken(_lock_rows.with_lock("open", Open), locks.WITH).wrong
    assert wrong == "expected , found a reader beside a writer"


@pytest.mark.usefixtures("impatient")
def test_a_lock_that_is_kept_is_found() -> None:
    kept = taken(_lock_rows.with_lock("kept", lambda: Kept(20)), locks.WITH)
    assert kept.wrong == "expected , found threads waited for ever"


@pytest.mark.usefixtures("impatient")
def test_two_threads_that_wait_for_a_lock_for_ever_are_released() -> None:
    assert taken(_lock_rows.contended("kept", lambda: Kept(25)), locks.CONTENDED, 2).wrong == sample.STUCK


@pytest.mark.parametrize("name", [locks.CONTENDED, locks.SHARE])
def test_a_turn_that_is_lost_is_found(name: str) -> None:
    class Careless(_lock_rows.Guarded):
        @property
        def v(self) -> int:
            return self.number

        @v.setter
        def v(self, number: int) -> None:
            self.number = min(number, 39)

    (row,) = (row for row in _lock_rows.contended("right", Lock) if row.question == name)
    assert taken(row, name, 2).wrong == ""
    object.__setattr__(row, "make", lambda: Careless(Lock()))
    assert taken(row, name, 2).wrong == "expected 40, found 39"


def test_the_share_of_the_slower_thread_is_what_it_had_when_the_other_one_was_through() -> None:
    assert locks.share_of_the_slower(Finish(2, 200, 200, [200, 125])) == pytest.approx(0.2)
    assert locks.share_of_the_slower(Finish(2, 200, 200, [100, 200])) == 0


class Passing:
    """Waits until a lock is free, and does not take it."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock

    def __enter__(self) -> None:
        with self.lock:
            pass

    def __exit__(self, *args: object) -> None: ...


Sides = Callable[[Any], tuple[Any, Any]]


@pytest.mark.usefixtures("lingering")
@pytest.mark.parametrize("name", [locks.READ, locks.READ_WRITE])
@pytest.mark.parametrize(
    ("sides", "found"),
    [
        (lambda lock: (lock.read, lock.write), ""),
        (lambda lock: (lock, lock), ""),
        (lambda lock: (nullcontext(), lock), "a reader beside a writer"),
        (lambda lock: (Passing(lock), lock), "a writer beside a reader"),
        (lambda lock: (lock.write, lock.read), "a writer beside a writer"),
    ],
)
def test_a_lock_for_readers_and_writers_that_does_not_keep_them_apart_is_found(
    name: str, sides: Sides, found: str
) -> None:
    rows = _lock_rows.readers_and_writers("lock", RWLock, sides)
    wrong = taken(rows, name).wrong
    assert (found in wrong) if found else wrong == ""


def test_a_write_that_is_lost_is_found() -> None:
    assert locks.written(Finish(2, 400, (20, ""), [])) == ((20, ""), (20, ""))
    expected, found = locks.written(Finish(2, 400, (19, ""), []))
    assert expected != found


class OneForAll:
    """A lock for all keys, which says of itself that `held` are taken."""

    def __init__(self, lock: Any, held: int = 0) -> None:
        self.lock, self.held = lock, held

    def __call__(self, key: int) -> Any:
        return self.lock

    def __len__(self) -> int:
        return self.held


@pytest.mark.usefixtures("lingering")
def test_a_lock_of_keys_that_keeps_nobody_out_or_is_kept_is_found() -> None:
    def asked(make: Callable[[], Any]) -> str:
        row = _key_rows.keyed("keyed", make, lambda lock, key: lock(key), len, "with lock(key): pass")
        return taken(row, locks.KEYED, 2).wrong

    assert asked(lambda: OneForAll(Lock())) == ""
    assert "a reader beside a writer" in asked(lambda: OneForAll(nullcontext()))
    assert asked(lambda: OneForAll(Lock(), 1)) == "expected (0, ''), found (1, '')"


def test_threads_take_all_keys_in_orders_and_as_objects_of_their_own() -> None:
    for keys in (locks.KEYS, locks.MAP_KEYS):
        orders = [_key_rows.own_keys(thread, keys) for thread in range(5)]
        firsts = [[advance() for _ in keys] for advance in orders]
        assert all(set(order) == set(keys) for order in firsts)
        assert len({order[0] for order in firsts}) == 5
        assert len({id(key) for order in firsts for key in order}) == 5 * len(keys)
        assert [advance() for advance in orders] == [order[0] for order in firsts]


def test_a_result_that_is_made_again_is_found() -> None:
    by_key = partial(_key_rows.found_by_key, "map")
    filled = partial(dict.fromkeys, locks.MAP_KEYS, locks.HELD_VALUE)
    assert taken(by_key(filled, "obj[key]"), locks.ONCE_MAP, 2).wrong == ""
    again = taken(by_key(_key_rows.factory, "obj(key)"), locks.ONCE_MAP, 2).wrong
    assert "made again" in again
    right = _key_rows.found("right", lambda: nullcontext(locks.HELD_VALUE), "obj.enter_result")
    assert taken(right, locks.ONCE, 2).wrong == ""
    assert "made again" in taken(_key_rows.found("again", _key_rows.factory, "obj()"), locks.ONCE, 2).wrong


# Signals.


def test_a_permit_too_many_or_too_few_is_found() -> None:
    assert taken(_signal_rows.permits("right", Semaphore), locks.SEMAPHORE).wrong == ""
    for permits, found in ((2, "[True, True]"), (0, "[False, False]")):

        class Other(Semaphore):
            def __init__(self, value: int, permits: int = permits) -> None:
                super().__init__(value)
                self.permits, self.left = permits, 20

            def release(self, n: int = 1) -> None:
                self.left -= 1
                for _ in range(1 if self.left else self.permits):
                    super().release()

        assert taken(_signal_rows.permits("other", Other), locks.SEMAPHORE).wrong.endswith(f"found [{found}]")


class Hasty(Event):
    """Waits for nothing."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


class Lasting(Event):
    """Stays set."""

    def clear(self) -> None: ...


class Losing(Event):
    """Forgets one time in 25 to be set."""

    calls = 0

    def set(self) -> None:
        self.calls += 1
        if self.calls % 25:
            super().set()


def test_an_event_that_does_not_end_is_found() -> None:
    assert taken(_signal_rows.events("right", Event), locks.EVENT).wrong == ""
    assert taken(_signal_rows.events("wrong", Lasting), locks.EVENT).wrong.endswith("found [[True, True]]")


@pytest.mark.parametrize("name", [locks.PING_PONG, locks.PING_PONG_ONE_CORE])
@pytest.mark.parametrize("make", [Hasty, Lasting])
def test_an_event_that_keeps_nobody_waiting_is_found(name: str, make: type[Event]) -> None:
    assert taken(_signal_rows.events("right", Event), name, 2).wrong == ""
    assert "moved in the order" in taken(_signal_rows.events("wrong", make), name, 2).wrong


@pytest.mark.usefixtures("impatient")
def test_a_lost_event_is_found_and_hangs_nobody() -> None:
    assert taken(_signal_rows.events("losing", Losing), locks.PING_PONG, 2, 5).wrong == sample.STUCK


class Notifying(Condition):
    """Takes its time to notify, and forgets to do it at one of its calls."""

    def __init__(self, slow: float = 0.0, forgets: int = 0) -> None:
        super().__init__()
        self.slow, self.left = slow, forgets

    def notify(self, n: int = 1) -> None:
        sleep(self.slow)
        self.left -= 1
        if self.left:
            super().notify(n)


def test_the_time_of_a_notify_is_measured() -> None:
    slow = taken(
        _signal_rows.notified("slow", lambda: Notifying(0.0002)), locks.NOTIFY, 1 + locks.WAITERS, turns=1
    )
    assert slow.wrong == ""
    assert 0.0002 <= slow.seconds_per_call < 0.01


@pytest.mark.usefixtures("impatient")
def test_a_lost_notification_is_found_and_hangs_nobody() -> None:
    losing = _signal_rows.notified("losing", lambda: Notifying(forgets=100))
    assert taken(losing, locks.NOTIFY, 1 + locks.WAITERS, turns=1).wrong == sample.STUCK


def test_a_barrier_that_tells_two_threads_the_same_is_found() -> None:
    class Same(Barrier):
        def wait(self, timeout: float | None = None) -> int:
            super().wait(timeout)
            return 1

    assert taken(_signal_rows.meetings("right", Barrier), locks.BARRIER, 2).wrong == ""
    assert taken(_signal_rows.meetings("same", Same), locks.BARRIER, 2).wrong == "expected 20, found 40"


# Deadlocks.

WAITED, TOLD = locks.Attempt(5 * ONE, None), locks.Attempt(2 * ONE, 6 * ONE)


def test_the_delay_counts_from_the_last_thread_that_began_to_wait() -> None:
    late = locks.Attempt(3 * ONE, 9 * ONE)
    finish = Finish(2, 4, None, [[WAITED, WAITED], [TOLD, late]])
    assert locks.longest_delay(finish) == pytest.approx(4.0)
    assert locks.told_once(finish) == ([1, 1], [1, 1])


def test_a_deadlock_that_is_told_twice_or_to_nobody_is_found() -> None:
    assert locks.told_once(Finish(2, 2, None, [[TOLD], [TOLD]])) == ([1], [2])
    assert locks.told_once(Finish(2, 2, None, [[WAITED], [WAITED]])) == ([1], [0])


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("threads", [2, 8])
def test_a_deadlock_that_is_not_told_is_found_and_hangs_nobody(threads: int) -> None:
    rows = _lock_rows.deadlocks("silent", Lock)
    assert taken(rows, locks.DEADLOCK[threads], threads, turns=1).wrong == sample.STUCK
