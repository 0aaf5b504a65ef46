"""Exceptions that signals bring into a call that waits."""

import _thread
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from support.knobs import generator, scaled

from .call import BlockingCall
from .waiters import Waiter, check_nobody_waits, check_state, one_more, until_parked

PROMPT = 1.0  # Within so many seconds a signal must end a wait; 0.05 are usual.
ALARM = 0.01
LONG = 1000.0
ALL = ("alone", "first", "last")


class HandlerError(Exception):
    """Raised by a signal handler of ours."""


Handler = Callable[[int, FrameType | None], object]


def raise_it(number: int, frame: FrameType | None) -> None:
    raise HandlerError


@contextmanager
def handling(number: int, handler: Handler) -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


@dataclass(frozen=True)
class Kind:
    """A way in which an exception gets into the main thread; `send` runs in another one."""

    send: Callable[[], object]
    error: type[BaseException] = KeyboardInterrupt
    number: int = signal.SIGINT
    handler: Handler = signal.default_int_handler
    delay: float = 0.0
    companies: tuple[str, ...] = ("alone",)  # Whether other threads wait too, and who came first.


KINDS = {
    "sigint_to_process": Kind(lambda: os.kill(os.getpid(), signal.SIGINT), companies=ALL),
    "sigint_to_other_thread": Kind(lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT)),
    "interrupt_main": Kind(_thread.interrupt_main),
    "handler_raises": Kind(
        lambda: os.kill(os.getpid(), signal.SIGUSR1),
        HandlerError,
        signal.SIGUSR1,
        raise_it,
        companies=ALL,
    ),
    "timer_raises": Kind(
        lambda: signal.setitimer(signal.ITIMER_REAL, ALARM), HandlerError, signal.SIGALRM, raise_it, ALARM
    ),
}


def call_here(call: BlockingCall, target: Any, seconds: float | None, results: list[object]) -> None:
    """Does the call in this thread. What it gave is in `results` even if an exception comes right after."""
    if seconds is None:
        results.extend(map(call.block, (target,)))
        call.after_call(target)
    else:
        results.append(call.try_for(target, seconds))


def interrupt(kind: Kind, call: BlockingCall) -> None:
    """The main thread waits, alone or beside another one, and is interrupted: as if it had not called."""
    for seconds in (None,) if call.timed is None else (None, LONG):
        for company in kind.companies if seconds is None else ("alone",):
            _interrupt_one(kind, call, seconds, company)


def _interrupt_one(kind: Kind, call: BlockingCall, seconds: float | None, company: str) -> None:
    target = call.make()
    main = threading.main_thread()
    others: list[Waiter] = []
    sent = []

    def disturb() -> None:
        until_parked(call, target, *(other.thread for other in others), main)
        if company == "first":
            others.append(Waiter(call, target))
            until_parked(call, target, others[0].thread, main)
        sent.append(time.monotonic() + kind.delay)
        kind.send()

    if company == "last":
        others.append(Waiter(call, target))
        until_parked(call, target, others[0].thread)
    results: list[object] = []
    with handling(kind.number, kind.handler):
        helper = threading.Thread(target=disturb, daemon=True)
        try:
            helper.start()
            call_here(call, target, seconds, results)
        except kind.error:
            elapsed = time.monotonic() - sent[0]
        else:
            raise AssertionError(f"{call} gave {results} although nobody released it")
        helper.join()
    if elapsed > PROMPT:
        raise AssertionError(f"{call} was interrupted {elapsed:.3f} s after the signal")
    if results:
        raise AssertionError(f"{call} gave {results} and was interrupted too")
    check_state(call, target, call.untouched, f"after an interrupt, {company}")
    until_parked(call, target, *(other.thread for other in others))
    check_next(call, target, *others)


def check_next(call: BlockingCall, target: Any, *others: Waiter) -> None:
    """A single release must still let a single call return."""
    call.release(target)
    if others:
        others[0].finish("released after the one beside it was interrupted")
    elif not call.is_kept:
        return
    else:
        Waiter(call, target).finish("released before it came")
    check_state(call, target, call.taken, "after an interrupt, a release and a call")
    check_nobody_waits(call, target)


def handler(call: BlockingCall) -> None:
    """Handlers that return, release, or release and raise, inside the call."""
    _handler_returns(call)
    _handler_keeps_the_limit(call)
    _handler_releases(call)
    for beside in (False, True):
        _handler_releases_and_raises(call, beside)
    _handler_calls(call)


def _signal_when_parked(call: BlockingCall, target: Any, *others: Waiter) -> threading.Thread:
    """A thread that sends SIGUSR1 once the main thread waits."""

    def send() -> None:
        until_parked(call, target, *(other.thread for other in others), threading.main_thread())
        os.kill(os.getpid(), signal.SIGUSR1)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


