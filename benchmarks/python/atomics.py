"""The question group `atomics`: one shared number, flag or reference, used by one thread or by several."""

from .harness.model import Bar, Finish, Group, Question, Ref

INCREMENT, GET, REF_GET = "atomics.increment", "atomics.get", "atomics.ref_get"
SWAP, CAS, UPDATE = "atomics.get_and_set", "atomics.compare_and_set", "atomics.update"
FLOAT, FLIP = "atomics.float_increment", "atomics.flip"

# What the objects of the reading questions hold, and what every thread must have read. Both are immortal on
# free-threaded interpreters, so that handing them out writes no reference count.
HELD_INT = 8
HELD_REF = "held"

# Code that rivals share: a token of each thread's own and its fate, a user's function, the loop around CAS.
MINE = "mine = thread + 1"
KEPT = "last = mine"
ADD_ONE = "add_one = lambda old: old + 1"
CAS_LOOP = """\
old = obj.get()
while not obj.compare_and_set(old, old + 1):
    old = obj.get()"""


def counted(finish: Finish) -> tuple[object, object]:
    """Every call has added one."""
    return finish.calls, finish.value


def read_int(finish: Finish) -> tuple[object, object]:
    """Every thread has read the number."""
    return [HELD_INT] * finish.threads, list(finish.last)


def read_ref(finish: Finish) -> tuple[object, object]:
    """Every thread has read the reference."""
    return [HELD_REF] * finish.threads, list(finish.last)


def tokens_kept(finish: Finish) -> tuple[object, object]:
    """The object held 0 and thread n brought n + 1; swapping has lost and copied nothing."""
    return list(range(finish.threads + 1)), sorted([finish.value, *finish.last], key=repr)


def turned_over(finish: Finish) -> tuple[object, object]:
    """Started as false; each thread turns it over once more after the clock, because the calls are even."""
    return (finish.calls + finish.threads) % 2 == 1, finish.value


QUESTIONS = (
    Question(INCREMENT, "add one to a shared number", counted),
    Question(GET, "read a shared number", read_int),
    Question(REF_GET, "read a shared reference to an immortal value", read_ref),
    Question(SWAP, "swap a number of one's own with a shared one", tokens_kept),
    Question(CAS, "add one by a loop of reading and compare_and_set", counted),
    Question(UPDATE, "add one by a Python function", counted),
    Question(FLOAT, "add 1.0 to a shared float", counted),
    Question(FLIP, "turn a shared flag over", turned_over),
)


def _one_thread() -> list[Bar]:
    exact, wrapping = (
        Ref(INCREMENT, "raddle AtomicInt", 1),
        Ref(INCREMENT, "raddle AtomicInt(wrapping=True)", 1),
    )
    cereggii, ft_utils = Ref(INCREMENT, "cereggii AtomicInt64", 1), Ref(INCREMENT, "ft_utils AtomicInt64", 1)
    count = Ref(INCREMENT, "itertools.count", 1)
    return [
        Bar("increment, 1 thread, against cereggii", exact, cereggii, "time at most", 0.85),
        Bar("wrapping increment, 1 thread, against ft_utils", wrapping, ft_utils, "time at most", 1.10),
        Bar("increment, GIL, 1 thread, against next(count)", exact, count, "time at most", 1.5, gil=True),
    ]


def _two_threads_pinned() -> list[Bar]:
    number = Ref(INCREMENT, "raddle AtomicInt, pinned", 2)
    wrapping = Ref(INCREMENT, "raddle AtomicInt(wrapping=True), pinned", 2)
    sharded, alone = (Ref(INCREMENT, "raddle ShardedCounter, pinned", threads) for threads in (2, 1))
    rival = Ref(INCREMENT, "cereggii AtomicInt64", 2)
    get, rival_get = Ref(GET, "raddle AtomicInt, pinned", 2), Ref(GET, "cereggii AtomicInt64", 2)
    ref, rival_ref = Ref(REF_GET, "raddle AtomicRef, pinned", 2), Ref(REF_GET, "cereggii AtomicRef", 2)
    return [
        Bar("get, 2 threads, pinned, against cereggii", get, rival_get, "throughput at least", 5),
        Bar("increment, 2 threads, pinned, against cereggii", number, rival, "throughput at least", 1.3),
        Bar(
            "wrapping increment, 2 threads, pinned, against cereggii",
            wrapping,
            rival,
            "throughput at least",
            1.5,
        ),
        Bar("ShardedCounter, 2 threads, pinned, against cereggii", sharded, rival, "throughput at least", 8),
        Bar("ShardedCounter, pinned, 2 threads against 1", sharded, alone, "throughput at least", 1.8),
        Bar("AtomicRef.get, 2 threads, pinned, against cereggii", ref, rival_ref, "throughput at least", 4),
    ]


def _two_threads_own_method() -> list[Bar]:
    get, pinned_get = Ref(GET, "raddle AtomicInt, own method", 2), Ref(GET, "raddle AtomicInt, pinned", 2)
    sharded = Ref(INCREMENT, "raddle ShardedCounter, own method", 2)
    pinned_sharded = Ref(INCREMENT, "raddle ShardedCounter, pinned", 2)
    return [
        Bar("get, 2 threads, own method against pinned", get, pinned_get, "time at most", 1.15),
        Bar(
            "ShardedCounter, 2 threads, own method against pinned",
            sharded,
            pinned_sharded,
            "time at most",
            1.15,
        ),
    ]


GROUP = Group("atomics", QUESTIONS, [*_one_thread(), *_two_threads_pinned(), *_two_threads_own_method()])
