"""Finalisers and weakref callbacks that run inside a call that waits, and use the same object."""

import gc
import os
import signal
import sys
import threading
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any

from support.knobs import scaled

from . import waiters
from .call import BlockingCall
from .interrupts import handling
from .users import User
from .waiters import Waiter, check_nobody_waits, check_state, until_parked

Act = Callable[[], object]


class Finalised:
    """Does something when it ends."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self.itself: object = None

    def __del__(self) -> None:
        self._act()


def end_object(act: Act) -> None:
    Finalised(act)


def end_cycle(act: Act) -> None:
    garbage = Finalised(act)
    garbage.itself = garbage
    del garbage
    gc.collect()


def end_referent(act: Act) -> None:
    referent = Finalised(lambda: None)
    reference = weakref.ref(referent, lambda _: act())
    del referent
    del reference


WAYS = (end_object, end_cycle, end_referent)


def reentry(call: BlockingCall) -> None:
    for way in WAYS:
        _inside_the_wait(call, way, lambda target: call.release(target))
    _inside_the_wait(call, end_cycle, lambda target: _call_and_release(call, target))
    _fails_inside_the_wait(call, end_referent)
    _in_another_thread(call)
    _in_many_threads(call)


def _call_and_release(call: BlockingCall, target: Any) -> None:
    """What waits itself, in vain, then releases and takes, and at last lets the outer one return."""
    if call.timed is not None and call.try_for(target, 0.001):
        raise AssertionError(f"{call} in a finaliser took what was not there")
    call.release(target)
    if call.is_kept:
        call.do(target)
        if not call.frees_all:
            call.release(target)


def _inside_the_wait(call: BlockingCall, way: Callable[[Act], None], act: Callable[[Any], object]) -> None:
    """The finaliser runs in the main thread, inside its wait; the wait must then end."""
    target = call.make()
    with handling(signal.SIGUSR1, lambda number, frame: way(lambda: act(target))):
        helper = _signal_when_parked(call, target)
        call.do(target)
        helper.join()
    check_nobody_waits(call, target)


def _signal_when_parked(call: BlockingCall, target: Any) -> threading.Thread:
    def send() -> None:
        until_parked(call, target, threading.main_thread())
        os.kill(os.getpid(), signal.SIGUSR1)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


def _fails_inside_the_wait(call: BlockingCall, way: Callable[[Act], None]) -> None:
    """What a finaliser raises is reported and ends nothing."""
    target = call.make()
    reported: list[object] = []

    def fail() -> None:
        raise ArithmeticError

    def handle(number: int, frame: FrameType | None) -> None:
        way(fail)

    def release_after_report() -> None:
        until_parked(call, target, threading.main_thread())
        os.kill(os.getpid(), signal.SIGUSR1)
        waiters.wait_until(lambda: reported, "a finaliser's exception is reported")
        until_parked(call, target, threading.main_thread())
        check_state(call, target, call.untouched, "inside which a finaliser failed")
        call.release(target)

    hook, sys.unraisablehook = sys.unraisablehook, lambda what: reported.append(what.exc_type)
    with handling(signal.SIGUSR1, handle):
        helper = threading.Thread(target=release_after_report, daemon=True)
        helper.start()
        call.do(target)
        helper.join()
    sys.unraisablehook = hook
    if reported != [ArithmeticError]:
        raise AssertionError(f"{reported} was reported")


def _in_another_thread(call: BlockingCall) -> None:
    """A thread waits; finalisers in this one release it."""
    for way in WAYS:
        target = call.make()
        waiter = Waiter(call, target)
        until_parked(call, target, waiter.thread)
        way(lambda target=target: call.release(target))  # type: ignore[misc]
        waiter.finish(f"released by {way.__name__}")
        check_state(call, target, call.taken, f"released by {way.__name__}")


def _in_many_threads(call: BlockingCall) -> None:
    """Finalisers use the object while other threads are inside its calls."""
    target = call.make()
    call.release(target)
    failures: list[BaseException] = []

    def use() -> None:
        try:
            call.round(target)
        except BaseException as error:
            failures.append(error)

    crew = [User(call, target) for _ in range(2)]
    for turn in range(scaled(30)):
        WAYS[turn % len(WAYS)](use)
    for user in crew:
        user.finish(call)
    if failures:
        raise failures[0]
