"""Lock and RLock: what they do, one thread or many."""

import copy
import gc
import pickle
import sys
import threading
import time
import weakref
from typing import Any

import pytest
import raddle
from support.deadlocks import all_well, take_both, wait_in
from support.interpreter import only_where_pin_makes_immortal
from support.knobs import scaled
from support.threads import in_another_thread, parallelize

CLASSES = [raddle.Lock, raddle.RLock]


@pytest.fixture(params=CLASSES, ids=lambda cls: cls.__name__)
def lock(request: pytest.FixtureRequest) -> Any:
    return request.param("warp")


def test_one_thread_has_it_at_a_time(lock: Any) -> None:
    assert not lock.locked()
    assert lock.acquire() is True
    assert lock.locked()
    assert in_another_thread(lock.acquire, False) is False
    assert in_another_thread(lock.acquire, True, 0.001) is False
    lock.release()
    assert not lock.locked()
    with lock as entered:
        assert entered is True
        assert in_another_thread(lock.acquire, False) is False
    assert not lock.locked()


def test_an_exception_gives_it_back(lock: Any) -> None:
    with pytest.raises(ZeroDivisionError), lock:
        raise ZeroDivisionError
    assert not lock.locked()


def test_a_lock_that_nobody_has_is_not_given_back(lock: Any) -> None:
    with pytest.raises(RuntimeError, match="release"):
        lock.release()
    with pytest.raises(RuntimeError):
        lock.__exit__(None, None, None)
    assert lock.acquire(False)


def test_any_thread_may_release_a_lock() -> None:
    lock = raddle.Lock()
    lock.acquire()
    in_another_thread(lock.release)
    assert lock.acquire(False)


def test_only_its_owner_may_release_an_rlock() -> None:
    lock = raddle.RLock()
    with lock:
        with pytest.raises(RuntimeError, match="un-acquired"):
            in_another_thread(lock.release)
        assert lock.locked()


def test_an_rlock_is_given_back_as_often_as_it_was_taken() -> None:
    lock = raddle.RLock()
    for depth in range(1, 5):
        assert lock.acquire(depth % 2 == 0)
        assert lock._recursion_count() == depth
    with lock:
        assert lock._recursion_count() == 5
    for _ in range(4):
        assert in_another_thread(lock.acquire, False) is False
        lock.release()
    assert lock._recursion_count() == 0
    assert not lock.locked()


def test_what_a_condition_needs_of_an_rlock() -> None:
    lock = raddle.RLock()
    with pytest.raises(RuntimeError):
        lock._release_save()
    lock.acquire()
    lock.acquire()
    assert lock._is_owned()
    assert in_another_thread(lock._is_owned) is False
    state = lock._release_save()
    assert not lock._is_owned()
    assert in_another_thread(lambda: lock.acquire(False) and (lock.release() or True)) is True
    lock._acquire_restore(state)
    assert lock._recursion_count() == 2


