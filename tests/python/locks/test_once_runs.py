"""What Lazy, once and OnceMap have in common: one run for all threads, whatever becomes of it."""

import gc
import os
import threading
import time
import weakref
from typing import Any

import pytest
from raddle import DeadlockError, Lazy, Lock, OnceMap, once, pin
from support.blocking.waiters import wait_until, waiting_in
from support.gate import KEY, Gate, call, outcome, start_run, wait_in
from support.interpreter import needs_fork
from support.knobs import scaled
from support.process import check_code
from support.threads import parallelize

pytestmark = pytest.mark.parametrize("kind", [Lazy, once, OnceMap])
DETECTION = 0.1  # Seconds within which a deadlock must be reported.


def is_unrun(lazy: Any) -> bool:
    return KEY not in lazy if isinstance(lazy, OnceMap) else "unrun" in repr(lazy)


def is_done(lazy: Any) -> bool:
    return KEY in lazy if isinstance(lazy, OnceMap) else "done" in repr(lazy)


@pytest.mark.parametrize("value", [["made"], None, 0, False], ids=str)
def test_one_run_and_everybody_gets_its_value(kind: Any, value: Any) -> None:
    runs: list[int] = []

    def factory(*key: object) -> Any:
        runs.append(1)
        time.sleep(0.0005)
        return value

    for _ in range(scaled(30)):
        runs.clear()
        lazy = kind(factory)
        assert all(each is value for each in parallelize(lambda _, lazy=lazy: call(lazy), 8))  # type: ignore[misc]
        assert runs == [1]
        assert call(lazy) is value


def test_a_failure_reaches_everybody_who_waits_and_a_later_call_runs_anew(kind: Any) -> None:
    gate = Gate()
    lazy = kind(gate)
    runner, first = start_run(lazy, gate)
    crew, others = wait_in(lazy, 3)
    failure = LookupError("no such thing", 7)
    gate.ends.put(failure)
    for thread in (runner, *crew):
        thread.join()
    assert first == [failure]
    assert first[0] is failure
    assert [type(error) for error in others] == [LookupError] * 3
    assert [error.args for error in others] == [("no such thing", 7)] * 3
    assert len({id(error) for error in (*first, *others)}) == 4, "two threads raised one object"
    gate.ends.put("value")
    assert call(lazy) == "value"
    assert gate.runs == 2
    assert is_done(lazy)


def test_a_failure_without_waiters_is_raised_and_kept_nowhere(kind: Any) -> None:
    class Failure(Exception):
        pass

    def fail(*key: object) -> None:
        raise Failure

    lazy = kind(fail)
    error = outcome(lambda: call(lazy))
    assert type(error) is Failure
    assert not hasattr(error, "__notes__")
    end = weakref.ref(error)
    del error
    gc.collect()
    assert end() is None
    assert is_unrun(lazy)
    assert "running" not in repr(lazy).replace("running=0", "")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, BaseException])
def test_what_is_no_exception_stays_with_its_thread_and_a_waiter_takes_over(kind: Any, error: Any) -> None:
    gate = Gate()
    lazy = kind(gate)
    runner, first = start_run(lazy, gate)
    crew, others = wait_in(lazy, 3)
    gate.ends.put(error())
    gate.began.get(timeout=20)
    runner.join()
    wait_until(lambda: waiting_in(lazy) == 2, "the others wait for the one that took over")
    gate.ends.put("value")
    for thread in crew:
        thread.join()
    assert [type(each) for each in first] == [error]
    assert others == ["value"] * 3
    assert gate.runs == 2


def test_a_factory_that_needs_its_own_result(kind: Any) -> None:
    lazy: Any = kind(lambda *key: call(lazy))
    for _ in range(2):
        start = time.monotonic()
        with pytest.raises(DeadlockError, match="needs its own result"):
            call(lazy)
        assert time.monotonic() - start < DETECTION
    assert is_unrun(lazy)
    assert "running" not in repr(lazy).replace("running=0", "")


