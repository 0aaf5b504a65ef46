"""Blocking calls with planted faults: each column of the matrix must find one, and none in the sound one."""

import atexit
import gc
import os
import select
import signal
import threading
import time
from collections import deque
from dataclasses import dataclass
from operator import methodcaller
from queue import Empty

from support.threads import let_others_run

from .call import BlockingCall

SLICE = 0.0005


class SoundQueue:
    """get() looks again and again. It has no fault but that; each class below plants one."""

    def __init__(self) -> None:
        self._items: deque[int] = deque()
        self._waiting: set[tuple[int, int]] = set()  # process and thread

    def get(self, timeout: float | None = None) -> int:
        """Takes an item; Empty if there is none in time."""
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            while not self._items or not self._may_take():
                me = os.getpid(), threading.get_ident()
                self._waiting.add(me)
                if deadline is not None and time.monotonic() >= deadline:
                    raise Empty
                self._sleep(deadline)
            return self._items.popleft()
        except IndexError:  # Another thread was faster.
            return self.get(None if deadline is None else max(0.0, deadline - time.monotonic()))
        finally:
            self._waiting -= {(os.getpid(), threading.get_ident())}

    def put(self, item: int) -> None:
        self._items.append(item)

    def qsize(self) -> int:
        return len(self._items)

    def waiters(self) -> int:
        return sum(process == os.getpid() for process, _ in self._waiting.copy())

    def _may_take(self) -> bool:
        return True

    def _sleep(self, deadline: float | None) -> None:
        time.sleep(SLICE)
        # Looks for signals: CPython 3.13 overlooks some in the child of a fork() by another thread.
        os.kill(os.getpid(), 0)


class LateQueue(SoundQueue):
    """Comes back long after its time is up."""

    def get(self, timeout: float | None = None) -> int:
        return super().get(None if timeout is None else timeout + 1.5)


class ImpatientQueue(SoundQueue):
    """A signal ends a wait with a time limit too early."""

    def get(self, timeout: float | None = None) -> int:
        if timeout is None:
            return super().get()
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        before = signal.set_wakeup_fd(writing)
        try:
            select.select([reading], [], [], timeout)
            return super().get(0)
        finally:
            signal.set_wakeup_fd(before)


class GrabbingQueue(SoundQueue):
    """Takes an item that comes just when time is up, and says that there was none."""

    def get(self, timeout: float | None = None) -> int:
        try:
            return super().get(timeout)
        except Empty:
            let_others_run()
            if self._items:
                self._items.popleft()
            raise


class TokenQueue(SoundQueue):
    """put() wakes the first that waits; one that gives up keeps the wake-up to itself."""

    def __init__(self) -> None:
        super().__init__()
        self._line: deque[threading.Event] = deque()
        self._waits = threading.local()

    def get(self, timeout: float | None = None) -> int:
        woken = threading.Event()
        if self._items and not self._line:
            return super().get(timeout)
        self._line.append(woken)
        key = os.getpid(), id(woken)
        self._waiting.add(key)
        try:
            if not woken.wait(timeout):
                raise Empty
            return super().get(timeout)
        finally:
            self._waiting -= {key}

    def put(self, item: int) -> None:
        super().put(item)
        if self._line:
            self._line.popleft().set()


class DeafQueue(SoundQueue):
    """No exception of a signal handler ends a wait."""

    def _sleep(self, deadline: float | None) -> None:
        try:
            super()._sleep(deadline)
        except BaseException:
            return


class LosingQueue(SoundQueue):
    """An exception of a signal handler takes an item with it."""

    def get(self, timeout: float | None = None) -> int:
        try:
            return super().get(timeout)
        except Empty:
            raise
        except BaseException:
            time.sleep(10 * SLICE)  # Others are in the middle of a put() just now.
            if self._items:
                self._items.popleft()
            raise


class ServedQueue(SoundQueue):
    """Needs a thread of its own, which no child of fork() has, and no subinterpreter may start."""

    def __init__(self) -> None:
        super().__init__()
        self._arrived: deque[int] = deque()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            if self._arrived:
                self._items.append(self._arrived.popleft())
            time.sleep(SLICE)

    def put(self, item: int) -> None:
        self._arrived.append(item)

    def qsize(self) -> int:
        return len(self._arrived) + len(self._items)


