"""Running small programs in which threads wait for each other: what became of each thread."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import raddle

PATIENCE = 30.0  # Seconds after which a thread that has not come back never will.


class Meeting:
    """Where the threads of a program meet: once all hold what they hold, each waits for the next one's.

    It is the standard library's, which no cycle of raddle's leads through.
    """

    def __init__(self, threads: int) -> None:
        self._barrier = threading.Barrier(threads)
        self.times: list[float] = []

    def wait(self) -> None:
        self._barrier.wait(PATIENCE)
        self.times.append(time.monotonic())


Body = Callable[[], object]


def outcomes(*bodies: Body) -> list[BaseException | None]:
    """Runs each in a thread of its own; what it raised. AssertionError if one does not come back."""
    raised: dict[int, BaseException] = {}

    def run(place: int, body: Body) -> None:
        try:
            body()
        except BaseException as error:
            raised[place] = error.with_traceback(None)

    crew = [raddle.Thread(target=run, args=item, daemon=True) for item in enumerate(bodies)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join(PATIENCE)
    stuck = [thread.name for thread in crew if thread.is_alive()]
    if stuck:
        raise AssertionError(f"{len(stuck)} of {len(crew)} threads do not come back: {stuck}")
    return [raised.get(place) for place in range(len(bodies))]


def deadlock_of(*bodies: Body) -> raddle.DeadlockError:
    """The error that exactly one of the threads got; the others came back as if nothing had been."""
    raised = [error for error in outcomes(*bodies) if error is not None]
    others = [error for error in raised if not isinstance(error, raddle.DeadlockError)]
    if others:
        raise others[0]
    if len(raised) != 1:
        raise AssertionError(f"{len(raised)} of {len(bodies)} threads got DeadlockError")
    error = raised[0]
    assert isinstance(error, raddle.DeadlockError)
    return error


def all_well(*bodies: Body) -> None:
    """Runs them; none raises."""
    for error in outcomes(*bodies):
        if error is not None:
            raise error


@contextmanager
def both(first: Any, second: Any, meeting: Meeting | None = None) -> Iterator[None]:
    """Two locks, the second taken while the first is held."""
    with first:
        if meeting is not None:
            meeting.wait()
        with second:
            yield


def take_both(first: Any, second: Any, meeting: Meeting | None = None) -> None:
    with both(first, second, meeting):
        pass


def wait_in(thread: threading.Thread | None, lock: Any) -> None:
    """Waits until somebody is said to wait for the lock."""
    deadline = time.monotonic() + PATIENCE
    while " waiters=" not in repr(lock):
        if time.monotonic() > deadline or (thread is not None and not thread.is_alive()):
            raise AssertionError(f"nobody waits for {lock!r}")
        time.sleep(0.0005)
