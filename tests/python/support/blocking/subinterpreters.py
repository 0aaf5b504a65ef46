"""Waits inside subinterpreters, while the main interpreter waits too."""

import importlib
import threading
from collections.abc import Callable

from . import waiters
from .call import BlockingCall
from .waiters import Waiter, check_state, until_parked, wait_until

INSIDE = """
from support.blocking import waiters
from support.blocking.subinterpreters import inside, remember_threads
from support.blocking.table import find
waiters.patience = {patience}
started = remember_threads()
inside(find({name!r}))
for thread in started:
    thread.join(2)  # not for one that stays, which is an error
"""


def remember_threads() -> list[threading.Thread]:
    """All that are started from now on: daemons too must be gone when the interpreter ends.

    They stop being listed by `threading` before they are gone.
    """
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def remember(thread: threading.Thread) -> None:
        started.append(thread)
        start(thread)

    threading.Thread.start = remember  # type: ignore[method-assign]
    return started


def inside(call: BlockingCall) -> None:
    """What runs in the subinterpreter: a time limit, a thread that waits, a thread that releases."""
    target = call.make()
    if call.timed is not None and call.try_for(target, 0.001):
        raise AssertionError(f"{call} took what was not there")
    waiter = Waiter(call, target, daemon=False)
    until_parked(call, target, waiter.thread)
    call.release(target)
    waiter.finish("released in a subinterpreter")
    check_state(call, target, call.taken, "in a subinterpreter")

    target = call.make()
    released: list[None] = []

    def release() -> None:
        if call.waiters is not None:
            waiting = call.waiters
            wait_until(lambda: waiting(target) == 1, "the subinterpreter's first thread waits")
        released.append(None)
        call.release(target)

    thread = threading.Thread(target=release)
    thread.start()
    call.do(target)
    thread.join()
    if not released:
        raise AssertionError(f"{call} returned in a subinterpreter before it was released")


def _code(call: BlockingCall) -> str:
    return INSIDE.format(patience=waiters.patience, name=call.name)


def own_gil(call: BlockingCall) -> None:
    interpreters = importlib.import_module("_interpreters")

    def run() -> None:
        identity = interpreters.create()
        try:
            failure = interpreters.exec(identity, _code(call))
            if failure is not None:
                raise AssertionError(failure.formatted)
        finally:
            interpreters.destroy(identity)

    _beside_a_waiter(call, run)


def legacy(call: BlockingCall) -> None:
    testcapi = importlib.import_module("_testcapi")

    def run() -> None:
        if testcapi.run_in_subinterp(_code(call)) != 0:
            raise AssertionError(f"{call} failed in a subinterpreter")

    _beside_a_waiter(call, run)


def _beside_a_waiter(call: BlockingCall, run: Callable[[], object]) -> None:
    """Subinterpreters come and go: whoever waits in the main interpreter notices nothing."""
    target = call.make()
    waiter = Waiter(call, target)
    until_parked(call, target, waiter.thread)
    run()
    until_parked(call, target, waiter.thread)
    check_state(call, target, call.untouched, "beside a subinterpreter")
    call.release(target)
    waiter.finish("released after a subinterpreter has ended")