class LockedQueue(SoundQueue):
    """Each call holds a lock, which the child of fork() finds taken, and a signal handler too."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def put(self, item: int) -> None:
        with self._lock:
            let_others_run()
            super().put(item)

    def _may_take(self) -> bool:
        with self._lock:
            let_others_run()
            return True

    def _sleep(self, deadline: float | None) -> None:
        with self._lock:
            super()._sleep(deadline)


class LockedAsleepQueue(SoundQueue):
    """Holds a lock while it sleeps, until it is told by another way that something has changed."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        gc.callbacks.append(lambda phase, info: self._touch())

    def _touch(self) -> None:
        with self._lock:
            pass

    def get(self, timeout: float | None = None) -> int:
        with self._lock:
            return super().get(timeout)

    def put(self, item: int) -> None:
        super().put(item)
        self._touch()


class StayingQueue(SoundQueue):
    """Wants its waits to end before the process does."""

    def get(self, timeout: float | None = None) -> int:
        atexit.register(threading.current_thread().join)
        return super().get(timeout)


class SilentAtTheEndQueue(SoundQueue):
    """Its threads that are no daemons leave the item where it is once the main thread has ended."""

    def _may_take(self) -> bool:
        return threading.main_thread().is_alive()


class HungryQueue(SoundQueue):
    """Takes the item first and then asks for memory."""

    def get(self, timeout: float | None = None) -> int:
        item = super().get(timeout)
        bytearray(item + 5000)
        return item


class PoliteQueue(SoundQueue):
    """put() waits until a thread that waits for the item has taken it."""

    _nap = staticmethod(time.sleep)

    def put(self, item: int) -> None:
        super().put(item)
        while self._items and self._waiting:
            self._nap(0.001)


UNFIT = {
    "no_memory": "code in Python loses its bookkeeping when memory fails",
    "shutdown.woken_by_finalisers": "code in Python finds the names of its module gone",
}


def _call(cls: type[SoundQueue]) -> BlockingCall:
    # CPython loses exceptions that functions of Python raise when memory fails: no Empty is raised there.
    has_limit = cls is not HungryQueue
    return BlockingCall(
        f"broken.{cls.__name__}",
        cls,
        methodcaller("get"),
        methodcaller("put", 7),
        lambda queue: queue.qsize(),
        lambda queue: queue.waiters(),
        timed=(lambda queue, seconds: queue.get(seconds)) if has_limit else None,
        too_late=Empty,
        use=None if has_limit else lambda queue: queue.put(queue.get()),
        without=UNFIT if has_limit else {"timeout": "to find another fault"},
    )


@dataclass(frozen=True)
class Control:
    """A fault that a column must find, and what it says then."""

    column: str
    cls: type[SoundQueue]
    complaint: str

    def __str__(self) -> str:
        return f"{self.column}-{self.cls.__name__}"


INTERRUPTS = (
    "interrupt.sigint_to_process",
    "interrupt.sigint_to_other_thread",
    "interrupt.interrupt_main",
    "interrupt.handler_raises",
    "interrupt.timer_raises",
)
STACKS = "most recent call first"  # The process hung and was ended.
CONTROLS = (
    Control("timeout.expires", LateQueue, "came back after 1.5"),
    Control("timeout.race", GrabbingQueue, "that came too late: the state is 0, not 1"),
    Control("timeout.two_waiters", TokenQueue, "still waits: released; the call beside it timed out"),
    *(Control(column, DeafQueue, STACKS) for column in INTERRUPTS),
    Control(
        "interrupt.handler_raises",
        TokenQueue,
        "still waits: released after the one beside it was interrupted",
    ),
    Control("handler.inside", ImpatientQueue, "s instead of 0.1"),
    Control("handler.inside", LosingQueue, "given up while it was released: the state is 0, not 1"),
    Control("handler.inside", TokenQueue, "still waits"),
    Control("handler.inside", LockedQueue, STACKS),
    Control("handler.race", LosingQueue, "the state is 0, not 1"),
    Control("fork.while_waiting", TokenQueue, "a forked child ended with status"),
    Control("fork.in_handler", ServedQueue, "a forked child ended with status -14"),
    Control("fork.under_load", LockedQueue, "a forked child ended with status -14"),
    Control("shutdown.daemons", StayingQueue, STACKS),
    Control("shutdown.woken_by_finalisers", PoliteQueue, STACKS),
    Control(
        "shutdown.threads", SilentAtTheEndQueue, "still waits: released while the interpreter shuts down"
    ),
    Control("no_memory", HungryQueue, "with failing allocations"),
    Control("reentry", LockedQueue, STACKS),
    Control("subinterpreter.own_gil", ServedQueue, "daemon threads are disabled"),
    Control("subinterpreter.legacy", ServedQueue, "Fatal Python error"),
    Control("collector", LockedAsleepQueue, STACKS),
)
BROKEN: set[type[SoundQueue]] = {SoundQueue, *(control.cls for control in CONTROLS)}
BROKEN_CALLS = tuple(map(_call, BROKEN))
