"""The question group `locks`: locks and signals, free and contended, and how soon a deadlock is told."""

from collections.abc import Sequence
from typing import NamedTuple

from ._bars import at_least, at_most, figure_at_least, figure_at_most, scales
from .harness.figures import median_of_notes
from .harness.model import Figure, Finish, Group, Question

WITH, CONTENDED, SHARE = "locks.with_lock", "locks.contended", "locks.share"
SEMAPHORE, EVENT, NOTIFY = "locks.semaphore", "locks.event", "locks.notify"
PING_PONG, PING_PONG_ONE_CORE = "locks.ping_pong", "locks.ping_pong_one_core"
BARRIER, BARRIER_ONE_CORE = "locks.barrier", "locks.barrier_one_core"
READ, READ_WRITE = "locks.read", "locks.read_write"
KEYED, ONCE_MAP, ONCE = "locks.keyed", "locks.once_map", "locks.once"
DEADLOCK = {threads: f"locks.deadlock_{threads}" for threads in (2, 8, 64)}

ALONE, ONE_EACH, ONE_CORE = (0,), (0, 1), (0, 0)

# Threads that wait for one condition, all on one core; the thread that notifies is on another one.
WAITERS = 64

# Of so many operations on a lock for readers and writers, one is a write.
READS_AND_WRITE = 20

KEYS = range(1_000, 11_000)

# The keys of a map of results, some of those, and what it has for each. That is immortal on free-threaded
# interpreters, so that handing it out writes no reference count.
MAP_KEYS = KEYS[:1_000]
HELD_VALUE = "value"


class Attempt(NamedTuple):
    """One thread's part in a deadlock: when it began to wait, and when that ended in an error, if it did."""

    began: int
    failed: int | None


def excluded(finish: Finish) -> tuple[object, object]:
    """Afterwards the lock keeps threads apart."""
    return "", finish.value


def counted(finish: Finish) -> tuple[object, object]:
    """Every call has added one under the lock."""
    return finish.calls, finish.value


def one_permit(finish: Finish) -> tuple[object, object]:
    """The semaphore has its one permit again."""
    return [[True, False]], list(finish.last)


def woken_and_cleared(finish: Finish) -> tuple[object, object]:
    """A wait has found the event set, and it was not afterwards."""
    return [[True, False]], list(finish.last)


def notified(finish: Finish) -> tuple[object, object]:
    """The notifier has noted each of its turns. Had a wake-up been lost, it would have waited for ever."""
    return [finish.calls_per_thread], [len(notes) for notes in finish.last if notes is not None]


def alternated(finish: Finish) -> tuple[object, object]:
    """The threads have never moved at the same time, in the turns after the clock had stopped."""
    return "", finish.value


def met(finish: Finish) -> tuple[object, object]:
    """At each meeting one thread was the first, which adds one, and the other the last, which adds none."""
    return finish.calls_per_thread, sum(finish.last)


