"""Looking at a program's threads: joins that deadlock detection sees, and what happens at locks.

Nothing here is on by itself: `import raddle` changes no other module.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from raddle._deadlocks import Link, Place
from raddle._raddle import _start_recording, _stop_recording
from raddle._threads import JoinWatch

__all__ = ["Event", "JoinWatch", "Link", "Place", "Recording", "record", "watch_joins"]


def watch_joins() -> JoinWatch:
    """Let joins of plain threading.Thread objects take part in deadlock detection, as raddle.Thread's do.

    It replaces `threading.Thread.join`, and the method by which a thread begins, until stop() of the
    result is called or, if it is used in a `with` statement, until the end of that. Watching twice
    is as watching once; it ends when each watch has been stopped.

    Not seen are: a join with a timeout, which ends by itself; the join of the main thread; the join of a
    class that overrides join() without calling threading.Thread's; a thread that began before watching
    and has never used raddle, as long as it has not; what waits for threads otherwise, as the
    interpreter does at its end, and concurrent.futures for results.

        from raddle import diagnostics
        with diagnostics.watch_joins():
            main()
    """
    return JoinWatch()


class Event(NamedTuple):
    """One thing that a thread did at a lock, or at something else that threads wait for."""

    what: str  # "contended", "acquired", "released", "wait_begun" or "wait_ended"
    kind: str  # "Lock", ...
    address: int  # the same number for the same lock; a later one may have it again
    ident: int  # of the thread
    time: int  # nanoseconds, as time.monotonic_ns() counts them
    site: Place | None  # file, function and line of the innermost Python frame


@dataclass
class Recording:
    """What record() has seen; filled at its end."""

    events: list[Event] = field(default_factory=list)
    lost: int = 0  # The room is for 65,536 events; those that came later are only counted.


@contextmanager
def record() -> Iterator[Recording]:
    """Note what all threads do at locks, inside a `with` statement; one at a time, else RuntimeError.

    contended: an acquire found the lock taken. acquired, released: by that thread. wait_begun,
    wait_ended: it went to sleep and is awake. An acquire of an RLock that the thread has already, and
    its release, are no events. While nothing is recorded, each of these places costs one load.

        from raddle import diagnostics
        with diagnostics.record() as recording:
            work()
        print(collections.Counter(event.what for event in recording.events))
    """
    recording = Recording()
    _start_recording()
    try:
        yield recording
    finally:
        events, recording.lost = _stop_recording()
        recording.events += map(Event._make, events)
