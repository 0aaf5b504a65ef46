"""The question group `queues`: items put and got by one thread, by one of each kind, and by two of each."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from ._bars import at_least, at_most
from .harness.figures import median_of_notes
from .harness.model import Finish, Group, Question

PUT_GET, LIFO, PRIORITY = "queues.put_get", "queues.lifo", "queues.priority"
ONE_TO_ONE, ONE_TO_ONE_FRESH = "queues.one_to_one", "queues.one_to_one_fresh"
TWO_TO_TWO, TWO_TO_TWO_FRESH = "queues.two_to_two", "queues.two_to_two_fresh"
BATCH, BATCH_ONE_TO_ONE = "queues.batch", "queues.batch_one_to_one"
WAKE, WAKE_ONE_CORE = "queues.wake", "queues.wake_one_core"

# Producers are the threads 0 and 2, consumers the threads 1 and 3; where they share two cores, each core has
# one of both.
ONE_EACH, TWO_EACH, ONE_CORE = (0, 1), (0, 1, 1, 0), (0, 0)

BATCH_SIZE = 64

# What the LIFO and the priority queue hold before: the numbers below this one. Thread n brings HELD + n.
HELD = 100


class Delivery(NamedTuple):
    """What became of numbered items: all zero when each was delivered once and in order."""

    lost: int
    doubled: int
    overtaken: int
    left: object


def emptied(finish: Finish) -> tuple[object, object]:
    """No more went in than came out. Had less gone in, somebody would have waited for ever."""
    return "0 items left", f"{finish.value} items left"


def counted(finish: Finish) -> tuple[object, object]:
    """Where consumers count what is in a batch, they have found all, and nothing is left."""
    counts = [count for count in finish.last if count is not None]
    return ([finish.calls_per_thread] * len(counts), 0), (counts, finish.value)


def delivered(finish: Finish) -> tuple[object, object]:
    """Each number has arrived once, and those of one producer at one consumer in the order of sending.

    One producer sends even numbers, a second one odd numbers. Consumers leave what they got.
    """
    logs = [log for log in finish.last if log is not None]
    numbers = range(2 * finish.calls_per_thread)
    sent = set(numbers if finish.threads == 4 else numbers[::2])
    arrived = [number for log in logs for number in log]
    overtaken = sum(
        _overtaken(number for number in log if number % 2 == kind) for log in logs for kind in (0, 1)
    )
    doubled = len(arrived) - len(set(arrived))
    return Delivery(0, 0, 0, 0), Delivery(len(sent - set(arrived)), doubled, overtaken, finish.value)


def last_in_first_out(finish: Finish) -> tuple[object, object]:
    """The threads have moved only their own numbers; those below come out the other way round."""
    above = range(HELD, HELD + finish.threads)
    return (list(above), [*reversed(range(HELD))]), (sorted(finish.last), finish.value)


def smallest_first(finish: Finish) -> tuple[object, object]:
    """The threads have ended with the smallest numbers; the others come out in their order."""
    numbers = list(range(HELD + finish.threads))
    return (numbers[: finish.threads], numbers[finish.threads :]), (sorted(finish.last), finish.value)


def woken(finish: Finish) -> tuple[object, object]:
    """The consumer has noted a delay for each item."""
    notes = [len(delays) for delays in finish.last if delays is not None]
    return ([finish.calls_per_thread], 0), (notes, finish.value)


def _overtaken(numbers: Iterable[int]) -> int:
    return sum(later < earlier for earlier, later in pairwise(numbers))


QUESTIONS = (
    Question(PUT_GET, "put None and get it", emptied, unit="item"),
    Question(ONE_TO_ONE, "None from one thread to another", emptied, ONE_EACH, unit="item"),
    Question(ONE_TO_ONE_FRESH, "new tuples from one thread to another", delivered, ONE_EACH, unit="item"),
    Question(TWO_TO_TWO, "None from two threads to two others on two cores", emptied, TWO_EACH, unit="item"),
    Question(
        TWO_TO_TWO_FRESH,
        "new tuples from two threads to two others, on two cores",
        delivered,
        TWO_EACH,
        unit="item",
    ),
    Question(BATCH, f"put None and get it, {BATCH_SIZE} at a time", counted, (0,), BATCH_SIZE, "item"),
    Question(
        BATCH_ONE_TO_ONE,
        f"None from one thread to another, {BATCH_SIZE} at a time",
        counted,
        ONE_EACH,
        BATCH_SIZE,
        "item",
    ),
    Question(
        WAKE,
        "from a put until a thread that slept in get on another core has the item",
        woken,
        ONE_EACH,
        figure=median_of_notes("wake-up"),
    ),
    Question(
        WAKE_ONE_CORE,
        "from a put until a thread that slept in get on the same core has the item",
        woken,
        ONE_CORE,
        figure=median_of_notes("wake-up"),
    ),
    Question(LIFO, f"put a number above {HELD} others and get it", last_in_first_out, unit="item"),
    Question(PRIORITY, f"put a number among {HELD} others and get the smallest", smallest_first, unit="item"),
)

SIMPLE, BOUNDED = "queue.SimpleQueue", "queue.Queue(1024)"
OURS, OURS_SHARED = "raddle Queue", "raddle Queue, pinned"
OURS_BOUNDED, OURS_LONG = "raddle Queue(1024), pinned", "raddle Queue(65536), pinned"
MANY, SINGLE = "raddle Queue, put_many and get_many", "raddle Queue, single calls"
MANY_BOUNDED, SINGLE_BOUNDED = (
    "raddle Queue(1024), put_many and get_many, pinned",
    "raddle Queue(1024), single calls, pinned",
)

BARS = (
    at_most(1.0, PUT_GET, 1, OURS, SIMPLE),
    at_most(1.0, PUT_GET, 1, "raddle SimpleQueue", SIMPLE),
    at_least(15, PUT_GET, 1, OURS, "queue.Queue"),
    at_least(15, PUT_GET, 1, "raddle SimpleQueue", "queue.Queue"),
    at_most(1.5, PUT_GET, 1, OURS, SIMPLE, gil=True),
    at_most(1.5, PUT_GET, 1, "raddle SimpleQueue", SIMPLE, gil=True),
    at_least(1.2, ONE_TO_ONE, 2, OURS_BOUNDED, SIMPLE),
    at_least(25, ONE_TO_ONE, 2, OURS_BOUNDED, BOUNDED),
    at_least(1.6, ONE_TO_ONE, 2, OURS_LONG, SIMPLE),
    at_most(1.1, ONE_TO_ONE_FRESH, 2, OURS_SHARED, SIMPLE),
    at_least(1.0, TWO_TO_TWO, 4, OURS_BOUNDED, SIMPLE),
    at_least(20, TWO_TO_TWO, 4, OURS_BOUNDED, BOUNDED),
    at_least(1.1, TWO_TO_TWO_FRESH, 4, OURS_SHARED, SIMPLE),
    at_least(4, BATCH, 1, MANY, SINGLE),
    at_least(3, BATCH, 1, MANY, SIMPLE),
    at_least(4, BATCH_ONE_TO_ONE, 2, MANY_BOUNDED, SINGLE_BOUNDED),
    at_least(3, BATCH_ONE_TO_ONE, 2, MANY_BOUNDED, SIMPLE),
    at_most(1.15, WAKE, 2, "raddle Queue, pinned", SIMPLE),
    at_most(0.8, WAKE_ONE_CORE, 2, "raddle Queue, pinned", SIMPLE),
    at_least(15, LIFO, 1, "raddle LifoQueue", "queue.LifoQueue"),
    at_least(15, LIFO, 2, "raddle LifoQueue, pinned", "queue.LifoQueue"),
    at_least(8, PRIORITY, 1, "raddle PriorityQueue", "queue.PriorityQueue"),
    at_least(8, PRIORITY, 2, "raddle PriorityQueue, pinned", "queue.PriorityQueue"),
)

GROUP = Group("queues", QUESTIONS, BARS)
