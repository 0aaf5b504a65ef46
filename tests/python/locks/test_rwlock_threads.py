"""RWLock under load: exclusion with time limits and interrupts, nobody starves, forks inside a wait."""

import os
import random
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from raddle import AtomicInt, RWLock, pin
from support.blocking.interrupts import HandlerError, handling, raise_it
from support.blocking.waiters import wait_until, waiting_in
from support.interpreter import needs_fork
from support.knobs import generator, scaled
from support.threads import frequent_switches, let_others_run, run_together


class Shared:
    """What the lock guards: equal numbers, as long as nobody writes; and who is inside."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock
        self.one = self.other = 0
        self.readers = AtomicInt()
        self.writers = AtomicInt()

    def look(self) -> None:
        self.readers.increment()
        assert self.writers.get() == 0, "a reader beside a writer"
        assert self.one == self.other
        self.readers.decrement()

    def change(self) -> None:
        assert self.writers.increment() == 1, "two writers"
        assert self.readers.get() == 0, "a writer beside a reader"
        self.one += 1
        if self.one % 16 == 0:
            let_others_run()
        self.other += 1
        self.writers.decrement()


def do_anything(shared: Shared, chance: random.Random) -> int:
    """One of the ways to use it; returns how often it has changed something."""
    lock = shared.lock
    timeout = chance.choice([None, None, 0, 0.0001, 0.001])
    kind = chance.randrange(8)
    try:
        if kind == 0:
            with lock.write_lock(timeout):
                shared.change()
                if chance.random() < 0.3:
                    lock.downgrade()
                    shared.look()
            return 1
        if kind == 1:
            with lock.upgradable_lock(timeout) as u:
                shared.look()
                u.upgrade(timeout)
                shared.change()
                u.downgrade()
                shared.look()
            return 1
        if kind == 2:
            with lock:
                shared.change()
            return 1
        with lock.read_lock(timeout):
            shared.look()
    except TimeoutError:
        pass
    return 0


def use(shared: Shared, label: int, rounds: int) -> int:
    chance = generator("rwlock", label)
    return sum(do_anything(shared, chance) for _ in range(rounds))


@pytest.mark.parametrize("make", [RWLock, lambda: pin(RWLock())], ids=["plain", "pinned"])
def test_readers_and_writers_exclude_each_other(make: Callable[[], Any]) -> None:
    shared = Shared(make())
    rounds = scaled(1500)
    with frequent_switches():
        written = sum(run_together(*(lambda n=n: use(shared, n, rounds) for n in range(4))))  # type: ignore[misc]
    assert shared.one == shared.other == written > 0
    assert repr(shared.lock).startswith("<unlocked ")
    assert "waiters" not in repr(shared.lock)


def test_a_fault_in_the_lock_would_be_noticed() -> None:
    class Broken:
        """Lets everybody in."""

        def __enter__(self) -> "Broken":
            return self

        def __exit__(self, *args: object) -> None: ...

        def read_lock(self, timeout: float | None) -> "Broken":
            return self

        write_lock = upgradable_lock = read_lock

        def upgrade(self, timeout: float | None = None) -> None: ...

        def downgrade(self) -> None: ...

    shared = Shared(Broken())

    def broken() -> bool:
        try:
            with frequent_switches():
                run_together(*(lambda n=n: use(shared, n, 2000) for n in range(4)))  # type: ignore[misc]
        except (AssertionError, BaseExceptionGroup):
            return True
        return False

    assert any(broken() for _ in range(5))


@pytest.mark.parametrize("way", ["write", "upgrade"])
def test_a_writer_that_is_interrupted_lets_in_whom_it_kept_out(way: str) -> None:
    """A thread reads, the main thread waits for it, and a second reader waits behind the main thread."""
    lock = RWLock()
    inside, leave = threading.Semaphore(0), threading.Event()

    def read() -> None:
        with lock.read:
            inside.release()
            leave.wait()

    crew = [threading.Thread(target=read)]
    crew[0].start()
    inside.acquire()

    def disturb() -> None:
        wait_until(lambda: waiting_in(lock) == 1, "the main thread waits")
        crew.append(threading.Thread(target=read))
        crew[-1].start()
        wait_until(lambda: waiting_in(lock) == 2, "a reader waits behind it")
        os.kill(os.getpid(), signal.SIGUSR1)

    helper = threading.Thread(target=disturb)
    with handling(signal.SIGUSR1, raise_it):
        helper.start()
        with pytest.raises(HandlerError):  # noqa: PT012  two ways to the same wait
            if way == "write":
                lock.write.acquire()
            else:
                with lock.upgradable_lock() as u:
                    u.upgrade()
        helper.join()
    assert inside.acquire(timeout=10)  # beside the first one
    leave.set()
    for thread in crew:
        thread.join()
    assert repr(lock).startswith("<unlocked ")


@pytest.mark.parametrize("hammer", ["read", "write"])
def test_nobody_starves(hammer: str) -> None:
    lock = pin(RWLock())
    stop = threading.Event()
    rounds = AtomicInt()

    def keep_busy() -> None:
        view = getattr(lock, hammer)
        while not stop.is_set():
            with view:
                rounds.increment()

    crew = [threading.Thread(target=keep_busy) for _ in range(2)]
    for thread in crew:
        thread.start()
    wait_until(lambda: rounds.get() > 10, "they are busy")
    other = lock.write_lock(20) if hammer == "read" else lock.read_lock(20)
    try:
        for _ in range(scaled(50)):
            with other:
                pass
    finally:
        stop.set()
        for thread in crew:
            thread.join()


@needs_fork
@pytest.mark.parametrize("way", ["write", "upgrade"])
@pytest.mark.parametrize("ends_by", ["return", "exception"])
def test_a_fork_inside_the_wait_for_readers(way: str, ends_by: str) -> None:
    """A signal handler forks while the main thread waits for a reader: in the child that one is gone."""
    lock = RWLock()
    reading, leave = threading.Event(), threading.Event()

    def read() -> None:
        with lock.read:
            reading.set()
            leave.wait()

    def take() -> None:
        if way == "write":
            with lock.write:
                assert lock.write.locked()
        else:
            with lock.upgradable_lock() as u:
                u.upgrade()
                assert lock.write.locked()

    children: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        pid = os.fork()
        if pid != 0:
            children.append(pid)
            leave.set()
            return
        signal.alarm(20)
        if ends_by == "exception":
            raise_it(number, frame)

    def disturb() -> None:
        wait_until(lambda: waiting_in(lock) == 1, "the main thread waits")
        os.kill(os.getpid(), signal.SIGUSR1)

    parent = os.getpid()
    crew = [threading.Thread(target=read), threading.Thread(target=disturb)]
    crew[0].start()
    reading.wait()
    crew[1].start()
    with handling(signal.SIGUSR1, handle):
        try:
            take()
            outcome = "return"
        except HandlerError:
            outcome = "exception"
    if os.getpid() != parent:
        with lock.write:
            good = "waiters" not in repr(lock) and lock.write.locked()
        os._exit(0 if good and outcome == ends_by and repr(lock).startswith("<unlocked") else 1)
    for thread in crew:
        thread.join()
    assert outcome == "return"
    assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0


@needs_fork
@pytest.mark.parametrize("held", ["read", "write"])
def test_a_fork_frees_what_vanished_threads_had_and_leaves_the_rest(held: str) -> None:
    lock, mine = RWLock(), RWLock()
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with getattr(lock, held):
            inside.set()
            leave.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait()
    with getattr(mine, held):
        pid = os.fork()
        if pid == 0:
            signal.alarm(20)
            good = not lock.read.locked() and not lock.write.locked()
            with lock.write, lock.read:
                good = good and getattr(mine, held).locked()
            getattr(mine, held).release()
            with mine.write:
                pass
            os._exit(0 if good else 1)
    leave.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
