"""Pairs of programs: one that must raise DeadlockError in one thread, and a twin that must not."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import raddle

from .deadlocks import PATIENCE, Body, Meeting, take_both, wait_in

LONG = 0.025  # Longer than a wait lasts before it looks for a deadlock, in seconds.
Program = tuple[Body, ...]


@dataclass(frozen=True)
class Pair:
    """Functions that make the bodies of the threads of a program."""

    name: str
    raises: Callable[[], Program]
    silent: Callable[[], Program]

    def __str__(self) -> str:
        return self.name


def ring(locks: list[Any], ordered: bool = False) -> Program:
    """Each thread takes one lock and then the next; ordered: the last one begins with the first lock."""
    meeting = None if ordered else Meeting(len(locks))
    bodies: list[Body] = []
    for place, lock in enumerate(locks):
        pair = lock, locks[(place + 1) % len(locks)]
        if ordered and place + 1 == len(locks):
            pair = pair[::-1]
        bodies.append(lambda pair=pair: take_both(*pair, meeting))  # type: ignore[misc]
    return tuple(bodies)


def locks(count: int) -> list[Any]:
    return [raddle.Lock() for _ in range(count)]


def rlocks(count: int) -> list[Any]:
    return [raddle.RLock() for _ in range(count)]


def acquired_owned() -> Program:
    """Locks that are made to be owned are so by acquire() too."""
    first, second = raddle.Lock(owned=True), raddle.Lock(owned=True)
    meeting = Meeting(2)

    def take(mine: Any, other: Any) -> None:
        mine.acquire()
        try:
            meeting.wait()
            other.acquire()
            other.release()
        finally:
            mine.release()

    return lambda: take(first, second), lambda: take(second, first)


def acquired_as_signals() -> Program:
    """The same without ownership: a third thread releases one of them."""
    first, second = raddle.Lock(), raddle.Lock()
    meeting = Meeting(3)

    def take(mine: Any, other: Any) -> None:
        mine.acquire()
        meeting.wait()
        other.acquire()
        other.release()

    def release() -> None:
        meeting.wait()
        wait_in(None, first)
        time.sleep(LONG)
        first.release()
        wait_in(None, second)
        time.sleep(LONG)
        second.release()

    return lambda: take(first, second), lambda: take(second, first), release


def one_waits_for_a_time() -> Program:
    """As the ring of two, but one gives up."""
    first, second = rlocks(2)
    meeting = Meeting(2)

    def wait_for_a_time() -> None:
        with second:
            meeting.wait()
            assert not first.acquire(timeout=LONG)

    return lambda: take_both(first, second, meeting), wait_for_a_time


def takes_it_again() -> Program:
    lock = raddle.Lock()
    return (lambda: take_both(lock, lock),)


def awaits_a_signal() -> Program:
    """A thread acquires twice; the other one releases."""
    lock = raddle.Lock()

    def await_signal() -> None:
        lock.acquire()
        lock.acquire()

    def send() -> None:
        wait_in(None, lock)
        time.sleep(LONG)
        lock.release()

    return await_signal, send


def joins_who_waits_for_it() -> Program:
    lock = raddle.RLock()
    errors: list[BaseException] = []

    def take() -> None:
        try:
            with lock:
                pass
        except raddle.DeadlockError as error:
            errors.append(error)

    def join() -> None:
        with lock:
            thread = raddle.Thread(target=take)
            thread.start()
            thread.join()
        if errors:
            raise errors[0]

    return (join,)


def joins_who_waits_for_another() -> Program:
    """The thread that is joined waits for a lock that a third one gives back."""
    lock = raddle.RLock()
    held = threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            wait_in(None, lock)
            time.sleep(LONG)

    def join() -> None:
        held.wait(PATIENCE)
        thread = raddle.Thread(target=lambda: take_both(lock, lock))
        thread.start()
        thread.join()

    return hold, join


def against_each_other() -> Program:
    """Hand over hand along the same locks, from both ends."""
    chain = locks(4)
    meeting = Meeting(2)
    return lambda: walk(chain, meeting), lambda: walk(chain[::-1], meeting)


def behind_each_other() -> Program:
    chain = locks(4)
    return tuple(lambda: walk(chain, None, LONG / 4) for _ in range(3))


def walk(chain: list[Any], meeting: Meeting | None, pause: float = 0.0) -> None:
    """Takes each lock before it gives back the one before; the meeting is in the middle."""
    held = None
    try:
        for place, lock in enumerate(chain):
            if meeting is not None and place == len(chain) // 2:
                meeting.wait()
            lock.__enter__()
            if held is not None:
                held.release()
            held = lock
            time.sleep(pause)
    finally:
        if held is not None:
            held.release()


def joins_who_would_notify() -> Program:
    """Holds a condition's lock while it waits for a thread to end that needs it to notify."""
    condition = raddle.Condition(raddle.RLock())
    errors: list[BaseException] = []

    def notify() -> None:
        try:
            with condition:
                condition.notify_all()
        except raddle.DeadlockError as error:
            errors.append(error)

    def join() -> None:
        with condition:
            thread = raddle.Thread(target=notify)
            thread.start()
            thread.join()
        if errors:
            raise errors[0]

    return (join,)


