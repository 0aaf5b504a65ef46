"""KeyedLock: threads that end with keys, and forks while others have them."""

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
from raddle import KeyedLock, OwnerDiedError
from support.blocking.waiters import waiting_in
from support.interpreter import needs_fork
from support.keyed import Same
from support.process import check_code
from support.threads import in_another_thread
from support.waiting_queues import until


@pytest.mark.parametrize("how", ["with", "acquire", "timeout"])
@pytest.mark.parametrize("waits", [False, True])
def test_a_thread_that_ends_with_a_key(how: str, waits: bool) -> None:
    locks: KeyedLock[Any] = KeyedLock()
    may_end = threading.Event()

    def die() -> None:
        locks.acquire(Same(1))
        locks.acquire(Same(1))
        may_end.wait()

    ways: dict[str, Callable[[], object]] = {
        "with": lambda: locks(Same(1)).__enter__(),
        "acquire": lambda: locks.acquire(Same(1)),
        "timeout": lambda: locks.acquire(Same(1), timeout=10),
    }

    def take() -> None:
        with pytest.raises(OwnerDiedError, match=r"held <key .*Same.* of .*the lock is free now"):
            ways[how]()

    dying = threading.Thread(target=die)
    dying.start()
    until(lambda: len(locks) == 1)
    if not waits:
        may_end.set()
        dying.join()
        assert len(locks) == 1
    taker = threading.Thread(target=take)
    taker.start()
    if waits:
        until(lambda: waiting_in(locks) == 1)
        may_end.set()
        dying.join()
    taker.join()
    assert len(locks) == 0
    with locks(Same(1)):
        assert len(locks) == 1


def test_who_waits_with_a_time_limit_of_zero_finds_the_end_too() -> None:
    locks: KeyedLock[str] = KeyedLock()
    in_another_thread(lambda: locks.acquire("a"))
    with pytest.raises(OwnerDiedError):
        locks.acquire("a", blocking=False)
    assert locks.acquire("a", blocking=False)
    locks.release("a")


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork_frees_what_vanished_threads_had() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    done = threading.Event()

    def hold(keys: list[Any]) -> None:
        for key in keys:
            locks.acquire(key)
        done.wait()
        for key in keys:
            locks.release(key)

    def wait(key: Any) -> None:
        with locks(key):
            pass

    locks.acquire("mine")
    locks.acquire(Same(3))
    crew = [threading.Thread(target=hold, args=([number, Same(number)],)) for number in range(3)]
    for thread in crew:
        thread.start()
    until(lambda: len(locks) == 8)
    crew += [threading.Thread(target=wait, args=(key,)) for key in ("mine", 1, Same(3), Same(1))]
    for thread in crew[3:]:
        thread.start()
    until(lambda: waiting_in(locks) == 4)
    pid = os.fork()
    if pid == 0:
        try:
            good = len(locks) == 2 and waiting_in(locks) == 0
            for key in (0, 1, 2, Same(0), Same(1), Same(2)):
                good = good and locks.acquire(key, blocking=False)
            good = good and len(locks) == 8
            locks.release("mine")
            locks.release(Same(3))
            good = good and len(locks) == 6
            os._exit(0 if good else 1)
        finally:
            os._exit(2)
    assert os.waitpid(pid, 0)[1] == 0
    assert len(locks) == 8
    locks.release("mine")
    locks.release(Same(3))
    done.set()
    for thread in crew:
        thread.join()
    assert len(locks) == 0


UNDER_LOAD = """
import os, threading, warnings
import raddle
warnings.simplefilter("ignore", DeprecationWarning)
locks = raddle.KeyedLock()
class User:
    # Touches nothing that is locked inside but the KeyedLock.
    def __init__(self, number):
        self.stop = False
        self.number = number
    def __call__(self):
        key = self.number
        while not self.stop:
            key = (key * 1103515245 + 12345) & 0x7fffffff
            for step in range(12):
                locks.acquire((key + step * 7) % 60)
                locks.acquire((key + step * 7) % 60, timeout=0.0001)
                locks.release((key + step * 7) % 60)
                locks.release((key + step * 7) % 60)
users = [User(number) for number in range(3)]
crew = [threading.Thread(target=user, daemon=True) for user in users]
for thread in crew:
    thread.start()
for _ in range(30):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            free = all(locks.acquire(key, False) for key in range(60))
            if free and len(locks) == 60:
                for key in range(60):
                    locks.release(key)
                status = 0 if len(locks) == 0 else 3
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
for user in users:
    user.stop = True
for thread in crew:
    thread.join()
assert len(locks) == 0
print("done")
"""


@needs_fork
@pytest.mark.slow_under_tsan
def test_forks_while_threads_use_it() -> None:
    assert check_code(UNDER_LOAD) == "done\n"
