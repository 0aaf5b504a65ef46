"""ThreadLocal: each thread's value, what is left of threads that end, and every value counted once."""

import gc
import operator
import os
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from raddle import SimpleQueue, ThreadLocal, pin
from support.interpreter import needs_fork
from support.knobs import scaled
from support.process import check_code
from support.threads import bursts, in_another_thread, parallelize, run_together

forks_beside_threads = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


class Keeper:
    """A thread that has a value and lives until it is let go."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._ready: SimpleQueue[None] = SimpleQueue()
        self._go: SimpleQueue[None] = SimpleQueue()
        self.thread = threading.Thread(target=self._run, args=(act,))
        self.thread.start()
        self._ready.get(timeout=20)

    def _run(self, act: Callable[[], object]) -> None:
        act()
        self._ready.put(None)
        self._go.get(timeout=20)

    def end(self) -> None:
        self._go.put(None)
        self.thread.join()


def collect_all(local: ThreadLocal[Any]) -> list[Any]:
    """All values, sorted."""
    return sorted(local.fold(lambda values, value: [*values, value], []))


def test_each_thread_has_its_own() -> None:
    local: ThreadLocal[list[int]] = ThreadLocal(list)
    mine = local.get()
    assert local.get() is mine
    others = parallelize(lambda _: (local.get(), local.get()), 4)
    assert all(first is second for first, second in others)
    assert len({id(mine), *(id(first) for first, _ in others)}) == 5
    local.set([1])
    assert local.get() == [1]


def test_items_are_those_of_live_threads() -> None:
    local: ThreadLocal[int] = ThreadLocal(int)
    assert local.items() == []
    local.set(1)
    keeper = Keeper(lambda: local.set(2))
    assert local.items() == [(threading.main_thread(), 1), (keeper.thread, 2)]
    assert "threads=2" in repr(local)
    keeper.end()
    assert local.items() == [(threading.main_thread(), 1)]
    assert local.fold(operator.add, 10) == 11


@pytest.mark.parametrize("threads", [1, 2, 30])
def test_values_of_ended_threads_are_combined_once(threads: int) -> None:
    local: ThreadLocal[int] = ThreadLocal(int, operator.add)
    for turn in range(1, scaled(5) + 1):
        parallelize(lambda number: local.set(1 << number), threads)
        assert local.fold(operator.add, 0) == turn * ((1 << threads) - 1)
        assert local.items() == []


def test_without_combine_they_are_dropped() -> None:
    class Value:
        pass

    local: ThreadLocal[Value] = ThreadLocal(Value)
    end = in_another_thread(lambda: weakref.ref(local.get()))
    assert end() is None
    assert collect_all(local) == []


def test_a_single_ended_value_is_kept_as_it_is() -> None:
    local: ThreadLocal[Any] = ThreadLocal(object, lambda a, b: 1 / 0)
    value = in_another_thread(local.get)
    assert collect_all(local)[0] is value


def test_fold_sees_every_value_once_while_threads_end() -> None:
    """Values that are in the middle of being combined too."""
    local: ThreadLocal[frozenset[int]] = ThreadLocal(frozenset, frozenset.union)
    serial = iter(range(10**9))
    ended: set[int] = set()
    stop: list[None] = []

    def end_threads() -> int:
        for _ in range(scaled(60)):
            numbers = [next(serial) for _ in range(4)]
            crew = [
                threading.Thread(target=lambda number=number: local.set(frozenset({number})))  # type: ignore[misc]
                for number in numbers
            ]
            for thread in crew:
                thread.start()
            for thread in crew:
                thread.join()
            ended.update(numbers)
        stop.append(None)
        return len(ended)

    def look() -> int:
        looks = 0
        while not stop:
            certain = set(ended)
            seen: list[int] = local.fold(lambda values, value: [*values, *value], [])
            assert len(seen) == len(set(seen)), "a value twice"
            assert certain <= set(seen), "a value is missing"
            looks += 1
        return looks

    assert min(run_together(end_threads, look)) > 0
    assert local.fold(frozenset.union, frozenset()) == ended


def test_a_combine_that_raises_is_reported_and_drops_one_value(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: reported.append((what.exc_type, what.object)))

    def combine(a: int, b: int) -> int:
        if b == 3:
            raise ZeroDivisionError
        return a + b

    local: ThreadLocal[int] = ThreadLocal(int, combine)
    for number in (1, 2, 3, 4):
        in_another_thread(lambda number=number: local.set(number))  # type: ignore[misc]
    assert reported == [(ZeroDivisionError, combine)]
    assert local.fold(operator.add, 0) == 1 + 2 + 4


def test_combine_and_fold_may_use_the_object() -> None:
    seen: list[int] = []

    def combine(a: int, b: int) -> int:
        seen.append(local.fold(operator.add, 0))
        local.set(100)  # Of the thread that is ending.
        return a + b

    local: ThreadLocal[int] = ThreadLocal(int, combine)
    for number in (1, 2):
        in_another_thread(lambda number=number: local.set(number))  # type: ignore[misc]
    assert seen[0] == 3  # both are there, as they are being combined
    local.set(7)
    assert local.fold(lambda total, value: total + value + len(local.items()) * 0, 0) >= 10


def test_a_factory_that_uses_the_object() -> None:
    def nested() -> str:
        if not inside:
            inside.append(1)
            return "outer " + local.get()
        return "inner"

    inside: list[int] = []
    local: ThreadLocal[str] = ThreadLocal(nested)
    assert local.get() == "inner"  # it was there first
    assert local.get() == "inner"
    setting: ThreadLocal[str] = ThreadLocal(lambda: setting.set("set") or "made")  # type: ignore[func-returns-value]
    assert setting.get() == "set"
    endless: ThreadLocal[Any] = ThreadLocal(lambda: endless.get())
    with pytest.raises(RecursionError):
        endless.get()
    assert endless.items() == []


def test_a_factory_that_raises() -> None:
    outcomes = iter([ZeroDivisionError, 5])

    def factory() -> int:
        outcome = next(outcomes)
        if isinstance(outcome, int):
            return outcome
        raise outcome

    local = ThreadLocal(factory)
    with pytest.raises(ZeroDivisionError):
        local.get()
    assert local.items() == []
    assert local.get() == 5


def test_a_fold_that_raises() -> None:
    local: ThreadLocal[int] = ThreadLocal(int)
    local.get()
    with pytest.raises(ZeroDivisionError):
        local.fold(lambda total, value: 1 // 0, 0)
    assert local.fold(operator.add, 1) == 1
    assert local.fold(initial=2, fn=operator.add) == 2


def test_an_object_that_ends_before_its_threads_combines_nothing() -> None:
    combined: list[Any] = []

    class Value:
        pass

    local: ThreadLocal[Value] | None = ThreadLocal(Value, lambda a, b: combined.append((a, b)))
    ends = [weakref.ref(local.get())]  # type: ignore[union-attr]
    in_another_thread(local.get)  # type: ignore[union-attr]
    keepers = [Keeper(lambda: ends.append(weakref.ref(local.get()))) for _ in range(2)]  # type: ignore[union-attr]
    local = None
    assert ends[0]() is None
    for keeper in keepers:  # Free-threaded, an object's count is settled by the thread that made it.
        keeper.end()
    assert [end() for end in ends] == [None] * 3
    assert combined == []


def test_many_objects_in_long_lived_threads_leave_no_memory() -> None:
    def use() -> None:
        local: ThreadLocal[int] = ThreadLocal(int, operator.add)
        local.set(2**70)
        in_another_thread(lambda: local.set(1))

    for _ in range(300):  # Fills the interpreter's own stores.
        use()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(1000):
        use()
    gc.collect()
    assert sys.getallocatedblocks() - before < 500


@pytest.mark.parametrize("through", ["value", "factory", "combine", "ended value"])
def test_cycles_are_collected(through: str) -> None:
    combined: list[Any] = []

    class Node:
        local: Any = None

    def make(node: Node) -> ThreadLocal[Any]:
        def factory() -> Any:
            return node if through in ("factory", "value") else None

        def combine(a: Any, b: Any) -> Any:
            combined.append(node)
            return a

        local: ThreadLocal[Any] = ThreadLocal(factory, combine)
        node.local = local
        local.set(node if through == "value" else 1)
        if through == "ended value":
            in_another_thread(lambda: local.set(node))
        return local

    node = Node()
    local = make(node)
    ends = weakref.ref(node), weakref.ref(local)
    del node, local
    gc.collect()
    assert [end() for end in ends] == [None, None]
    assert combined == []


def test_a_revived_object_goes_on() -> None:
    revived: list[Any] = []

    class Holder:
        def __init__(self) -> None:
            self.local: ThreadLocal[int] = ThreadLocal(int, operator.add)
            self.itself = self

        def __del__(self) -> None:
            revived.append(self.local)

    holder = Holder()
    holder.local.set(1)
    del holder
    gc.collect()
    local = revived[0]
    assert local.get() == 1
    in_another_thread(lambda: local.set(2))
    in_another_thread(lambda: local.set(4))
    assert local.fold(operator.add, 0) == 7


def test_values_that_end_with_the_object_are_not_combined() -> None:
    """The collector says to the object that it ends before it takes apart what holds the values."""
    local: ThreadLocal[int] = ThreadLocal(int, operator.add)
    in_another_thread(lambda: local.set(1))
    keeper = Keeper(lambda: local.set(2))
    local.__del__()
    keeper.end()
    assert local.fold(operator.add, 0) == 1
    in_another_thread(lambda: local.set(4))  # It is used: it has been revived.
    assert local.fold(operator.add, 0) == 5


@needs_fork
@forks_beside_threads
def test_values_of_vanished_threads_are_combined_in_the_child() -> None:
    local: ThreadLocal[int] = ThreadLocal(int, operator.add)
    in_another_thread(lambda: local.set(1))
    local.set(2)
    keepers = [Keeper(lambda number=number: local.set(number)) for number in (4, 8)]  # type: ignore[misc]
    child = os.fork()
    if child == 0:
        good = local.items() == [(threading.main_thread(), 2)] and local.fold(operator.add, 0) == 15
        local.set(3)
        in_another_thread(lambda: local.set(16))
        os._exit(0 if good and local.fold(operator.add, 0) == 32 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    for keeper in keepers:
        keeper.end()
    assert local.fold(operator.add, 0) == 15


SHUTDOWN = """
import operator, os, sys, threading, time
from raddle import SimpleQueue, ThreadLocal

