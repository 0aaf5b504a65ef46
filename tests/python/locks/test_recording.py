"""diagnostics.record(): what threads do at locks, in order, each with the place in the program."""

import gc
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import raddle
from raddle import _raddle
from raddle.diagnostics import Event, Recording, record
from support.blocking.waiters import wait_until
from support.deadlocks import wait_in
from support.knobs import scaled
from support.threads import parallelize

HERE = __file__


def hold(lock: Any, held: threading.Event) -> None:
    """Holds the lock until somebody waits for it."""
    with lock:
        held.set()
        wait_in(None, lock)


def take(lock: Any) -> None:
    with lock:  # The place of the waiter's events up to `acquired`.
        pass


def line_of(function: Any, text: str) -> int:
    lines = Path(HERE).read_text(encoding="utf-8").splitlines()
    first = function.__code__.co_firstlineno
    return next(number for number in range(first, first + 20) if text in lines[number - 1])


@pytest.mark.parametrize("make", [raddle.Lock, raddle.RLock])
def test_a_contended_lock(make: Any) -> None:
    lock, held = make(), threading.Event()
    with record() as recording:
        holder = threading.Thread(target=hold, args=(lock, held))
        holder.start()
        held.wait()
        take(lock)
        holder.join()
    mine = [event for event in recording.events if event.ident == threading.get_ident()]
    assert [event.what for event in mine] == ["contended", "wait_begun", "wait_ended", "acquired", "released"]
    theirs = [event for event in recording.events if event not in mine]
    assert [event.what for event in theirs] == ["acquired", "released"]
    assert {event.kind for event in recording.events} == {make.__name__}
    assert len({event.address for event in recording.events}) == 1
    times = [event.time for event in mine]
    assert times == sorted(times)
    assert {event.site for event in mine} == {(HERE, "take", line_of(take, "with lock"))}
    assert {event.site for event in theirs} == {(HERE, "hold", line_of(hold, "with lock"))}
    assert recording.lost == 0
    assert all(isinstance(event, Event) for event in recording.events)


def names_and_serials(recording: Recording) -> set[tuple[str | None, int]]:
    return {(event.name, event.serial) for event in recording.events}


