"""OnceMap: one factory call per key, beside pop, clear, and keys that run code when they are compared.

What it has in common with Lazy is in test_once_runs.py.
"""

import gc
import os
import re
import sys
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from raddle import DeadlockError, OnceMap, SimpleQueue, pin
from support.blocking.waiters import wait_until
from support.gate import KEY, Gate, call, outcome, start_run, wait_in
from support.interpreter import needs_fork
from support.knobs import generator, scaled
from support.threads import bursts, parallelize, run_together

forks_beside_threads = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
DETECTION = 0.1  # Seconds within which a deadlock must be reported.


def running(entries: object) -> int:
    found = re.search(r"running=(\d+)", repr(entries))
    return int(found[1]) if found else -1


def in_thread(action: Callable[[], Any], seconds: float = 20) -> Any:
    """What another thread gets, which must not take for ever."""
    outcomes: list[Any] = []
    thread = threading.Thread(target=lambda: outcomes.append(outcome(action)), daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcomes:
        raise AssertionError("the other thread does not come back")
    return outcomes[0]


def test_one_call_per_key_however_many_threads_ask() -> None:
    calls: Counter[int] = Counter()

    def factory(key: int) -> list[int]:
        calls[key] += 1
        time.sleep(0.002)
        return [key]

    entries = OnceMap(factory)
    keys = range(scaled(20))
    got = parallelize(lambda _: [entries.get(key) for key in keys], 8)
    assert set(calls.values()) == {1}
    assert all(each[key] is got[0][key] for each in got for key in keys)
    assert [each for (each,) in got[0]] == list(keys)
    assert len(entries) == len(keys)
    assert running(entries) == 0


def test_other_keys_are_not_held_up() -> None:
    gate = Gate()
    entries: OnceMap[str, Any] = OnceMap(lambda key: gate() if key == KEY else key)
    runner, first = start_run(entries, gate)
    assert entries["other"] == "other"
    assert len(entries) == 1
    assert KEY not in entries
    assert running(entries) == 1
    gate.ends.put("value")
    runner.join()
    assert first == ["value"]
    assert len(entries) == 2


def test_a_factory_may_need_other_keys() -> None:
    entries: OnceMap[int, int] = OnceMap(
        lambda number: number if number < 2 else entries.get(number - 1) + entries.get(number - 2)
    )
    assert entries.get(60) == 1548008755920
    assert len(entries) == 61


def test_two_threads_whose_keys_need_each_other() -> None:
    for _ in range(scaled(10)):
        barrier = threading.Barrier(2)
        closed: list[float] = []

        def needs_the_other(
            key: int, barrier: threading.Barrier = barrier, closed: list[float] = closed
        ) -> Any:
            barrier.wait()
            closed.append(time.monotonic())
            return entries.get(1 - key)  # noqa: B023  of this very round

        entries: OnceMap[int, Any] = OnceMap(needs_the_other)
        outcomes = parallelize(
            lambda key, entries=entries: outcome(lambda: entries.get(key)),  # type: ignore[misc]
            2,
        )
        assert time.monotonic() - max(closed) < DETECTION
        assert [type(each) for each in outcomes] == [DeadlockError] * 2
        assert {link.waits_for for link in outcomes[0].cycle} == {(entries, 0), (entries, 1)}
        assert len(entries) == running(entries) == 0


def test_pop_and_clear() -> None:
    made: list[str] = []

    def factory(key: str) -> str:
        made.append(key)
        return key.upper()

    entries = OnceMap(factory)
    assert [entries.get(key) for key in "abc"] == ["A", "B", "C"]
    assert entries.pop("b") == "B"
    assert "b" not in entries
    assert entries.pop("b", None) is None
    with pytest.raises(KeyError) as caught:
        entries.pop("b")
    assert caught.value.args == ("b",)
    with pytest.raises(KeyError) as caught:
        entries.pop(("b", 1), *())  # type: ignore[arg-type]
    assert caught.value.args == (("b", 1),)
    entries.clear()
    assert len(entries) == 0
    assert entries["a"] == "A"
    assert made == ["a", "b", "c", "a"]


def test_pop_and_clear_leave_what_is_running() -> None:
    gate = Gate()
    entries: OnceMap[str, Any] = OnceMap(lambda key: gate() if key == KEY else key)
    entries.get("other")
    runner, first = start_run(entries, gate)
    crew, others = wait_in(entries, 1)
    assert entries.pop(KEY, "absent") == "absent"
    with pytest.raises(KeyError):
        entries.pop(KEY)
    entries.clear()
    assert "other" not in entries
    gate.ends.put("value")
    for thread in (runner, *crew):
        thread.join()
    assert first + others == ["value"] * 2
    assert entries.get(KEY) == "value"
    assert len(entries) == 1


def test_pop_and_clear_beside_get() -> None:
    """Each value comes from one run, of one key runs never overlap, and no value is popped twice."""
    inside: Counter[int] = Counter()
    faults: list[str] = []
    serial = iter(range(10**9))

    def factory(key: int) -> tuple[int, int]:
        inside[key] += 1
        if inside[key] != 1:
            faults.append(f"two runs of {key}")
        made = key, next(serial)
        inside[key] -= 1
        return made

    entries = OnceMap(factory)

    def use(number: int) -> list[tuple[int, int]]:
        random = generator("use", number)
        popped = []
        for _ in bursts(scaled(3000)):
            key = random.randrange(4)
            if random.random() < 0.3:
                taken = entries.pop(key, None)
                if taken is not None:
                    popped.append(taken)
            elif random.random() < 0.02:
                entries.clear()
            else:
                value = entries.get(key)
                if value[0] != key:
                    faults.append(f"{value} for {key}")
        return popped

    popped = [each for taken in parallelize(use, 4) for each in taken]
    assert faults == []
    assert len(popped) == len(set(popped))
    assert len(entries) == sum(key in entries for key in range(4))
    assert running(entries) == 0


def test_popped_keys_leave_no_memory() -> None:
    entries = OnceMap(str)
    for key in range(2000):
        entries.get(key)
        entries.pop(key)
    gc.collect()
    before = sys.getallocatedblocks()
    for key in range(2000, 2000 + scaled(20_000)):
        entries.get(key)
        entries.pop(key)
    gc.collect()
    assert sys.getallocatedblocks() - before < 500
    assert len(entries) == 0


def test_failed_keys_leave_no_memory() -> None:
    def fail(key: int) -> None:
        raise LookupError(key)

    entries = OnceMap(fail)

    def ask(keys: range) -> None:
        for key in keys:
            with pytest.raises(LookupError):
                entries.get(key)

    ask(range(1000))
    gc.collect()
    before = sys.getallocatedblocks()
    ask(range(1000, 1000 + scaled(3000)))
    gc.collect()
    assert sys.getallocatedblocks() - before < 500


class Key:
    """Compares by number, and does something then."""

    def __init__(self, number: int, act: Callable[[], object] = lambda: None) -> None:
        self.number = number
        self.act = act

    def __hash__(self) -> int:
        return 7  # All keys meet.

    def __eq__(self, other: object) -> bool:
        self.act()
        return isinstance(other, Key) and self.number == other.number


def test_comparing_keys_may_use_the_map() -> None:
    entries: OnceMap[Any, Any] = OnceMap(lambda key: getattr(key, "number", key))
    turns = iter(range(10**6))

    def act() -> None:
        turn = next(turns)
        if turn % 2:
            return  # Not for ever deeper.
        entries.get(turn)
        entries.pop(turn - 2, None)
        len(entries)
        repr(entries)

    for number in range(20):
        assert entries.get(Key(number, act)) == number
    for number in range(20):
        assert entries.get(Key(number, act)) == number
        assert entries.pop(Key(number, act)) == number
        assert Key(number, act) not in entries
    entries.clear()
    assert len(entries) == 0
    assert running(entries) == 0


def test_comparing_keys_may_ask_for_the_same_key() -> None:
    """The one place where a key may be made twice; nothing hangs, and everybody gets one of the values."""
    entries: OnceMap[Any, Any] = OnceMap(lambda key: object())
    once = [True, True, True]

    def act() -> None:
        if once:
            once.pop()
            entries.get(Key(1))

    entries.get(Key(0, act))
    got = entries.get(Key(1, act))
    assert entries.get(Key(1)) is got
    assert len(entries) == 2
    assert running(entries) == 0


def test_comparing_keys_may_raise_at_any_step() -> None:
    """The call raises, and the map is whole: whatever step it was, the value is made once."""
    made: Counter[int] = Counter()

    def factory(key: Key) -> int:
        made[key.number] += 1
        return key.number

    for failing in range(12):
        entries = OnceMap(factory)
        entries.get(Key(0))
        made.clear()
        left = [failing]

        def act(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == -1:
                raise ZeroDivisionError

        got = outcome(lambda entries=entries, act=act: entries.get(Key(1, act)))  # type: ignore[misc]
        left[0] = -1  # No more.
        assert got == 1 or type(got) is ZeroDivisionError
        assert entries.get(Key(1)) == 1
        assert made[1] == 1, failing
        assert len(entries) == 2
        assert running(entries) == 0
        assert entries.pop(Key(1)) == 1
        assert len(entries) == 1


def test_hashing_that_raises() -> None:
    entries: OnceMap[Any, Any] = OnceMap(lambda key: key)
    for action in (entries.get, entries.pop, entries.__contains__, entries.__getitem__):
        with pytest.raises(TypeError, match="unhashable"):
            action([])
    assert len(entries) == 0


def test_a_comparison_that_waits_for_another_thread_holds_up_changes_only() -> None:
    """Hits go on; who changes the map waits, and can be told of a deadlock."""
    entered: SimpleQueue[None] = SimpleQueue()
    go_on: SimpleQueue[None] = SimpleQueue()
    is_slow = [False]

    def act() -> None:
        if is_slow[0]:
            is_slow[0] = False
            entered.put(None)
            go_on.get(timeout=20)

    entries: OnceMap[Any, Any] = OnceMap(lambda key: "made")
    entries.get("hit")
    entries.get(Key(0, act))
    in_add = threading.Thread(target=lambda: entries.get(Key(1)))

    def slow_down(number: int) -> int:  # From the second comparison on the lock is held.
        is_slow[0] = number == 2
        return number

    numbers = iter(range(1, 100))
    entries.pop(Key(0))
    entries.get(Key(0, lambda: (slow_down(next(numbers)), act())))
    in_add.start()
    entered.get(timeout=20)
    assert entries.get("hit") == "made"
    other = threading.Thread(target=lambda: entries.get("new"))
    other.start()
    other.join(0.05)
    assert other.is_alive()
    go_on.put(None)
    for thread in (in_add, other):
        thread.join(20)
        assert not thread.is_alive()
    assert len(entries) == 4


class Final:
    """Its end waits for a thread that changes the map."""

    def __init__(self, entries: "list[OnceMap[Any, Any]]", ended: list[Any]) -> None:
        self.entries = entries
        self.ended = ended

    def __del__(self) -> None:
        entries = self.entries[0]
        self.ended.append(in_thread(lambda: (entries.get("new"), entries.pop("new"))))


@pytest.mark.parametrize("drop", ["pop", "clear"])
def test_finalisers_of_values_run_when_the_map_is_free(drop: str) -> None:
    holder: list[OnceMap[Any, Any]] = []
    ended: list[Any] = []
    entries: OnceMap[Any, Any] = OnceMap(lambda key: Final(holder, ended) if key != "new" else "fresh")
    holder.append(entries)
    for key in range(3):
        entries.get(key)
    if drop == "clear":
        entries.clear()
    else:
        for key in range(3):
            entries.pop(key)
    assert ended == [("fresh", "fresh")] * 3


@needs_fork
@forks_beside_threads
def test_a_child_keeps_values_and_finds_unrun_what_a_vanished_thread_was_running() -> None:
    gate = Gate()
    entries: OnceMap[str, Any] = OnceMap(lambda key: gate() if key == KEY else key)
    entries.get("kept")
    runner, outcomes = start_run(entries, gate)
    crew, others = wait_in(entries, 2)
    child = os.fork()
    if child == 0:
        gate.ends.put("of the child")
        good = "kept" in entries and len(entries) == 1 and entries.get(KEY) == "of the child"
        os._exit(0 if good and len(entries) == 2 and running(entries) == 0 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    gate.ends.put("of the parent")
    for thread in (runner, *crew):
        thread.join()
    assert outcomes + others == ["of the parent"] * 3


@needs_fork
@forks_beside_threads
def test_children_of_a_map_that_is_just_changed() -> None:
    """The child finds the lock free and the dict whole, wherever the others were."""
    entries: OnceMap[Any, Any] = OnceMap(lambda key: getattr(key, "number", key))
    stop: list[None] = []

    def change(number: int) -> None:
        keys = [Key(number * 100 + each) for each in range(5)]
        while not stop:
            for key in keys:
                entries.get(key)
                entries.pop(key, None)

    crew = [threading.Thread(target=change, args=(number,), daemon=True) for number in range(2)]
    for thread in crew:
        thread.start()
    try:
        for _ in range(scaled(30)):
            child = os.fork()
            if child == 0:
                got = [entries.get(Key(number)) for number in (0, 1, 100, 101, 7)]
                count = len(entries)
                entries.clear()
                os._exit(0 if got == [0, 1, 100, 101, 7] and count >= 5 and len(entries) == 0 else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        stop.append(None)
        for thread in crew:
            thread.join()


def test_a_cycle_through_a_key_and_its_value_is_collected() -> None:
    class Value:
        entries: Any = None

    value = Value()
    entries = value.entries = OnceMap(lambda key: key)
    assert entries.get(value) is value
    ends = weakref.ref(value), weakref.ref(entries)
    del value, entries
    gc.collect()
    assert [end() for end in ends] == [None, None]


def test_a_pinned_map_and_its_name() -> None:
    entries = pin(OnceMap(str, name="texts"))
    assert entries.name == "texts"
    assert "idle raddle.OnceMap object name='texts' results=0 running=0" in repr(entries)
    assert parallelize(lambda number: entries.get(5), 2) == ["5", "5"]
    assert call(OnceMap(str)) == KEY


def test_collections_beside_calls() -> None:
    entries: OnceMap[int, Any] = OnceMap(lambda key: [entries, key])
    begun: list[None] = []
    stop: list[None] = []

    def use() -> int:
        count = 0
        while not stop:
            key = count % 50
            assert entries.get(key)[1] == key
            entries.pop((key * 7) % 50, None)
            count += 1
            if count == 1:
                begun.append(None)
        return count

    def collect() -> int:
        wait_until(lambda: len(begun) == 2, "both threads call")
        for _ in bursts(scaled(15)):
            gc.collect()
        stop.append(None)
        return 1

    assert min(run_together(use, use, collect)) > 0
