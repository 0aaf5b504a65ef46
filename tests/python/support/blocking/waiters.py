"""Threads inside blocking calls: starting them, knowing when they sleep, and seeing that they come back."""

import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .call import BlockingCall

# How long anything may take that should happen at once, in seconds. The program that runs a column sets it.
patience = 10.0


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Looks again and again; for what no event tells of."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience:g} s: {what}")
        time.sleep(0.0003)


def waiting_in(target: object) -> int:
    """How many threads wait in calls on the object itself, and not on another that its repr() shows."""
    found = re.search(r" waiters=(\d+)", repr(target).partition(": <")[0])
    return int(found[1]) if found else 0


class Waiter:
    """A thread that does one call."""

    def __init__(
        self, call: BlockingCall, target: Any, seconds: float | None = None, daemon: bool = True
    ) -> None:
        self._call = call
        self._target = target
        self._seconds = seconds
        self._took = False
        self._error: BaseException | None = None
        self.may_end = threading.Lock()  # Whoever holds it keeps the thread at the end of its call.
        self.started = 0.0  # When the call began.
        self.thread = threading.Thread(target=self._run, daemon=daemon)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.started = time.monotonic()
            if self._seconds is None:
                self._call.do(self._target)
                self._took = True
            else:
                self._took = self._call.try_for(self._target, self._seconds)
        except BaseException as error:
            self._error = error
        self.may_end.acquire()

    @property
    def has_ended(self) -> bool:
        return not self.thread.is_alive()

    def finish(self, reason: str) -> bool:
        """Waits for the end of the call; whether it has taken effect."""
        self.thread.join(patience)
        if self.thread.is_alive():
            raise AssertionError(f"{self._call} still waits: {reason}")
        if self._error is not None:
            raise self._error
        return self._took


def until_parked(call: BlockingCall, target: Any, *threads: threading.Thread) -> None:
    """Waits until these threads, and no others, wait in calls on the object."""
    waiters = call.waiters
    if waiters is not None:
        wait_until(lambda: waiters(target) == len(threads), f"{len(threads)} threads wait in {call}")
    else:
        for thread in set(threads) - {threading.current_thread()}:
            wait_until(lambda thread=thread: _sleeps(thread), f"{thread.name} sleeps")  # type: ignore[misc]


def one_more(call: BlockingCall, target: Any) -> Waiter:
    """Another thread that waits. For signal handlers: the call around them may count as waiting or not."""
    waiters = call.waiters
    before = 0 if waiters is None else waiters(target)
    waiter = Waiter(call, target)
    if waiters is None:
        until_parked(call, target, waiter.thread)
    else:
        wait_until(lambda: waiters(target) == before + 1, f"another thread waits in {call}")
    return waiter


def check_nobody_waits(call: BlockingCall, target: Any) -> None:
    if call.waiters is not None and call.waiters(target) != 0:
        raise AssertionError(f"{call.waiters(target)} threads are said to wait in {call}; there are none")


def check_state(call: BlockingCall, target: Any, expected: object, when: str) -> None:
    state = call.state(target)
    if state != expected:
        raise AssertionError(f"{call} {when}: the state is {state}, not {expected}")


def _sleeps(thread: threading.Thread) -> bool:
    """Does the system say so, several times in a row, without the thread having run between?"""
    native = os.getpid() if thread is threading.main_thread() else thread.native_id
    seen = set()
    for _ in range(4):
        try:
            status = Path(f"/proc/self/task/{native}/status").read_text()
        except FileNotFoundError:
            return True  # It has ended; or this system does not tell, and there was a short delay at least.
        lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        seen.add((lines["State"].split()[0], lines.get("voluntary_ctxt_switches")))
        time.sleep(0.0007)
    return len(seen) == 1 and seen.pop()[0] == "S"