KINDS: dict[str, Callable[[str], Any]] = {
    "Lock": raddle.Lock,
    "RLock": raddle.RLock,
    "RWLock": raddle.RWLock,
    "Semaphore": lambda name: raddle.Semaphore(1, name),
    "read": lambda name: raddle.RWLock(name).read,
    "pinned": lambda name: raddle.pin(raddle.Lock(name)),
    "pinned RWLock": lambda name: raddle.pin(raddle.RWLock(name)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_events_tell_of_which_lock_they_are(kind: str) -> None:
    """By its name, and by a number that is the same in all events of a lock."""
    warp, weft, other = (KINDS[kind](name) for name in ("warp", "weft", "weft"))
    gc.collect()  # 3.13t's collector forgets what is pinned.
    with record() as recording:
        for lock in (warp, weft, other, warp):
            take(lock)
    assert names_and_serials(recording) == {("warp", 1), ("weft", 2), ("weft", 3)}
    del warp, weft, other


def test_a_contended_rwlock_is_one_lock() -> None:
    """Readers wait elsewhere in it than writers."""
    lock, entered = raddle.RWLock("warp"), threading.Event()
    with record() as recording:
        for held, wanted in ((lock.read, lock.write), (lock.write, lock.read), (lock.write, lock.write)):
            entered.clear()

            def hold(held: Any = held) -> None:
                with held:
                    entered.set()
                    wait_until(lambda: " waiters=1" in repr(lock), "somebody waits")

            holder = threading.Thread(target=hold)
            holder.start()
            entered.wait()
            take(wanted)
            holder.join()
    assert Counter(event.what for event in recording.events)["wait_begun"] == 3
    assert names_and_serials(recording) == {("warp", 1)}


@pytest.mark.parametrize(
    "wait",
    [
        lambda: raddle.Event("warp").wait(0.001),
        lambda: raddle.Latch(1, "warp").wait(0.001),
        lambda: raddle.Barrier(2, name="warp").wait(0.001),
        lambda: raddle.Semaphore(0, "warp").acquire(timeout=0.001),
    ],
)
def test_a_wait_for_something_that_has_ended_meanwhile_has_its_name(wait: Callable[[], object]) -> None:
    with record() as recording, suppress(threading.BrokenBarrierError):
        wait()
    assert names_and_serials(recording) == {("warp", 1)}
    assert {"wait_begun", "wait_ended"} <= {event.what for event in recording.events}


def test_a_condition_has_its_own_name_and_its_lock_another_one() -> None:
    condition = raddle.Condition(raddle.Lock("lock"), "condition")
    with record() as recording, condition:
        condition.wait(0.001)
    assert names_and_serials(recording) == {("lock", 1), ("condition", 2)}


@pytest.mark.parametrize("name", [None, "warp", "\u00e9", "\u7d4c\u7cf8", "\U0001f9f5", "\udc80", ""])
def test_locks_that_had_the_same_address_are_told_apart(name: str | None) -> None:
    rounds = scaled(500)
    gc.collect()
    with record() as recording:
        for number in range(rounds):
            take(raddle.Lock(name if number % 2 else None))
    assert [event.serial for event in recording.events] == [n // 2 + 1 for n in range(2 * rounds)]
    assert [event.name for event in recording.events[:4]] == [None, None, name, name]
    assert len({event.address for event in recording.events}) < rounds


def test_what_has_no_name_has_a_number_for_each_part() -> None:
    keys = raddle.KeyedLock[str]("keys")
    with record() as recording:
        take(keys("a"))
        with keys("a"), keys("b"):
            pass
    assert {event.kind for event in recording.events} == {"KeyedLock"}
    assert {event.name for event in recording.events} == {None}


def test_an_uncontended_lock() -> None:
    lock, other = raddle.Lock(), raddle.RLock()
    with record() as recording:
        take(lock)
        lock.acquire()
        assert not lock.acquire(False)
        lock.release()
        with other, other:
            pass
    assert [(event.what, event.kind) for event in recording.events] == [
        ("acquired", "Lock"),
        ("released", "Lock"),
        ("acquired", "Lock"),
        ("released", "Lock"),
        ("acquired", "RLock"),
        ("released", "RLock"),
    ]


def test_a_wait_that_ends_without_the_lock() -> None:
    lock = raddle.Lock()
    with lock, record() as recording:
        assert not lock.acquire(timeout=0.001)
    assert [event.what for event in recording.events] == ["contended", "wait_begun", "wait_ended"]


def test_waits_for_other_things_are_recorded_too() -> None:
    queue: raddle.Queue[int] = raddle.Queue()
    thread = raddle.Thread(target=queue.get)
    with record() as recording:
        thread.start()
        while " 0 waiting to get" in repr(queue):
            time.sleep(0.001)
        queue.put(1)
        thread.join()
    by_thread = [(event.what, event.kind) for event in recording.events if event.ident == thread.ident]
    assert ("wait_begun", "end of a thread") not in by_thread
    assert [what for what, _ in by_thread] == ["wait_begun", "wait_ended"]


def test_there_is_one_recording_at_a_time() -> None:
    with record(), pytest.raises(RuntimeError, match="recorded already"):
        _raddle._start_recording()
    with record() as recording:
        take(raddle.Lock())
    assert len(recording.events) == 2
    take(raddle.Lock())
    assert len(recording.events) == 2


def test_an_exception_ends_a_recording() -> None:
    with pytest.raises(ZeroDivisionError), record() as recording:
        raise ZeroDivisionError
    assert recording.events == []
    with record():
        pass


def test_what_does_not_fit_is_counted() -> None:
    lock = raddle.Lock()
    rounds = 40_000
    with record() as recording:
        for _ in range(rounds):
            with lock:
                pass
    assert len(recording.events) == 65_536
    assert recording.lost == 2 * rounds - 65_536
    assert Counter(event.what for event in recording.events)["acquired"] == 32_768
    with record() as again:
        take(lock)
    assert [event.what for event in again.events] == ["acquired", "released"]


def test_many_threads_record_at_once() -> None:
    """No event is lost or mixed up, and those of each thread are in its order."""
    locks = [raddle.Lock() for _ in range(4)]
    rounds = scaled(500)

    def use(number: int) -> int:
        for turn in range(rounds):
            take(locks[(turn + number) % len(locks)])
        return threading.get_ident()

    with record() as recording:
        idents = parallelize(use, 4)
    assert recording.lost == 0
    for ident in set(idents):
        mine = [event for event in recording.events if event.ident == ident]
        taken = [event for event in mine if event.what in ("acquired", "released")]
        assert [event.what for event in taken] == ["acquired", "released"] * (len(taken) // 2)
        assert {event.site for event in mine} == {(HERE, "take", line_of(take, "with lock"))}
        waits = [event.what for event in mine if event.what.startswith("wait_")]
        assert waits == ["wait_begun", "wait_ended"] * (len(waits) // 2)
    held: dict[int, int] = {}
    for event in sorted(recording.events, key=lambda event: event.time):
        if event.what == "acquired":
            held[event.address] = held.get(event.address, 0) + 1
    assert sum(held.values()) == 4 * rounds


def test_no_table_costs_nothing_to_speak_of() -> None:
    """With the table the same loop takes several times as long: without it, it is not installed."""
    lock = raddle.Lock()

    def loop() -> float:
        start = time.perf_counter()
        for _ in range(20_000):
            with lock:
                pass
        return time.perf_counter() - start

    without, recorded = [], []
    for _ in range(5):
        without.append(loop())
        with record():
            recorded.append(loop())
    assert min(without) < min(recorded) / 2, f"{min(without)} s, with a table {min(recorded)} s"
