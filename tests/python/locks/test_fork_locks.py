"""Locks in the child of fork(): what vanished threads had is free, what the forking thread has stays."""

import functools
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
import raddle
from support.deadlocks import PATIENCE, take_both, wait_in
from support.interpreter import needs_fork
from support.knobs import scaled

pytestmark = [needs_fork, pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")]
CLASSES = [raddle.Lock, raddle.RLock]


def in_child(body: Callable[[], object]) -> None:
    """Runs it in a forked child; fails here if it fails there."""
    pid = os.fork()
    if pid == 0:
        status = 1
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(PATIENCE))
        try:
            body()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status == 0, f"a forked child ended with status {status}"


@contextmanager
def held_elsewhere(lock: Any) -> Iterator[threading.Event]:
    """Another thread has the lock until the end."""
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            go.wait(PATIENCE)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(PATIENCE)
    try:
        yield go
    finally:
        go.set()
        thread.join()


@pytest.mark.parametrize("cls", CLASSES)
def test_what_a_vanished_thread_had_is_free(cls: Any) -> None:
    lock = cls()

    def use() -> None:
        assert not lock.locked()
        assert lock.acquire(False)
        assert lock.locked()
        assert "waiters" not in repr(lock)
        helper = threading.Thread(target=lambda: take_both(lock, cls()))
        helper.start()
        wait_in(helper, lock)
        lock.release()
        helper.join()
        with lock:
            pass

    with held_elsewhere(lock):
        waiter = threading.Thread(target=lambda: take_both(lock, cls()))
        waiter.start()
        wait_in(waiter, lock)
        in_child(use)
        assert lock.locked()
    waiter.join()


def test_nobody_is_told_that_its_owner_vanished() -> None:
    """The program that forks beside threads is warned by the documents, not at each lock."""
    lock = raddle.RLock()
    with held_elsewhere(lock):
        in_child(lambda: take_both(lock, raddle.RLock()))


@pytest.mark.parametrize("cls", CLASSES)
def test_what_the_forking_thread_has_stays(cls: Any) -> None:
    lock = cls()

    def use() -> None:
        assert lock.locked()
        seen: list[bool] = []
        helper = threading.Thread(target=lambda: seen.append(lock.acquire(False)))
        helper.start()
        helper.join()
        assert seen == [False]
        if cls is raddle.RLock:
            assert lock._recursion_count() == 1
            assert lock.acquire(False)
            lock.release()
        lock.release()
        with lock:
            pass

    with lock:
        in_child(use)
        assert lock.locked()


@pytest.mark.parametrize("cls", CLASSES)
def test_a_thread_that_forks_takes_its_locks_along(cls: Any) -> None:
    lock, main_lock = cls(), cls()
    failures: list[BaseException] = []

    def use() -> None:
        assert lock.locked()
        assert not main_lock.locked()
        with main_lock:
            pass

    def fork() -> None:
        try:
            with lock:
                in_child(use)
        except BaseException as error:
            failures.append(error)

    with main_lock:
        thread = threading.Thread(target=fork)
        thread.start()
        thread.join()
    assert failures == []


@pytest.mark.parametrize("cls", CLASSES)
def test_a_wait_for_a_thread_that_vanishes_ends_in_the_child(cls: Any) -> None:
    """A signal handler forks inside the wait: in the child the lock is free, and the wait takes it."""
    lock, parent = cls(), os.getpid()
    children: list[int] = []

    def fork(number: int, frame: FrameType | None) -> None:
        pid = os.fork()
        if pid == 0:
            signal.alarm(int(PATIENCE))
        else:
            children.append(pid)

    before = signal.signal(signal.SIGUSR1, fork)
    try:
        with held_elsewhere(lock) as go:

            def disturb() -> None:
                wait_in(None, lock)
                os.kill(parent, signal.SIGUSR1)
                while not children:
                    time.sleep(0.001)
                go.set()

            helper = threading.Thread(target=disturb)
            helper.start()
            with lock:
                if os.getpid() != parent:
                    os._exit(17 if lock.locked() else 1)
            helper.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 17


def test_a_circle_in_the_child_is_found() -> None:
    """Numbers of vanished threads are no threads: neither in a way nor in place of one."""
    first, second = raddle.Lock(), raddle.Lock()

    def close_it() -> None:
        meeting = threading.Barrier(2)
        raised: list[raddle.DeadlockError] = []

        def take(mine: Any, other: Any) -> None:
            try:
                with mine:
                    meeting.wait()
                    with other:
                        pass
            except raddle.DeadlockError as error:
                raised.append(error)

        helper = raddle.Thread(target=take, args=(first, second))
        helper.start()
        take(second, first)
        helper.join()
        assert len(raised) == 1
        assert {link.name for link in raised[0].cycle} == {"MainThread", helper.name}

    with held_elsewhere(first), held_elsewhere(second):
        in_child(close_it)


def use_in_child(lock: Any) -> None:
    for _ in range(10):
        take_both(lock, raddle.Lock())


def use_until(lock: Any, stop: threading.Event) -> None:
    """No closure: CPython 3.13t locks its cells, and a child finds them locked by threads that are gone."""
    while not stop.is_set():
        with lock:
            pass


@pytest.mark.parametrize("cls", CLASSES)
def test_forks_beside_threads_that_use_it(cls: Any) -> None:
    """At every moment of an acquire and a release."""
    lock, stop = cls(), threading.Event()
    crew = [threading.Thread(target=use_until, args=(lock, stop)) for _ in range(3)]
    for thread in crew:
        thread.start()
    try:
        for _ in range(scaled(30)):
            in_child(functools.partial(use_in_child, lock))
    finally:
        stop.set()
        for thread in crew:
            thread.join()