def test_the_standard_librarys_condition_takes_them(lock: Any) -> None:
    condition = threading.Condition(lock)
    ready: list[int] = []

    def wait() -> None:
        with condition:
            assert condition.wait_for(lambda: ready, 30)

    def notify() -> None:
        time.sleep(0.01)
        with condition:
            ready.append(1)
            condition.notify_all()

    all_well(wait, wait, notify)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((True, -2), ValueError),
        ((True, -0.5), ValueError),
        ((False, 1), ValueError),
        ((False, 0), ValueError),
        ((True, 1e30), OverflowError),
        ((True, float("inf")), OverflowError),
        ((True, float("nan")), ValueError),
        ((True, "1"), TypeError),
        ((1, 2, 3), TypeError),
    ],
)
def test_what_acquire_refuses(lock: Any, arguments: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        lock.acquire(*arguments)
    assert not lock.locked()


def test_a_timeout_is_kept(lock: Any) -> None:
    with lock:
        start = time.monotonic()
        assert in_another_thread(lock.acquire, True, 0.05) is False
        assert 0.05 <= time.monotonic() - start < 5
    assert lock.acquire(timeout=threading.TIMEOUT_MAX)
    lock.release()
    assert lock.acquire(blocking=False, timeout=-1)


def test_the_old_names() -> None:
    lock = raddle.Lock()
    assert lock.acquire_lock(blocking=False)
    assert lock.locked_lock()
    lock.release_lock()
    assert not lock.locked()


def test_repr_tells_state_owner_and_waiters(lock: Any) -> None:
    kind = type(lock).__name__
    assert repr(lock).startswith(f"<unlocked raddle.{kind} object name='warp'")
    with lock:
        thread = raddle.Thread(target=lambda: take_both(lock, raddle.Lock()))
        thread.start()
        wait_in(thread, lock)
        text = repr(lock)
        assert text.startswith(f"<locked raddle.{kind} object name='warp'")
        assert f" owner={threading.get_ident()} " in text
        assert " waiters=1 " in text
        assert (" count=1 " in text) == (kind == "RLock")
    thread.join()
    assert "waiters" not in repr(lock)
    assert repr(type(lock)()).startswith(f"<unlocked raddle.{kind} object at 0x")


def test_names(lock: Any) -> None:
    assert lock.name == "warp"
    cls = type(lock)
    assert cls().name is None
    assert cls(None).name is None
    with pytest.raises(TypeError, match="name must be a str"):
        cls(5)
    with pytest.raises(TypeError):
        cls("name", "more")
    with pytest.raises(AttributeError):
        lock.name = "weft"


def test_a_name_ends_with_its_lock(lock: Any) -> None:
    name = "".join(["no", " other"])
    before = sys.getrefcount(name)
    for _ in range(100):
        type(lock)(name)
    gc.collect()
    assert sys.getrefcount(name) <= before + 1


def test_a_second_init_changes_nothing(lock: Any) -> None:
    lock.acquire()
    lock.__init__("other", track=True)
    assert lock.name == "warp"
    assert lock.locked()
    new = type(lock).__new__(type(lock), "anything", at="all")
    assert new.acquire(False)


def test_subclasses_and_weak_references(lock: Any) -> None:
    class Named(type(lock)):  # type: ignore[misc]
        def __init__(self, number: int) -> None:
            super().__init__(f"number {number}")
            self.number = number

    mine = Named(5)
    reference = weakref.ref(mine)
    with mine:
        assert (mine.number, mine.name) == (5, "number 5")
    del mine
    gc.collect()
    assert reference() is None


def test_pickling_and_copying_are_refused(lock: Any) -> None:
    for function in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot pickle or copy"):
            function(lock)


@pytest.mark.parametrize("cls", CLASSES)
def test_tracking_tells_where_it_was_taken(cls: Any) -> None:
    lock = cls(track=True)
    assert lock._taken_at is None
    for _ in range(2):
        with lock:
            file, function, line = lock._taken_at
            assert (file, function) == (__file__, test_tracking_tells_where_it_was_taken.__name__)
            assert line > 0
        assert lock._taken_at is None
    untracked = cls()
    with untracked:
        assert untracked._taken_at is None


def test_who_had_to_wait_knows_where_it_took_it(lock: Any) -> None:
    places: list[Any] = []

    def take() -> None:
        with lock:
            places.append(lock._taken_at)

    with lock:
        thread = raddle.Thread(target=take)
        thread.start()
        wait_in(thread, lock)
    thread.join()
    assert places[0][:2] == (__file__, take.__qualname__)
    assert lock._taken_at is None


def test_threads_exclude_each_other(lock: Any) -> None:
    values = [0]

    def add(number: int) -> None:
        for turn in range(scaled(5000)):
            with lock:
                value = values[0]
                if turn % 50 == 0:
                    time.sleep(0)
                values[0] = value + 1

    parallelize(add, 4)
    assert values == [4 * scaled(5000)]


@only_where_pin_makes_immortal
def test_a_pinned_lock_hands_out_the_same_methods() -> None:
    for cls in CLASSES:
        lock, plain = raddle.pin(cls()), cls()
        assert lock.__enter__ is lock.__enter__
        assert lock.__exit__ is lock.__exit__
        assert plain.__enter__ is not plain.__enter__
        with lock:
            assert lock.locked()
        assert not lock.locked()


@pytest.mark.parametrize("cls", CLASSES)
def test_the_slower_thread_gets_its_share(cls: Any) -> None:
    """One takes it again at once, the other rests first: that one has a quarter of the turns at least."""
    lock, turns = cls(), [0, 0]
    end = time.monotonic() + scaled(1)

    def take(number: int) -> None:
        while time.monotonic() < end:
            with lock:
                turns[number] += 1
                time.sleep(0.002)  # Longer than who waits must wait for its turn.
            if number == 0:
                time.sleep(0.0005)

    parallelize(take, 2)
    assert min(turns) >= sum(turns) / 4, turns


@pytest.mark.parametrize("cls", CLASSES)
def test_who_waits_is_served_soon(cls: Any) -> None:
    """Others come again and again: who has waited for a millisecond is next, in the order of arrival."""
    lock, stop = cls(), threading.Event()
    turns = [0] * 3

    def hog(number: int) -> None:
        while not stop.is_set():
            with lock:
                turns[number] += 1
                end = time.perf_counter() + 0.0005
                while time.perf_counter() < end:
                    pass

    def wait() -> None:
        waits = []
        for _ in range(scaled(20)):
            before = sum(turns)
            with lock:
                waits.append(sum(turns) - before)
            time.sleep(0.001)
        stop.set()
        # A millisecond is two turns; then those come that had waited before. The rest is for a busy machine.
        assert sorted(waits)[len(waits) // 2] <= 20, waits
        assert max(waits) <= 500, waits

    all_well(*(lambda n=n: hog(n) for n in range(3)), wait)  # type: ignore[misc]