def two_wait_for_a_condition() -> Program:
    condition = raddle.Condition(raddle.RLock())
    state = {"waiting": 0, "ready": False}

    def wait() -> None:
        with condition:
            state["waiting"] += 1
            while not state["ready"]:
                condition.wait()

    def notify() -> None:
        deadline = time.monotonic() + PATIENCE
        while state["waiting"] < 2 and time.monotonic() < deadline:
            time.sleep(0.0005)
        time.sleep(LONG)
        with condition:
            state["ready"] = True
            condition.notify_all()
            time.sleep(LONG)

    return wait, wait, notify


def released_by_another() -> Program:
    """A lock taken by `with`, given back by another thread, which takes it: not the first one's now."""
    first, second = locks(2)
    meeting, passed = Meeting(3), threading.Event()

    def taker() -> None:
        first.__enter__()
        meeting.wait()
        passed.wait(PATIENCE)
        with second:  # Its holder waits for `first`, which is not this thread's any more.
            pass

    def holder() -> None:
        with second:
            meeting.wait()
            passed.wait(PATIENCE)
            with first:
                pass

    def third() -> None:
        meeting.wait()
        first.release()
        with first:
            passed.set()
            wait_in(None, first)
            wait_in(None, second)
            time.sleep(LONG)

    return taker, holder, third


def through_a_reader() -> Program:
    """One reads what the next one wants to write; that one has what the third wants, and so on."""
    data, first, second = raddle.RWLock(), *locks(2)
    meeting = Meeting(3)
    return (
        lambda: take_both(data.read_lock(), first, meeting),
        lambda: take_both(first, second, meeting),
        lambda: take_both(second, data.write_lock(), meeting),
    )


def beside_a_reader() -> Program:
    """The same, but the third one reads too; and re-entrant reads beside a writer that waits."""
    data, first, second = raddle.RWLock(), *locks(2)
    meeting = Meeting(3)

    def read_again() -> None:
        with data.read_lock():
            wait_in(None, data)
            time.sleep(LONG)
            with data.read_lock():
                pass

    def write() -> None:
        while not data.read.locked():
            time.sleep(0.0005)
        with data.write_lock():
            pass

    return (
        lambda: take_both(data.read_lock(), first, meeting),
        lambda: take_both(first, second, meeting),
        lambda: take_both(second, data.read_lock(), meeting),
        read_again,
        write,
    )


