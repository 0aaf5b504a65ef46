"""Looking at a program's threads: joins that deadlock detection sees, and what happens at locks.

Nothing here is on by itself: `import raddle` changes no other module.
"""

import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

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
    address: int  # of the lock, or of a part of it; a later one may have it again
    ident: int  # of the thread
    time: int  # nanoseconds, as time.monotonic_ns() counts them
    site: Place | None  # file, function and line of the innermost Python frame
    name: str | None  # of the lock
    serial: int  # of the lock in this recording: 1, 2, ...; no other one has the same


@dataclass
class Recording:
    """What record() has seen; filled at its end."""

    events: list[Event] = field(default_factory=list)
    lost: int = 0  # The room is for 65,536 events; those that came later are only counted.


# Where a lock lay: first address, the one behind the last, nanoseconds at its end (None: it lives), its name.
_Held: TypeAlias = tuple[int, int, int | None, str | None]

_PAGE = 1 << 10  # Bytes: no lock has more than a few of these.


class _Locks:
    """Tells which lock was at an address: that one of those there which ended next."""

    def __init__(self, held: Iterable[_Held]) -> None:
        self._pages: defaultdict[int, list[_Held]] = defaultdict(list)
        for one in sorted(held, key=self._end_of):
            for page in range(one[0] // _PAGE, (one[1] - 1) // _PAGE + 1):
                self._pages[page].append(one)
        self._serials: dict[object, int] = {}

    @staticmethod
    def _end_of(held: _Held) -> int:
        return sys.maxsize if held[2] is None else held[2]

    def describe(self, address: int, time: int) -> tuple[str | None, int]:
        """Name and serial; what nobody knows has no name, and is told by its address."""
        page = self._pages.get(address // _PAGE, [])
        for place in range(bisect_left(page, time, key=self._end_of), len(page)):
            begin, behind, ended, name = page[place]
            if begin <= address < behind:
                return name, self._serial((begin, ended))
        return None, self._serial(address)

    def _serial(self, lock: object) -> int:
        return self._serials.setdefault(lock, len(self._serials) + 1)


@contextmanager
def record() -> Iterator[Recording]:
    """Note what all threads do at locks, inside a `with` statement; one at a time, else RuntimeError.

    contended: an acquire found the lock taken. acquired, released: by that thread. wait_begun,
    wait_ended: it went to sleep and is awake. An acquire of an RLock that the thread has already, and
    its release, are no events. While nothing is recorded, each of these places costs one load.

    Each event has the name of its lock and a serial number, by which locks without a name can be told
    apart. Keys of a KeyedLock, queues, and other things that have no name of their own have a number for
    each part that is waited for. The end of a recording looks at all objects of the collector, to find
    the locks.

        from raddle import diagnostics
        with diagnostics.record() as recording:
            work()
        print(collections.Counter((event.what, event.name, event.serial) for event in recording.events))
    """
    recording = Recording()
    _start_recording()
    try:
        yield recording
    finally:
        events, recording.lost, held = _stop_recording()
        locks = _Locks(held)
        recording.events += [Event(*event, *locks.describe(event[2], event[4])) for event in events]
