"""Lazy and once: one run for all threads, whatever becomes of it."""

import functools
import gc
import os
import threading
import time
import weakref
from typing import Any

import pytest
from raddle import DeadlockError, Lazy, Lock, once, pin
from support.blocking.waiters import wait_until
from support.gate import Gate, call, outcome, start_run, wait_in, waiters
from support.interpreter import needs_fork
from support.knobs import scaled
from support.process import check_code
from support.threads import parallelize, run_together

KINDS = (Lazy, once)
forks_beside_threads = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
DETECTION = 0.1  # Seconds within which a deadlock must be reported.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [["made"], None, 0, False], ids=str)
def test_one_run_and_everybody_gets_its_value(kind: Any, value: Any) -> None:
    for _ in range(scaled(30)):
        runs: list[int] = []

        def factory(runs: list[int]) -> Any:
            runs.append(1)
            time.sleep(0.0005)
            return value

        lazy = kind(functools.partial(factory, runs))
        assert all(each is value for each in parallelize(lambda _, lazy=lazy: call(lazy), 8))  # type: ignore[misc]
        assert runs == [1]
        assert call(lazy) is value


@pytest.mark.parametrize("kind", KINDS)
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
    assert "done" in repr(lazy)


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_without_waiters_is_raised_and_kept_nowhere(kind: Any) -> None:
    class Failure(Exception):
        pass

    def fail() -> None:
        raise Failure

    lazy = kind(fail)
    error = outcome(lambda: call(lazy))
    assert type(error) is Failure
    assert not hasattr(error, "__notes__")
    end = weakref.ref(error)
    del error
    gc.collect()
    assert end() is None
    assert "unrun" in repr(lazy)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, BaseException])
def test_what_is_no_exception_stays_with_its_thread_and_a_waiter_takes_over(kind: Any, error: Any) -> None:
    gate = Gate()
    lazy = kind(gate)
    runner, first = start_run(lazy, gate)
    crew, others = wait_in(lazy, 3)
    gate.ends.put(error())
    gate.began.get(timeout=20)
    runner.join()
    wait_until(lambda: waiters(lazy) == 2, "the others wait for the one that took over")
    gate.ends.put("value")
    for thread in crew:
        thread.join()
    assert [type(each) for each in first] == [error]
    assert others == ["value"] * 3
    assert gate.runs == 2


CTRL_C = """
import _thread, threading, time
from raddle import Lazy
from support.blocking.waiters import wait_until
from support.gate import Gate, call, outcome, start_run, wait_in, waiters

runs, got = [], []
def factory():
    runs.append(threading.current_thread().name)
    if len(runs) == 1:
        for _ in range(20_000):
            time.sleep(0.001)
    return "value"
lazy = Lazy(factory)
def want():
    wait_until(lambda: runs, "the main thread runs it")
    got.append(lazy.get())
def interrupt():
    wait_until(lambda: "waiters=1" in repr(lazy), "a thread waits")
    _thread.interrupt_main()
crew = [threading.Thread(target=want, name="heir"), threading.Thread(target=interrupt)]
for thread in crew: thread.start()
try:
    lazy.get()
except KeyboardInterrupt:
    print("interrupted")
for thread in crew: thread.join()
print(runs, got, lazy.get())
"""


def test_ctrl_c_in_the_factory_goes_to_the_main_thread_alone() -> None:
    assert check_code(CTRL_C) == "interrupted\n['MainThread', 'heir'] ['value'] value\n"


@pytest.mark.parametrize("kind", KINDS)
def test_a_factory_that_needs_its_own_result(kind: Any) -> None:
    lazy: Any = kind(lambda: call(lazy))
    for _ in range(2):
        start = time.monotonic()
        with pytest.raises(DeadlockError, match="needs its own result"):
            call(lazy)
        assert time.monotonic() - start < DETECTION
    assert "unrun" in repr(lazy)


