"""An update() that can never succeed, with a fn in which no Python code runs; a signal must end it.

fn is next(changes, value), where `changes` is an endless iterator of calls that change the object.
"""

import functools
import itertools
import signal
import sys
import types
from collections.abc import Iterator
from typing import Any

import raddle


class InterruptedUpdateError(Exception):
    """Raised by the signal handler."""


def endless_changes(atomic: Any) -> Iterator[Any]:
    if isinstance(atomic, raddle.AtomicRef):
        return map(atomic.get_and_set, iter(object, None))
    return map(atomic.increment, itertools.repeat(1))


def main(name: str) -> None:
    atomic = getattr(raddle, name)(0)

    def interrupt(number: int, frame: types.FrameType | None) -> None:
        if atomic.get() == 0:  # It came before the loop started: once more.
            signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)
        else:
            raise InterruptedUpdateError

    signal.signal(signal.SIGVTALRM, interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)
    try:
        atomic.update(functools.partial(next, endless_changes(atomic)))
    except InterruptedUpdateError:
        print("interrupted in the loop")


main(sys.argv[1])