def _handler_returns(call: BlockingCall) -> None:
    """The wait goes on, and a release ends it."""
    target = call.make()
    handled = threading.Semaphore(0)

    def disturb() -> None:
        for _ in range(2):
            until_parked(call, target, threading.main_thread())
            os.kill(os.getpid(), signal.SIGUSR1)
            handled.acquire()
        until_parked(call, target, threading.main_thread())
        check_state(call, target, call.untouched, "after a handler that returned")
        call.release(target)

    with handling(signal.SIGUSR1, lambda number, frame: handled.release()):
        helper = threading.Thread(target=disturb, daemon=True)
        helper.start()
        call.do(target)
        helper.join()
    if call.is_kept:
        check_state(call, target, call.taken, "through which a signal went")


def _handler_keeps_the_limit(call: BlockingCall) -> None:
    """Signals make a time limit neither longer nor shorter."""
    if call.timed is None:
        return
    target, seconds = call.make(), 0.1
    handled = []
    with handling(signal.SIGALRM, lambda number, frame: handled.append(number)):
        start = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 0.02, 0.03)
        took = call.try_for(target, seconds)
        elapsed = time.monotonic() - start
        signal.setitimer(signal.ITIMER_REAL, 0)
    if took or not handled or not seconds <= elapsed < seconds + PROMPT / 2:
        raise AssertionError(f"{call}: {took}, {len(handled)} signals, {elapsed:.3f} s instead of {seconds}")
    check_state(call, target, call.untouched, "after signals and a timeout")


def _handler_releases(call: BlockingCall) -> None:
    """Released by its own handler, the call returns."""
    target = call.make()
    with handling(signal.SIGUSR1, lambda number, frame: call.release(target)):
        helper = _signal_when_parked(call, target)
        call.do(target)
        helper.join()
    if call.is_kept:
        check_state(call, target, call.taken, "released by a handler inside it")


def _handler_releases_and_raises(call: BlockingCall, beside: bool) -> None:
    """The wake-up has reached the call that is given up: it goes to the next one, or stays."""
    target = call.make()
    others: list[Waiter] = []

    def handle(number: int, frame: FrameType | None) -> None:
        if beside:
            others.append(one_more(call, target))
        call.release(target)
        raise HandlerError

    results: list[object] = []
    with handling(signal.SIGUSR1, handle):
        try:
            helper = _signal_when_parked(call, target)
            call_here(call, target, None, results)
        except HandlerError:
            helper.join()
        else:
            raise AssertionError(f"{call} swallowed the exception of a handler")
    if results:
        raise AssertionError(f"{call} gave {results} and the exception of a handler too")
    if not beside and call.is_kept:
        check_state(call, target, call.released, "given up while it was released")
        others.append(Waiter(call, target))
    for other in others:
        other.finish("released while the one before it was interrupted")
        check_state(call, target, call.taken, "that came after one that was given up")
    check_nobody_waits(call, target)


def _handler_calls(call: BlockingCall) -> None:
    """A handler inside the call does the same call on the same object."""
    target = call.make()
    outcomes: list[bool] = []

    def handle(number: int, frame: FrameType | None) -> None:
        if call.timed is not None:
            outcomes.append(call.try_for(target, 0.001))
        call.release(target)
        if call.is_kept:
            call.do(target)
        if not call.frees_all or not call.is_kept:
            call.release(target)

    with handling(signal.SIGUSR1, handle):
        helper = _signal_when_parked(call, target)
        call.do(target)
        helper.join()
    if any(outcomes):
        raise AssertionError(f"{call} in a handler took what was not there")
    check_nobody_waits(call, target)


def handler_race(call: BlockingCall) -> None:
    """A release by another thread at the moment at which a handler's exception ends the wait."""
    random = generator("handler.race", call.name)
    for turn in range(scaled(5)):
        target = call.make()
        other = Waiter(call, target) if turn % 3 == 2 else None
        if other is not None:
            until_parked(call, target, other.thread)
        _race_once(call, target, other, random.randrange(200))


def _race_once(call: BlockingCall, target: Any, other: Waiter | None, steps: int) -> None:
    go: list[None] = []

    def handle(number: int, frame: FrameType | None) -> None:
        go.append(None)
        for _ in range(steps):
            pass
        raise HandlerError

    def release_in_time() -> None:
        until_parked(call, target, *([other.thread] if other is not None else []), threading.main_thread())
        os.kill(os.getpid(), signal.SIGUSR1)
        while not go:
            time.sleep(0)
        call.release(target)

    results: list[object] = []
    with handling(signal.SIGUSR1, handle):
        helper = threading.Thread(target=release_in_time, daemon=True)
        try:
            helper.start()
            call_here(call, target, None, results)
            time.sleep(PROMPT)  # The exception is on its way.
        except HandlerError:
            helper.join()
        else:
            raise AssertionError(f"{call}: the exception of a handler was lost")
    if results:
        raise AssertionError(f"{call} gave {results} although its wait was given up before the release")
    if other is None and not call.is_kept:
        return
    if other is None:
        check_state(call, target, call.released, "given up while it was released")
    (other or Waiter(call, target)).finish("released while another one was interrupted")
    check_state(call, target, call.taken, "that came after one that was given up")
    check_nobody_waits(call, target)