@pytest.mark.parametrize("kinds", [(Lazy, Lazy), (once, Lazy)])
def test_two_factories_that_need_each_other(kinds: Any) -> None:
    barrier = threading.Barrier(2)
    closed: list[float] = []

    def needs(other: int) -> Any:
        barrier.wait()
        closed.append(time.monotonic())
        return call(both[other])

    both = [kind(functools.partial(needs, 1 - number)) for number, kind in enumerate(kinds)]
    outcomes = parallelize(lambda number: outcome(lambda: call(both[number])), 2)
    assert time.monotonic() - max(closed) < DETECTION
    assert [type(each) for each in outcomes] == [DeadlockError] * 2  # one found it, the other got its failure
    assert all(len(each.cycle) == 2 for each in outcomes)
    assert {link.waits_for for link in outcomes[0].cycle} == set(both)


def test_a_lock_held_while_waiting_for_a_factory_that_wants_it() -> None:
    lock, gate = Lock(), Gate()

    def factory() -> None:
        gate()
        with lock:
            pass

    lazy = Lazy(factory)
    runner, first = start_run(lazy, gate)

    def hold_and_wait() -> Any:
        with lock:
            return lazy.get()

    second: list[Any] = []
    thread = threading.Thread(target=lambda: second.append(outcome(hold_and_wait)))
    thread.start()
    wait_until(lambda: waiters(lazy) == 1, "the holder of the lock waits")
    gate.ends.put(None)
    runner.join()
    thread.join()
    assert [type(error) for error in (*first, *second)] == [DeadlockError] * 2


def test_a_finaliser_inside_the_factory_gets_a_deadlock_error() -> None:
    seen: list[Any] = []

    class Final:
        def __del__(self) -> None:
            seen.append(outcome(lambda: lazy.get()))

    def factory() -> str:
        Final()
        gc.collect()
        return "value"

    lazy: Lazy[str] = Lazy(factory)
    assert lazy.get() == "value"
    assert [type(each) for each in seen] == [DeadlockError]


@needs_fork
@forks_beside_threads
@pytest.mark.parametrize("kind", KINDS)
def test_a_child_finds_unrun_what_a_vanished_thread_was_running(kind: Any) -> None:
    gate = Gate()
    lazy = kind(gate)
    runner, outcomes = start_run(lazy, gate)
    crew, others = wait_in(lazy, 2)
    child = os.fork()
    if child == 0:
        gate.ends.put("of the child")
        good = "unrun" in repr(lazy) and call(lazy) == "of the child" and "done" in repr(lazy)
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    gate.ends.put("of the parent")
    for thread in (runner, *crew):
        thread.join()
    assert outcomes + others == ["of the parent"] * 3


@needs_fork
def test_a_factory_that_forks_goes_on_in_both() -> None:
    def factory() -> int:
        return os.fork()

    lazy = Lazy(factory)
    if lazy.get() == 0:
        os._exit(0 if lazy.get() == 0 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(lazy.get(), 0)[1]) == 0


SHUTDOWN = """
import os, sys, threading, time
from raddle import Lazy, OnceMap, SimpleQueue, once

began = SimpleQueue()
def make_factory(get_ident, main, sleep, began):  # the names of the module are gone at the end
    def factory(*key):
        if get_ident() != main:
            began.put(None)
            sleep(1000)
        return b"made at the end\\n"
    return factory
factory = make_factory(threading.get_ident, threading.get_ident(), time.sleep, began)

class AtTheEnd:
    def __init__(self, call, write=os.write):
        self.call, self.write = call, write
    def __del__(self):
        self.write(1, self.call())

lazy, function, entries = Lazy(factory), once(factory), OnceMap(factory)
calls = [lazy.get, function, lambda get=entries.get: get("key")]
for call in calls:
    threading.Thread(target=call, daemon=True).start()
    began.get()
sys.ends = [AtTheEnd(call) for call in calls]
"""


