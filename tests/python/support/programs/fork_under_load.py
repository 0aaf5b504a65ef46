"""Forks again and again while other threads use every class; each child uses them all and must end well.

argv: how many forks; what counts, "raddle" or "locked"; how many seconds a child may take. Prints "exact"
when the parent's counts are right in the end. With "locked" a lock guards a count: children find it taken.
"""

import os
import signal
import sys
import threading
import warnings
from typing import Any

from raddle import AtomicBool, AtomicFloat, AtomicInt, AtomicRef, ShardedCounter

from support.threads import let_others_run, parallelize, run_together

STEPS = 200


class LockedInt:
    """What raddle must not be: if fork() meets an increment, the child waits for a lock that nobody holds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value = 0

    def get(self) -> int:
        return self._value

    def increment(self) -> None:
        with self._lock:
            let_others_run()
            self._value += 1


class Shared:
    """One object of each class, and one counter that is reset all the time."""

    def __init__(self, number: Any) -> None:
        self.number = number
        self.flag = AtomicBool()
        self.real = AtomicFloat()
        self.reference: AtomicRef[tuple[int, int] | None] = AtomicRef((0, ~0))
        self.counter = ShardedCounter()
        self.emptied = ShardedCounter()

    def use(self, serial: int) -> None:
        """What every thread does: one step."""
        self.number.increment()
        self.real.increment(0.5)
        self.flag.flip()
        value = self.reference.get()
        if value is None or value[1] != ~value[0]:
            raise AssertionError(f"wrong object: {value}")
        self.reference.compare_and_set(value, (serial, ~serial))
        self.counter.increment()
        self.emptied.increment()


def hammer(shared: Shared, stop: AtomicBool) -> int:
    """Steps until told to stop; every so often in a new thread, whose first touch takes the slow way."""
    steps = 0
    while not stop.get():
        for _ in range(50):
            shared.use(steps)
            steps += 1
        first_touch = threading.Thread(target=shared.use, args=(steps,))
        first_touch.start()
        first_touch.join()
        steps += 1
    return steps


def empty(shared: Shared, stop: AtomicBool, taken: AtomicInt) -> int:
    """Takes the sum out all the time, so that fork() often meets the lock which that needs."""
    while not stop.get():
        taken.increment(shared.emptied.reset())
    return 0


def use_often(shared: Shared) -> None:
    for step in range(STEPS):
        shared.use(step)


def look(shared: Shared) -> list[Any]:
    return [shared.number.get(), shared.counter.get(), shared.real.get()]


def child(shared: Shared, before: list[Any]) -> None:
    """The forked process: nothing of what was there may be missing, and everything must work on."""
    start = look(shared)
    if any(now < then for now, then in zip(start, before, strict=True)):
        raise AssertionError(f"{start} is less than {before} was before the fork")
    parallelize(lambda _: use_often(shared), 3)
    added = 3 * STEPS
    if look(shared) != [start[0] + added, start[1] + added, start[2] + added / 2]:
        raise AssertionError(f"{look(shared)} is not {start} and {added} steps")
    if shared.emptied.reset() < added or shared.emptied.get() != 0:
        raise AssertionError("reset in the child")
    if shared.reference.get_and_set(None) is None or shared.reference.get() is not None:
        raise AssertionError("reference in the child")
    ShardedCounter(5).increment()


def fork_once(shared: Shared, limit: int) -> None:
    before = look(shared)
    pid = os.fork()
    if pid == 0:
        status = 1
        signal.alarm(limit)  # Ends a child that hangs.
        try:
            child(shared, before)
            status = 0
        except BaseException as error:
            os.write(2, f"in the child: {error!r}\n".encode())
        finally:
            os._exit(status)
    status = os.waitpid(pid, 0)[1]
    if status != 0:
        sys.exit(f"a child ended with status {os.waitstatus_to_exitcode(status)}")


def main(forks: int, kind: str, limit: int) -> None:
    # Python warns of fork() beside threads; that is what this program is about.
    warnings.simplefilter("ignore", DeprecationWarning)
    shared = Shared(LockedInt() if kind == "locked" else AtomicInt())
    stop, taken = AtomicBool(), AtomicInt()

    # The main thread forks: that is the common case, and the child's main thread is the one that forked.
    hammers: list[int] = []
    helper = threading.Thread(
        target=lambda: hammers.extend(
            run_together(
                lambda: hammer(shared, stop), lambda: hammer(shared, stop), lambda: empty(shared, stop, taken)
            )
        )
    )
    helper.start()
    try:
        for _ in range(forks):
            fork_once(shared, limit)
    finally:
        stop.set(True)
        helper.join()
    steps = sum(hammers)
    if look(shared) != [steps, steps, steps / 2] or taken.get() + shared.emptied.get() != steps:
        raise AssertionError(f"{steps} steps left {look(shared)} and {taken.get()} taken")
    print("exact")


main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