def test_a_lock_held_while_waiting_for_a_factory_that_wants_it(kind: Any) -> None:
    lock, gate = Lock(), Gate()

    def factory(*key: object) -> None:
        gate()
        with lock:
            pass

    lazy = kind(factory)
    runner, first = start_run(lazy, gate)

    def hold_and_wait() -> Any:
        with lock:
            return call(lazy)

    second: list[Any] = []
    thread = threading.Thread(target=lambda: second.append(outcome(hold_and_wait)))
    thread.start()
    wait_until(lambda: waiting_in(lazy) == 1, "the holder of the lock waits")
    gate.ends.put(None)
    runner.join()
    thread.join()
    assert [type(error) for error in (*first, *second)] == [DeadlockError] * 2


def test_a_finaliser_inside_the_factory_gets_a_deadlock_error(kind: Any) -> None:
    seen: list[Any] = []

    class Final:
        def __del__(self) -> None:
            seen.append(outcome(lambda: call(lazy)))

    def factory(*key: object) -> str:
        Final()
        gc.collect()
        return "value"

    lazy = kind(factory)
    assert call(lazy) == "value"
    assert [type(each) for each in seen] == [DeadlockError]


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_finds_unrun_what_a_vanished_thread_was_running(kind: Any) -> None:
    gate = Gate()
    lazy = kind(gate)
    runner, outcomes = start_run(lazy, gate)
    crew, others = wait_in(lazy, 2)
    child = os.fork()
    if child == 0:
        gate.ends.put("of the child")
        good = is_unrun(lazy) and call(lazy) == "of the child" and is_done(lazy)
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    gate.ends.put("of the parent")
    for thread in (runner, *crew):
        thread.join()
    assert outcomes + others == ["of the parent"] * 3


@needs_fork
def test_a_factory_that_forks_goes_on_in_both(kind: Any) -> None:
    def factory(*key: object) -> int:
        return os.fork()

    lazy = kind(factory)
    if call(lazy) == 0:
        os._exit(0 if call(lazy) == 0 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(call(lazy), 0)[1]) == 0


def test_cycles_are_collected(kind: Any) -> None:
    class Value:
        lazy: Any = None

    def of(value: Value) -> Any:
        value.lazy = kind(lambda *key: value)  # through the factory, and then through the value
        return value.lazy

    for is_run in (False, True):
        value = Value()
        lazy = of(value)
        if is_run:
            assert call(lazy) is value
        ends = weakref.ref(value), weakref.ref(lazy)
        del value, lazy
        gc.collect()
        assert [end() for end in ends] == [None, None]


def test_cycles_through_a_failure_are_collected(kind: Any) -> None:
    gate = Gate()
    lazy = kind(gate)
    runner, first = start_run(lazy, gate)
    crew, others = wait_in(lazy, 1)

    class Failure(Exception):
        pass

    failure = Failure()
    failure.lazy = lazy  # type: ignore[attr-defined]
    gate.ends.put(failure)
    for thread in (runner, *crew):
        thread.join()
    end = weakref.ref(lazy)
    del lazy, runner, crew, failure, thread
    first.clear()
    others.clear()
    gc.collect()
    assert end() is None


CHAIN = """
import sys, threading
import raddle
from support.gate import call
kind = getattr(raddle, sys.argv[1])
class Returns:
    def __init__(self, value):
        self.value = value
    def __call__(self, *key):
        return self.value
def build_and_drop():
    link = None
    for _ in range(100_000):
        lazy = kind(Returns(link))
        call(lazy)
        link = lazy
    del link, lazy
    print("dropped")
threading.stack_size(2**21)  # much less than a frame a link; the thread that made a link ends it
thread = threading.Thread(target=build_and_drop)
thread.start()
thread.join()
"""


@pytest.mark.slow_under_tsan
def test_a_long_chain_of_results_ends_without_recursion(kind: Any) -> None:
    assert check_code(CHAIN, kind.__name__) == "dropped\n"


def test_without_init_there_is_no_factory(kind: Any) -> None:
    bare = kind.__new__(kind, "anything", at_all=1)
    with pytest.raises(RuntimeError, match=r"__init__\(\) was not called"):
        call(bare)
    bare.__init__(lambda *key: 5)
    bare.__init__(lambda *key: 6)
    assert call(bare) == 5


def test_a_pinned_one(kind: Any) -> None:
    lazy = pin(kind(lambda *key: 5))
    assert parallelize(lambda _: call(lazy), 2) == [5, 5]
