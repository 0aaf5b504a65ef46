"""fork() while threads wait, inside the call that waits, and while others hold what is locked inside."""

import faulthandler
import functools
import os
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from types import FrameType
from typing import Any

from support.knobs import scaled

from . import waiters
from .call import BlockingCall
from .interrupts import PROMPT, HandlerError, call_here, handling, raise_it
from .users import User, until_all_go_on
from .waiters import Waiter, check_nobody_waits, check_state, until_parked


def _prepare() -> None:
    """Lets a child that hangs say where, and silences Python's advice against fork() beside threads."""
    warnings.simplefilter("ignore", DeprecationWarning)
    faulthandler.register(signal.SIGALRM, chain=True)


def _end_child(body: Callable[[], object]) -> None:
    """What a forked child does last. SIGALRM ends one that hangs."""
    status = 1
    signal.setitimer(signal.ITIMER_REAL, waiters.patience)
    try:
        body()
        status = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _check_child(pid: int) -> None:
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status != 0:
        raise AssertionError(f"a forked child ended with status {status}")


def _in_child(body: Callable[[], object]) -> None:
    pid = os.fork()
    if pid == 0:
        _end_child(body)
    _check_child(pid)


def use_in_child(call: BlockingCall, target: Any) -> None:
    """The child of a process in which others waited: nobody waits here, everything works."""
    check_nobody_waits(call, target)
    call.in_child(target)
    check_state(call, target, call.untouched, "in a forked child")
    if call.timed is not None and call.try_for(target, 0.001):
        raise AssertionError(f"{call} in a forked child took what was not there")
    _interrupt_in_child(call, target)
    waiter = Waiter(call, target)
    until_parked(call, target, waiter.thread)
    call.release(target)
    waiter.finish("released in a forked child")
    check_state(call, target, call.taken, "in a forked child")


def _interrupt_in_child(call: BlockingCall, target: Any) -> None:
    """The thread that forked is the child's main thread: signals reach it."""
    sent = []

    def send() -> None:
        until_parked(call, target, threading.main_thread())
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGUSR1)

    with handling(signal.SIGUSR1, raise_it):
        helper = threading.Thread(target=send, daemon=True)
        try:
            helper.start()
            call.do(target)
        except HandlerError:
            elapsed = time.monotonic() - sent[0]
        else:
            raise AssertionError(f"{call} returned in a forked child although nobody released it")
        helper.join()
    if elapsed > PROMPT:
        raise AssertionError(f"{call} in a forked child was interrupted {elapsed:.3f} s after the signal")
    check_state(call, target, call.untouched, "after an interrupt in a forked child")


def while_waiting(call: BlockingCall) -> None:
    """Two threads wait; the main thread forks, and another one does."""
    _prepare()
    target = call.make()
    crew = [Waiter(call, target), Waiter(call, target)]
    until_parked(call, target, *(waiter.thread for waiter in crew))
    _in_child(lambda: use_in_child(call, target))
    failures: list[BaseException] = []

    def fork_here() -> None:
        try:
            _in_child(lambda: use_in_child(call, target))
        except BaseException as error:
            failures.append(error)

    forker = threading.Thread(target=fork_here)
    forker.start()
    forker.join()
    if failures:
        raise failures[0]
    until_parked(call, target, *(waiter.thread for waiter in crew))
    check_state(call, target, call.untouched, "after forks")
    call.release(target)
    if not call.frees_all:
        waiters.wait_until(lambda: any(waiter.has_ended for waiter in crew), "a release lets a call return")
        call.release(target)
    for waiter in crew:
        waiter.finish("released after forks")


def in_handler(call: BlockingCall) -> None:
    """The main thread waits, and forks in a signal handler: in the child the wait goes on."""
    _prepare()
    for in_child in ("releases", "thread_releases", "raises"):
        _fork_in_handler(call, in_child)
    if call.timed is not None:
        _fork_in_handler(call, "times_out")


def _fork_in_handler(call: BlockingCall, in_child: str) -> None:
    target = call.make()
    children: list[int] = []
    parent = os.getpid()

    def release_when_parked() -> None:
        until_parked(call, target, threading.main_thread())
        call.release(target)

    def handle(number: int, frame: FrameType | None) -> None:
        pid = os.fork()
        if pid != 0:
            children.append(pid)
            return
        signal.setitimer(signal.ITIMER_REAL, waiters.patience)
        call.in_child(target)
        if in_child == "releases":
            call.release(target)
        elif in_child == "thread_releases":
            threading.Thread(target=release_when_parked, daemon=True).start()
        elif in_child == "raises":
            raise HandlerError

    def disturb() -> None:
        until_parked(call, target, threading.main_thread())
        os.kill(os.getpid(), signal.SIGUSR1)
        if in_child != "times_out":
            waiters.wait_until(lambda: children, "the handler has forked")
            release_when_parked()

    seconds = 0.15 if in_child == "times_out" else None
    results: list[object] = []
    helper = threading.Thread(target=disturb, daemon=True)
    failure: BaseException | None = None
    with handling(signal.SIGUSR1, handle):
        helper.start()
        try:
            call_here(call, target, seconds, results)
        except BaseException as error:
            failure = error
    if os.getpid() != parent:
        _end_child(lambda: _check_forked_wait(call, target, in_child, results, failure))
    if failure is not None:
        raise failure
    helper.join()
    _check_child(children[0])
    expected = call.untouched if in_child == "times_out" else call.taken
    if call.is_kept:
        check_state(call, target, expected, f"in the parent of a child that {in_child}")


def _check_forked_wait(
    call: BlockingCall, target: Any, in_child: str, results: list[object], failure: BaseException | None
) -> None:
    """What has become of the wait in the child."""
    if in_child == "raises":
        if not isinstance(failure, HandlerError) or results:
            raise AssertionError(f"{call} gave {results}, {failure!r} in the child") from failure
        use_in_child(call, target)
        return
    if failure is not None:
        raise failure
    if in_child == "times_out":
        if results != [False]:
            raise AssertionError(f"{call} gave {results} in the child instead of timing out")
        use_in_child(call, target)
        return
    check_nobody_waits(call, target)
    if call.is_kept:
        check_state(call, target, call.taken, f"in a child that {in_child}")


def under_load(call: BlockingCall) -> None:
    """Threads use the object all the time, so that forks meet whatever is locked inside."""
    _prepare()
    target = call.make()
    call.release(target)
    crew = [User(call, target) for _ in range(2)]
    for child in range(scaled(10)):
        before = [user.rounds for user in crew]
        # To start a thread in such a child takes long; the first one shows that it can be done.
        _in_child(functools.partial(_use_in_child, call, target, 0 if child else 1))
        until_all_go_on(crew, before, f"using {call} beside forks")
    for user in crew:
        user.finish(call)


def _use_in_child(call: BlockingCall, target: Any, threads: int) -> None:
    crew = [User(call, target) for _ in range(threads)]
    for _ in range(10):
        call.round(target)
    until_all_go_on(crew, [3] * threads, f"using {call} in a forked child")
    for user in crew:
        user.finish(call)