class Noted:
    """Keeps an error inside a factory, whose errors reach everybody who waits for it, and raises it after."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._error: BaseException | None = None

    def inside(self) -> None:
        try:
            self._act()
        except raddle.DeadlockError as error:
            self._error = error

    def after(self) -> None:
        if self._error is not None:
            raise self._error


def factories(crossed: bool) -> Program:
    """Two factories of a OnceMap run at once; crossed: each wants the other's value, else a third one's."""
    meeting = Meeting(2)
    notes = {
        key: Noted(lambda key=key: values.get({"a": "b", "b": "a"}[key] if crossed else "c"))  # type: ignore[misc]
        for key in "ab"
    }

    def make(key: str) -> str:
        if key == "c":
            time.sleep(LONG)
        else:
            meeting.wait()
            notes[key].inside()
        return key

    def get(key: str) -> None:
        assert values.get(key) == key
        notes[key].after()

    values = raddle.OnceMap(make)
    return lambda: get("a"), lambda: get("b")


def lazies(crossed: bool) -> Program:
    """A lock and the attempt of a Lazy: the factory wants the lock, whose holder wants the value."""
    lock, running = raddle.RLock(), threading.Event()
    note = Noted(lambda: take_both(lock, lock))

    def make() -> int:
        running.set()
        note.inside()
        return 1

    value = raddle.Lazy(make)

    def want() -> None:
        with lock:
            running.wait(PATIENCE)
            if crossed:
                value.get()
            else:
                wait_in(None, lock)
                time.sleep(LONG)

    def begin() -> None:
        wait_until_taken(lock)
        value.get()
        note.after()

    return want, begin


def wait_until_taken(lock: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not lock.locked() and time.monotonic() < deadline:
        time.sleep(0.0005)


def keys(ordered: bool) -> Program:
    """Two keys of a KeyedLock."""
    all_keys = raddle.KeyedLock()
    meeting = None if ordered else Meeting(2)

    def take(first: str, second: str) -> None:
        with all_keys(first):
            if meeting is not None:
                meeting.wait()
            with all_keys(second):
                pass

    return lambda: take("a", "b"), lambda: take(*("ab" if ordered else "ba"))


class Comparing:
    """An item of a PriorityQueue, whose comparisons take a lock while the queue is the thread's alone."""

    def __init__(self, lock: Any, meeting: Meeting) -> None:
        self._lock = lock
        self._meeting = meeting
        self.compared = threading.Event()

    def __lt__(self, other: object) -> bool:
        self._meeting.wait()
        with self._lock:
            self.compared.set()
            return True

    def __gt__(self, other: object) -> bool:
        return False


def comparisons(crossed: bool) -> Program:
    """A comparison waits for a lock; crossed: its holder wants the same queue, else another thread does."""
    queue: raddle.PriorityQueue[Any] = raddle.PriorityQueue()
    queue.put(1)
    lock = raddle.Lock()
    meeting = Meeting(2)
    item = Comparing(lock, meeting)

    def compare() -> None:
        queue.put(item)

    def hold() -> None:
        with lock:
            meeting.wait()
            if crossed:
                queue.put(2)
            else:
                wait_in(None, lock)
                time.sleep(LONG)

    def put_too() -> None:
        wait_in(None, lock)
        queue.put(2)  # waits for the comparison
        assert item.compared.is_set()

    return (compare, hold) if crossed else (compare, hold, put_too)


PAIRS = (
    Pair("comparison", lambda: comparisons(True), lambda: comparisons(False)),
    Pair("reader", through_a_reader, beside_a_reader),
    Pair("once_map", lambda: factories(True), lambda: factories(False)),
    Pair("lazy", lambda: lazies(True), lambda: lazies(False)),
    Pair("keys", lambda: keys(False), lambda: keys(True)),
    Pair("two_locks", lambda: ring(locks(2)), lambda: ring(locks(2), ordered=True)),
    Pair("three_rlocks", lambda: ring(rlocks(3)), lambda: ring(rlocks(3), ordered=True)),
    Pair("ring_of_64", lambda: ring(locks(64)), lambda: ring(locks(64), ordered=True)),
    Pair("time_limit", lambda: ring(rlocks(2)), one_waits_for_a_time),
    Pair("acquire", acquired_owned, acquired_as_signals),
    Pair("twice", takes_it_again, awaits_a_signal),
    Pair("join", joins_who_waits_for_it, joins_who_waits_for_another),
    Pair("hand_over_hand", against_each_other, behind_each_other),
    Pair("condition", joins_who_would_notify, two_wait_for_a_condition),
    Pair("released", lambda: ring(locks(2)), released_by_another),
)