local = ThreadLocal(int, operator.add)
began = SimpleQueue()
class AtTheEnd:
    def __init__(self, local, add, write=os.write):
        self.local, self.add, self.write = local, add, write
    def __del__(self):
        self.write(1, b"%d\\n" % self.local.fold(self.add, 0))
def live(number):
    local.set(number)
    began.put(None)
    time.sleep(1000)
for number in (1, 2, 4):
    threading.Thread(target=live, args=(number,), daemon=True).start()
    began.get()
local.set(8)
sys.end = AtTheEnd(local, operator.add)
"""


def test_values_at_the_end_of_the_interpreter() -> None:
    assert check_code(SHUTDOWN, timeout=30) == "15\n"


def test_threads_that_threading_does_not_know() -> None:
    import _thread

    local: ThreadLocal[int] = ThreadLocal(int, operator.add)
    done: SimpleQueue[None] = SimpleQueue()

    def body() -> None:
        local.set(5)
        done.put(None)

    _thread.start_new_thread(body, ())
    done.get(timeout=20)
    assert local.fold(operator.add, 0) == 5


def test_set_beside_items_and_fold() -> None:
    local: ThreadLocal[list[int]] = ThreadLocal(list)
    stop: list[None] = []

    def write(number: int) -> int:
        turn = 0
        while not stop:
            turn += 1
            local.set([number, turn, turn])
        return turn

    def read() -> int:
        for _ in bursts(scaled(2000)):
            for _, value in local.items():
                assert value[1] == value[2]
            assert local.fold(lambda total, value: total + len(value), 0) <= 6
        stop.append(None)
        return 1

    assert min(run_together(lambda: write(1), lambda: write(2), read)) > 0


def test_construction() -> None:
    bare: ThreadLocal[Any] = ThreadLocal.__new__(ThreadLocal, "anything")
    with pytest.raises(RuntimeError, match=r"__init__\(\) was not called"):
        bare.get()
    bare.set(3)
    assert bare.get() == 3
    bare.__init__(int, name="three")  # type: ignore[misc]
    bare.__init__(str)  # type: ignore[misc]
    assert bare.name == "three"
    assert in_another_thread(bare.get) == 0
    for arguments in ((5,), (int, 5), (int, operator.add, 5), (int, operator.add, "name", 5)):
        with pytest.raises(TypeError):
            ThreadLocal(*arguments)  # type: ignore[arg-type]
    assert "unused" in repr(pin(ThreadLocal(int)))
