"""Running code in several threads that start together."""

import functools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import raddle

from .interpreter import FREE_THREADED

T = TypeVar("T")


def run_together(*functions: Callable[[], T]) -> list[T]:
    """Calls each function in a thread of its own, all at once. Returns the results in order.

    What one thread raises is raised here, what several raise as a group.
    """
    barrier = threading.Barrier(len(functions))
    results: dict[int, T] = {}
    raised: list[BaseException] = []

    def body(place: int, function: Callable[[], T]) -> None:
        try:
            barrier.wait()
        except threading.BrokenBarrierError:
            return  # Another thread could not be started; whoever noticed raises.
        try:
            results[place] = function()
        except BaseException as error:
            raised.append(error)

    # Of raddle, whose join() waits until a thread is gone for raddle's locks too.
    crew = [raddle.Thread(target=body, args=item) for item in enumerate(functions)]
    started = []
    try:
        for thread in crew:
            thread.start()
            started.append(thread)
    except BaseException:
        barrier.abort()
        raise
    finally:
        for thread in started:
            thread.join()
    if len(raised) > 1:
        raise BaseExceptionGroup(f"{len(raised)} of {len(crew)} threads failed", raised)
    if raised:
        raise raised[0]
    return [results[place] for place in range(len(crew))]


def parallelize(function: Callable[[int], T], threads: int) -> list[T]:
    """Calls function(0), function(1), ... in that many threads that start together."""
    return run_together(*(functools.partial(function, number) for number in range(threads)))


def in_another_thread(function: Callable[..., T], *arguments: object) -> T:
    """What the function gives in another thread, which has ended then."""
    return run_together(lambda: function(*arguments))[0]


@contextmanager
def frequent_switches() -> Iterator[None]:
    """Makes a GIL change hands as often as it can; without one it does nothing."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def let_others_run() -> None:
    """Gives up the processor, or the GIL where there is one: opens the gap of a planted fault."""
    if FREE_THREADED:
        os.sched_yield()
    else:
        time.sleep(1e-6)  # Shorter ones give the GIL back to the same thread.


def bursts(rounds: int) -> Iterator[int]:
    """range(rounds), with the other threads let in every few turns so that they meet even on few cores."""
    for turn in range(rounds):
        yield turn
        if turn % 16 == 0:
            let_others_run()