def written(finish: Finish) -> tuple[object, object]:
    """Every write has added one, and the lock keeps writers and everybody else apart."""
    return (finish.calls // READS_AND_WRITE, ""), finish.value


def keyed(finish: Finish) -> tuple[object, object]:
    """No key is taken any more, and the lock of one keeps threads apart."""
    return (0, ""), finish.value


def hit(finish: Finish) -> tuple[object, object]:
    """Every thread has found what was made first, for each key that there is."""
    return {HELD_VALUE}, {value for values in finish.last for value in values}


def told_once(finish: Finish) -> tuple[object, object]:
    """Of the threads of each cycle one got the error."""
    failed = [sum(attempt.failed is not None for attempt in cycle) for cycle in cycles(finish)]
    return [1] * finish.calls_per_thread, failed


def cycles(finish: Finish) -> list[Sequence[Attempt]]:
    """What the threads have noted, by cycle."""
    return list(zip(*finish.last, strict=True))


def share_of_the_slower(finish: Finish) -> float:
    """Each thread has noted how many turns there were in all when it was through with its own."""
    turns: int = min(finish.last)
    return (turns - finish.calls_per_thread) / turns


def longest_delay(finish: Finish) -> float:
    """Seconds from the moment when the last thread of a cycle began to wait until one got the error."""
    return max((_delay(cycle) for cycle in cycles(finish)), default=0.0) / 1e9


def _delay(cycle: Sequence[Attempt]) -> int:
    closed = max(attempt.began for attempt in cycle)
    return max((attempt.failed - closed for attempt in cycle if attempt.failed is not None), default=0)


SLOWER_SHARE = Figure(share_of_the_slower, "% of the turns", scale=100, is_time=False)
DELAY = Figure(longest_delay, "ms", scale=1e3)
NOTIFY_TIME = median_of_notes("notify", WAITERS)

_NOTIFYING = f"notify a thread that waits for a condition, {WAITERS} of them one after the other"
_MIXED = f"read, and write one time in {READS_AND_WRITE}"

QUESTIONS = (
    Question(WITH, "take a free lock and give it back", excluded, ALONE),
    Question(CONTENDED, "add one under a lock", counted, ONE_EACH),
    Question(SHARE, "the slower thread's share of a lock", counted, ONE_EACH, figure=SLOWER_SHARE),
    Question(SEMAPHORE, "take a permit and give it back", one_permit, ALONE),
    Question(EVENT, "set an event, wait for it, clear it", woken_and_cleared, ALONE),
    Question(NOTIFY, _NOTIFYING, notified, (0, *[1] * WAITERS), figure=NOTIFY_TIME),
    Question(
        PING_PONG, "there and back between two cores by events", alternated, ONE_EACH, unit="round trip"
    ),
    Question(
        PING_PONG_ONE_CORE, "there and back on one core by events", alternated, ONE_CORE, unit="round trip"
    ),
    Question(BARRIER, "meet at a barrier, on two cores", met, ONE_EACH, unit="meeting"),
    Question(BARRIER_ONE_CORE, "meet at a barrier, on one core", met, ONE_CORE, unit="meeting"),
    Question(READ, "take a lock as a reader and give it back", excluded),
    Question(READ_WRITE, _MIXED, written, items=READS_AND_WRITE, unit="operation"),
    Question(KEYED, f"take the lock of a key, one of {len(KEYS):,}, and give it back", keyed),
    Question(ONCE_MAP, f"get a result that is there by its key, one of {len(MAP_KEYS):,}", hit),
    Question(ONCE, "call what has run once", hit),
    *(
        Question(
            name,
            f"from the closing of a cycle of {threads} threads to DeadlockError, the longest time of ten",
            told_once,
            [core % 2 for core in range(threads)],
            figure=DELAY,
        )
        for threads, name in DEADLOCK.items()
    ),
)

LOCK, RLOCK, TABLE = "threading.Lock", "threading.RLock", "dict of threading.Lock"
OURS, OURS_PINNED = "raddle Lock", "raddle Lock, pinned"
RW, RW_FT_UTILS, RW_FAIR = "raddle RWLock, pinned", "ft_utils RWLock", "readerwriterlock RWLockFair"
RW_APART = "raddle RWLock, pinned, one for each thread"  # what this machine lets two threads reach

BARS = (
    at_most(0.85, WITH, 1, OURS, LOCK),
    at_most(0.55, WITH, 1, OURS_PINNED, LOCK),
    at_most(0.85, WITH, 1, "raddle RLock", RLOCK),
    at_least(1.1, CONTENDED, 2, OURS, LOCK),
    at_least(1.6, CONTENDED, 2, OURS_PINNED, LOCK),
    figure_at_least(25, SHARE, 2, OURS),
    figure_at_least(25, SHARE, 2, OURS_PINNED),
    at_least(8, SEMAPHORE, 1, "raddle Semaphore", "threading.Semaphore"),
    at_least(8, EVENT, 1, "raddle Event", "threading.Event"),
    at_least(8, NOTIFY, 1 + WAITERS, "raddle Condition, pinned", "threading.Condition"),
    at_least(4, PING_PONG, 2, "raddle Event, pinned", "threading.Event"),
    at_least(1.0, PING_PONG_ONE_CORE, 2, "raddle Event, pinned", "threading.Event"),
    at_least(4, BARRIER, 2, "raddle Barrier, pinned", "threading.Barrier"),
    at_least(1.0, BARRIER_ONE_CORE, 2, "raddle Barrier, pinned", "threading.Barrier"),
    at_most(1.0, READ, 1, RW, LOCK),
    scales(1.85, READ, RW),
    at_least(0.93, READ, 2, RW, RW_APART),
    at_least(3, READ, 2, RW, RW_FT_UTILS),
    at_least(20, READ, 2, RW, RW_FAIR),
    at_least(2.5, READ_WRITE, 2, RW, RW_FT_UTILS),
    at_least(5, KEYED, 2, "raddle KeyedLock, pinned", TABLE),
    at_most(1.5, ONCE_MAP, 1, "raddle OnceMap", "dict"),
    *(figure_at_most(100, name, threads, "raddle Lock") for threads, name in DEADLOCK.items()),
)

GROUP = Group("locks", QUESTIONS, BARS)
