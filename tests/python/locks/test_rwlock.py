"""RWLock as one thread and a few see it: who gets in, who gives back, what is refused."""

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from raddle import DeadlockError, Lock, OwnerDiedError, RWLock, pin
from support.blocking.waiters import wait_until, waiting_in
from support.interpreter import FREE_THREADED
from support.threads import run_together

WAYS = {"read": "r", "upgradable": "u", "write": "w"}
TAKES: dict[str, Callable[[Any], Any]] = {
    "read": lambda lock: lock.read.acquire(),
    "write": lambda lock: lock.write.acquire(),
    "upgradable": lambda lock: lock.upgradable_lock().__enter__(),
}
every_way = pytest.mark.parametrize("way", TAKES)


def free_for_others(lock: Any) -> str:
    """What another thread could take now."""
    free = []

    def try_all() -> None:
        for way, letter in WAYS.items():
            try:
                with getattr(lock, f"{way}_lock")(0):
                    free.append(letter)
            except TimeoutError:
                pass

    run_together(try_all)
    return "".join(free)


@contextmanager
def another_thread(body: Callable[[], object], lock: Any, waiting: int = 1) -> Iterator[threading.Thread]:
    """A thread that waits for the lock inside, and is done when the block is left."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            body()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: waiting_in(lock) == waiting or failures, "the thread waits")
    yield thread
    thread.join(10)
    assert not thread.is_alive()
    if failures:
        raise failures[0]


def take_in_thread(lock: Any, way: str) -> None:
    """A thread takes it and ends."""
    run_together(lambda: TAKES[way](lock))


def test_readers_share_and_a_writer_is_alone() -> None:
    lock = RWLock()
    assert free_for_others(lock) == "ruw"
    with lock.read as entered:
        assert entered is True
        assert free_for_others(lock) == "ru"
        assert lock.read.locked()
        assert not lock.write.locked()
    for held in (lock, lock.write, lock.write_lock(), lock.write_lock(1)):
        with held:
            assert free_for_others(lock) == ""
            assert lock.write.locked()
            assert not lock.read.locked()
    assert free_for_others(lock) == "ruw"


def test_acquire_and_release() -> None:
    lock = RWLock()
    for view, left in ((lock.read, "ru"), (lock.write, "")):
        assert view.acquire()
        assert view.acquire(blocking=False)
        assert view.acquire(timeout=0.1)
        for _ in range(3):
            assert free_for_others(lock) == left
            view.release()
        assert free_for_others(lock) == "ruw"
        with pytest.raises(RuntimeError, match="does not"):
            view.release()


def test_only_the_thread_that_took_it_gives_it_back() -> None:
    lock = RWLock()
    with lock.write, lock.read:
        for view in (lock.read, lock.write, lock.upgradable_lock()):
            with pytest.raises(RuntimeError):
                run_together(lambda view=view: view.__exit__(None, None, None))  # type: ignore[misc]
        with pytest.raises(RuntimeError):
            run_together(lock.downgrade)
    assert free_for_others(lock) == "ruw"


def test_time_is_limited() -> None:
    lock = RWLock()
    with lock.read:
        for attempt in (lambda: lock.write_lock(0.02), lambda: lock.write_lock(0)):
            with pytest.raises(TimeoutError):
                run_together(lambda attempt=attempt: attempt().__enter__())  # type: ignore[misc]
        assert run_together(lambda: lock.write.acquire(timeout=0.02)) == [False]
        assert run_together(lambda: lock.write.acquire(False)) == [False]
    with lock.write:
        for attempt in (lambda: lock.read_lock(0.02), lambda: lock.upgradable_lock(0.02)):
            with pytest.raises(TimeoutError):
                run_together(lambda attempt=attempt: attempt().__enter__())  # type: ignore[misc]
        assert run_together(lambda: lock.read.acquire(timeout=0.02)) == [False]
    assert free_for_others(lock) == "ruw"


def test_the_time_of_a_with_begins_where_it_is_entered() -> None:
    lock = RWLock()
    late = lock.write_lock(0.05)
    time.sleep(0.06)
    with lock.read:
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            run_together(late.__enter__)
    assert time.monotonic() - start >= 0.05


def test_a_reader_reads_again_behind_a_waiting_writer() -> None:
    lock = RWLock()
    with lock.read:
        with another_thread(lambda: lock.write.acquire() and lock.write.release(), lock):
            assert free_for_others(lock) == ""
            with lock.read, lock.read_lock(0):
                pass
            lock.read.release()
        lock.read.acquire()
    assert free_for_others(lock) == "ruw"


def test_a_reader_must_not_begin_to_write() -> None:
    lock = RWLock("prices")
    with lock.read:
        for attempt in (lock, lock.write, lock.write_lock(5), lock.upgradable_lock()):
            with pytest.raises(DeadlockError, match="which it holds itself") as caught:
                attempt.__enter__()
            assert "upgradable_lock" in "".join(caught.value.__notes__)
            assert caught.value.cycle[0].waits_for is lock
        with pytest.raises(DeadlockError):
            lock.write.acquire(timeout=5)
        assert not lock.write.acquire(blocking=False)
    assert free_for_others(lock) == "ruw"


def test_a_writer_reads() -> None:
    lock = RWLock()
    with lock.write:
        lock.read.acquire()
        with lock.read, lock:
            assert free_for_others(lock) == ""
    assert free_for_others(lock) == "ru"
    lock.read.release()
    assert free_for_others(lock) == "ruw"


def test_downgrade_lets_readers_in_and_no_writer_between() -> None:
    lock = RWLock()
    seen: list[str] = []

    def write() -> None:
        with lock.write:
            seen.append("written")

    def read() -> None:
        with lock.read:
            seen.append("read")

    lock.write.acquire()
    with another_thread(write, lock) as writer:
        with another_thread(read, lock, 2):
            lock.downgrade()
        assert seen == ["read"]
        assert writer.is_alive()
        lock.read.release()
    assert seen == ["read", "written"]


def test_a_with_gives_back_what_downgrade_has_left() -> None:
    lock = RWLock()
    for held in (lock, lock.write, lock.write_lock(1)):
        with held:
            lock.downgrade()
            assert free_for_others(lock) == "ru"
            with pytest.raises(RuntimeError, match="cannot downgrade"):
                lock.downgrade()
        assert free_for_others(lock) == "ruw"
    with lock.write:
        with lock.write:
            lock.downgrade()
            assert free_for_others(lock) == ""
        assert free_for_others(lock) == ""
    lock.write.acquire()
    lock.downgrade()
    lock.write.release()
    with pytest.raises(RuntimeError):
        lock.write.release()
    assert free_for_others(lock) == "ruw"


def test_an_upgradable_reads_beside_readers_and_then_writes() -> None:
    lock = RWLock()
    with lock.upgradable_lock() as u:
        assert free_for_others(lock) == "r"
        u.upgrade()
        u.upgrade()  # it has
        assert free_for_others(lock) == ""
        u.downgrade()
        assert free_for_others(lock) == "r"
        with pytest.raises(RuntimeError, match="not upgraded"):
            u.downgrade()
        with lock.read:
            u.upgrade(timeout=0)
            assert free_for_others(lock) == ""
        u.downgrade()
        with lock.write:
            assert free_for_others(lock) == ""
        u.upgrade()
        lock.downgrade()
        assert free_for_others(lock) == "r"
    assert free_for_others(lock) == "ruw"


def test_an_upgrade_waits_for_readers_and_may_give_up() -> None:
    lock = RWLock()
    inside, leave = threading.Event(), threading.Event()

    def read() -> None:
        with lock.read:
            inside.set()
            leave.wait()

    reader = threading.Thread(target=read)
    reader.start()
    inside.wait()
    with lock.upgradable_lock() as u:
        for seconds in (0, 0.02):
            with pytest.raises(TimeoutError):
                u.upgrade(seconds)
            assert free_for_others(lock) == "r"
        threading.Timer(0.02, leave.set).start()
        u.upgrade()
        assert leave.is_set()
        assert free_for_others(lock) == ""
    reader.join()


def test_an_upgradable_is_used_inside_its_with_only() -> None:
    lock = RWLock()
    u = lock.upgradable_lock()
    for method in (u.upgrade, u.downgrade, u.__exit__):
        with pytest.raises(RuntimeError):
            method()
    with u as entered:
        assert entered is u
        with pytest.raises(RuntimeError, match="once more"):
            u.__enter__()
        with pytest.raises(RuntimeError):
            run_together(u.upgrade)
        with lock.upgradable_lock() as inner:
            inner.upgrade()
        assert free_for_others(lock) == "r"
    with u:  # again
        pass
    assert free_for_others(lock) == "ruw"


def test_an_upgradable_upgrades_again_after_the_downgrade_of_the_lock() -> None:
    lock = RWLock()
    for give_back in (lambda _: None, lambda u: u.downgrade()):
        with lock.upgradable_lock() as u:
            u.upgrade()
            lock.downgrade()
            assert free_for_others(lock) == "r"
            u.upgrade()
            assert free_for_others(lock) == ""
            give_back(u)
        assert free_for_others(lock) == "ruw"


def test_an_upgradable_can_be_used_after_a_thread_that_ended_in_it() -> None:
    lock = RWLock()
    u = lock.upgradable_lock()
    run_together(u.__enter__)
    with pytest.raises(OwnerDiedError):
        u.__enter__()
    with pytest.raises(RuntimeError, match="not inside"), lock.upgradable_lock():
        u.upgrade()
    with u:
        assert free_for_others(lock) == "r"
    assert free_for_others(lock) == "ruw"


def test_a_downgrade_reads_also_where_a_thread_ended_reading() -> None:
    lock = RWLock()
    run_together(lock.read.acquire)
    with pytest.raises(OwnerDiedError):
        lock.write.acquire()

    def body() -> None:  # in a thread that may have what is left of the first one
        with lock.write:
            lock.downgrade()
            assert free_for_others(lock) == "ru"
        assert free_for_others(lock) == "ruw"

    run_together(body)


def test_an_upgradable_lock_can_be_seen() -> None:
    """Inside a thread reads, until it writes."""
    lock = RWLock("prices")

    def seen() -> tuple[bool, bool, str]:
        return lock.read.locked(), lock.write.locked(), repr(lock).partition(" object name='prices'")[2]

    me, at = threading.get_ident(), f" at {hex(id(lock))}>"
    with lock.upgradable_lock() as u:
        for _ in range(2):
            assert seen() == (True, False, f" upgradable={me}{at}")
            assert repr(lock).startswith("<read-locked ")
            assert run_together(seen) == [seen()]
            u.upgrade()
            assert seen() == (False, True, f" writer={me}{at}")
            assert repr(lock).startswith("<write-locked ")
            u.downgrade()
        with lock.read:
            assert seen() == (True, False, f" upgradable={me} readers=1{at}")
        u.upgrade()
    assert seen() == (False, False, at)
    u = lock.upgradable_lock()
    u.__enter__()
    with another_thread(lambda: lock.write.acquire() and lock.write.release(), lock):
        assert seen() == (True, False, f" upgradable={me} waiters=1{at}")
        u.__exit__(None, None, None)
    assert seen() == (False, False, at)
    assert repr(lock).startswith("<unlocked ")


def test_repr() -> None:
    lock = RWLock("prices")
    assert repr(lock) == f"<unlocked raddle.RWLock object name='prices' at {hex(id(lock))}>"
    with lock.read:
        assert repr(lock).startswith("<read-locked raddle.RWLock object name='prices' readers=1 at")
        assert repr(lock.read) == f"<read view of {lock!r}>"
    with lock:
        assert f" writer={threading.get_ident()} at " in repr(lock)
        assert repr(lock.write) == f"<write view of {lock!r}>"
        with another_thread(lambda: lock.read.acquire() and lock.read.release(), lock):
            assert repr(lock).startswith("<write-locked ")
            assert " waiters=1 " in repr(lock)
            lock.downgrade()


def test_what_views_are() -> None:
    lock = RWLock()
    assert lock.read is not lock.read
    assert type(lock.read) is type(lock.write)
    for kind in (type(lock.read), type(lock.upgradable_lock())):
        with pytest.raises(TypeError):
            kind()
        with pytest.raises(TypeError):
            type("Derived", (kind,), {})
    with pytest.raises(AttributeError):
        lock.read = None  # type: ignore[misc, assignment]


def test_a_view_keeps_its_lock_and_a_lock_no_view() -> None:
    lock = RWLock()
    end = weakref.ref(lock)
    views = [lock.read, lock.read_lock(1), lock.upgradable_lock()]
    del lock
    while views:
        assert end() is not None
        with views.pop():
            pass
    assert end() is None  # at once: there was no cycle


def test_a_lock_that_ends_while_it_is_held() -> None:
    for way in TAKES:
        lock = RWLock()
        TAKES[way](lock)
        end = weakref.ref(lock)
        del lock
        assert end() is None


def test_pin_makes_the_views() -> None:
    class Derived(RWLock):
        pass

    for cls in (RWLock, Derived):
        lock = pin(pin(cls()))
        if FREE_THREADED:
            assert lock.read is lock.read is lock.read_lock()
            assert lock.write is lock.write is lock.write_lock(None)
            assert lock.read.__enter__ is lock.read.__enter__
        assert lock.read is not lock.write
        with lock.read, lock.read_lock(1):
            assert free_for_others(lock) == "ru"
        with lock.write, lock, lock.write:
            assert free_for_others(lock) == ""
        assert free_for_others(lock) == "ruw"
    gc.collect()


@every_way
def test_the_end_of_a_thread_that_has_it_is_told_once(way: str) -> None:
    lock = RWLock("prices")
    take_in_thread(lock, way)
    with pytest.raises(OwnerDiedError, match="RWLock object name='prices'"):
        lock.write.acquire()
    assert free_for_others(lock) == "ruw"


def test_a_reader_is_told_of_a_writer_that_ended() -> None:
    lock = RWLock()
    take_in_thread(lock, "write")
    with pytest.raises(OwnerDiedError), lock.read:
        pass
    with lock.read:
        assert free_for_others(lock) == "ru"


def test_an_upgrade_is_told_of_a_reader_that_ended() -> None:
    lock = RWLock()
    with lock.upgradable_lock() as u:
        take_in_thread(lock, "read")
        with pytest.raises(OwnerDiedError):
            u.upgrade()
        assert free_for_others(lock) == "r"
        u.upgrade()
        assert free_for_others(lock) == ""


def test_a_cycle_through_a_reader_is_a_deadlock() -> None:
    """A reader waits for a Lock, whose owner waits to write."""
    lock, other = RWLock("prices"), Lock("other")
    both = threading.Barrier(2)

    def read_then_lock() -> str:
        with lock.read:
            both.wait()
            try:
                with other:
                    return "fine"
            except DeadlockError as error:
                return str(error)

    def lock_then_write() -> str:
        with other:
            both.wait()
            try:
                with lock.write:
                    return "fine"
            except DeadlockError as error:
                return str(error)

    messages = sorted(run_together(read_then_lock, lock_then_write), key=len)
    assert messages[0] == "fine"
    assert "2 threads wait for each other" in messages[1]
    assert "waits for RWLock 'prices'" in messages[1]
    assert free_for_others(lock) == "ruw"