def test_a_daemon_that_is_ended_by_shutdown_has_given_up() -> None:
    assert check_code(SHUTDOWN, timeout=30) == "made at the end\n" * 3


@pytest.mark.parametrize("kind", KINDS)
def test_cycles_are_collected(kind: Any) -> None:
    class Value:
        lazy: Any = None

    def of(value: Value) -> Any:
        value.lazy = kind(lambda: value)  # through the factory, and then through the value
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


def test_cycles_through_a_failure_are_collected() -> None:
    gate = Gate()
    lazy = Lazy(gate)
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


def test_a_factory_is_let_go_of_when_it_has_succeeded() -> None:
    class Factory:
        def __call__(self) -> int:
            return 1

    factory = Factory()
    end = weakref.ref(factory)
    lazy = Lazy(factory)
    del factory
    assert end() is not None
    assert lazy.get() == 1
    assert end() is None


def test_once_looks_like_its_function() -> None:
    def connection() -> int:
        """Connects."""
        return 1

    connection.note = "kept"  # type: ignore[attr-defined]
    wrapped = once(connection)
    assert wrapped.__name__ == "connection"
    assert wrapped.__qualname__ == connection.__qualname__
    assert wrapped.__doc__ == "Connects."
    assert wrapped.__module__ == __name__
    assert wrapped.__wrapped__ is connection
    assert wrapped.note == "kept"  # type: ignore[attr-defined]
    assert connection.__qualname__ in repr(wrapped)
    assert (once.__doc__ or "").startswith("Make a function")
    assert wrapped() == 1


def test_once_takes_functions_without_arguments() -> None:
    refused: list[Any] = [lambda x: x, lambda x=1: x, lambda *, x=1: x, 7]
    for function in refused:
        with pytest.raises(TypeError):
            once(function)
    assert once(dict)() == {}  # a builtin without a signature
    assert once(lambda *args, **kwargs: (args, kwargs))() == ((), {})  # a wrapper


def test_a_call_with_arguments_is_refused() -> None:
    wrapped: Any = once(lambda: 1)
    for arguments, keywords in (((1,), {}), ((), {"x": 1})):
        with pytest.raises(TypeError, match="arguments"):
            wrapped(*arguments, **keywords)
    assert wrapped() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_without_init_there_is_no_factory(kind: Any) -> None:
    bare = kind.__new__(kind, "anything", at_all=1)
    with pytest.raises(RuntimeError, match=r"__init__\(\) was not called"):
        call(bare)
    bare.__init__(lambda: 5)
    bare.__init__(lambda: 6)
    assert call(bare) == 5


@pytest.mark.parametrize("kind", KINDS)
def test_a_pinned_one(kind: Any) -> None:
    lazy = pin(kind(lambda: 5))
    assert parallelize(lambda _: call(lazy), 2) == [5, 5]


def test_names() -> None:
    lazy = Lazy(int, name="zero")
    assert lazy.name == "zero"
    assert "unrun raddle.Lazy object name='zero'" in repr(lazy)
    assert Lazy(int).name is None
    with pytest.raises(TypeError):
        Lazy(int, name=5)  # type: ignore[arg-type]


def test_runs_that_fail_now_and_then_under_stress() -> None:
    """Each value comes from one run, runs never overlap, and everybody ends."""
    inside: list[int] = []
    overlaps: list[int] = []
    runs = iter(range(10**9))

    def factory() -> int:
        inside.append(1)
        if len(inside) > 1:
            overlaps.append(1)
        number = next(runs)
        inside.pop()
        if number % 3 != 2:
            raise (LookupError if number % 3 else SystemExit)(number)
        return number

    for _ in range(scaled(150)):
        lazy = Lazy(factory)

        def until_done(lazy: Lazy[int] = lazy) -> int:
            while True:
                try:
                    return lazy.get()
                except (LookupError, SystemExit):
                    pass

        assert len(set(run_together(until_done, until_done, until_done, until_done))) == 1
    assert overlaps == []
