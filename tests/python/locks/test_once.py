"""Lazy and once, besides what test_once_runs.py says of them."""

import functools
import threading
import time
import weakref
from typing import Any

import pytest
from raddle import DeadlockError, Lazy, once
from support.gate import call, outcome
from support.knobs import scaled
from support.process import check_code
from support.threads import parallelize, run_together

DETECTION = 0.1  # Seconds within which a deadlock must be reported.

CTRL_C = """
import _thread, threading, time
from raddle import Lazy
from support.blocking.waiters import wait_until
from support.gate import Gate, call, outcome, start_run, wait_in

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
