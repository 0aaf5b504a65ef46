"""The words of the harness: a Question is asked of Rows, and a Bar compares two answers.

All of it is plain data, so that tables, bars and exports can be tested from literal samples.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

# How many times a call is written out in one turn of the loop, so that the loop does not hide the call.
UNROLLED = 10

# The share of a sample for which another program may have had a core before the sample counts as disturbed.
TOLERATED_LOSS = 0.01

EMPTY_LOOP = "(the loop alone)"


def _get(obj: Any) -> object:
    return obj.get()


@dataclass(frozen=True)
class Role:
    """The code that a thread runs.

    `call` is what a user would write. It finds the shared object in the local variable `obj` and the number
    of its thread, from 0, in `thread`. `bind` runs before the clock starts, `after` when it has stopped; what
    `after` stores in `last` goes to the question's check.
    """

    call: str
    bind: str = "pass"
    after: str = "pass"


@dataclass(frozen=True)
class Row:
    """One rival's answer to a question: an object, and the code that threads run on it, as Role explains.

    What `read` finds in the object at the end goes to the question's check, too. Where threads do different
    things, `others` has the code of the further roles: of two roles, every second thread has the second.
    `release` is for objects that a thread may wait on: it lets one thread go on that waits, so that a rival
    that loses something is found out and does not hang the run.
    """

    question: str
    name: str
    make: Callable[[], Any]
    call: str
    read: Callable[[Any], object] = _get
    bind: str = "pass"
    after: str = "pass"
    others: Sequence[Role] = ()
    release: Callable[[Any], object] | None = None

    @property
    def roles(self) -> list[Role]:
        """What the threads run: thread n the role n modulo their number."""
        return [Role(self.call, self.bind, self.after), *self.others]


@dataclass(frozen=True)
class Finish:
    """What a sample left behind, for the question's check."""

    threads: int
    calls: int
    value: object
    last: Sequence[Any]

    @property
    def calls_per_thread(self) -> int:
        """How often each thread has done its part."""
        return self.calls // self.threads


@dataclass(frozen=True)
class Figure:
    """The answer to a question that the loop's clock cannot answer: `of` finds it in what threads have left.

    It is in seconds, or a share if not `is_time`. Tables show it `scale` times as large and call that `unit`.
    """

    of: Callable[[Finish], float]
    unit: str
    scale: float = 1e9
    is_time: bool = True


@dataclass(frozen=True)
class Question:
    """What is measured, and what must then be true: `check` returns what it expects and what it found.

    `places` has the core of each thread, counted from 0: the question is then asked of so many threads only,
    and not on a machine with fewer cores. A call that moves several `items` counts as so many calls, and
    `unit` is what the tables call one. The answer is the time of one, or the `figure`.

    A question that loops cannot answer has its `own` way: rows, rounds, the share of a full sample, and where
    to tell how far it is; and a `caption` in place of the one about loops.
    """

    name: str
    title: str
    check: Callable[[Finish], tuple[object, object]]
    places: Sequence[int] = ()
    items: int = 1
    unit: str = "call"
    figure: Figure | None = None
    own: Callable[[Sequence[Row], int, float, Callable[[str], None]], Sequence["Answer"]] | None = None
    caption: str = ""


@dataclass(frozen=True)
class Sample:
    """One run of one row: seconds from the first thread's start to the last one's end.

    `fastest` is the time of the thread that needed the least, `overlap` the part of the sample's time in
    which all threads ran, `lost` the part of it for which another program had the core of a thread. Where
    threads take turns, because there is a GIL or because they share a core, neither can be told; they are 1
    and 0 then. The second cannot be told either where threads may wait for each other.
    """

    threads: int
    calls_per_thread: int
    seconds: float
    fastest: float
    overlap: float
    lost: float = 0.0
    wrong: str = ""

    @property
    def seconds_per_call(self) -> float:
        """Per call and thread; the question's figure where it has one."""
        return self.seconds / self.calls_per_thread

    @property
    def disturbed(self) -> bool:
        """Whether other programs took enough time away to show."""
        return self.lost > TOLERATED_LOSS


@dataclass(frozen=True)
class Answer:
    """All samples of one row with one number of threads, in the order of the rounds.

    `calls` has the code of each role. `figure`: what the values are, if not the times of calls.
    """

    question: str
    row: str
    calls: Sequence[str]
    threads: int
    samples: Sequence[Sample]
    figure: Figure | None = None

    @property
    def teams(self) -> float:
        """How many calls are made at a time: threads of different roles make one together."""
        return self.threads / len(self.calls)

    @property
    def values(self) -> list[float]:
        """Seconds per call and thread, or what the figure says."""
        return [sample.seconds_per_call for sample in self.samples]

    @property
    def seconds_per_call(self) -> float:
        """The median."""
        return median(self.values)

    @property
    def calls_per_second(self) -> float:
        """Of all threads together."""
        return self.teams / self.seconds_per_call

    @property
    def overlap(self) -> float:
        """The median share of a sample in which all threads were running."""
        return median(sample.overlap for sample in self.samples)

    @property
    def wrong(self) -> str:
        """What was wrong with the first result that was; empty where all were right."""
        return next((sample.wrong for sample in self.samples if sample.wrong), "")


@dataclass(frozen=True)
class Ref:
    """Names an answer."""

    question: str
    row: str
    threads: int


@dataclass(frozen=True)
class Bar:
    """A promise: `subject` against `rival`, as a ratio of times (at most) or of throughputs (at least).

    Without a rival it is about the figure itself, and the limit is in the unit that tables show.
    """

    name: str
    subject: Ref
    rival: Ref | None
    kind: Literal["time at most", "throughput at least", "figure at most", "figure at least"]
    limit: float
    gil: bool = False  # Whether it is promised for interpreters with a GIL, instead of those without.

    @property
    def refs(self) -> list[Ref]:
        """The answers that it is about."""
        return [self.subject] if self.rival is None else [self.subject, self.rival]


@dataclass(frozen=True)
class Group:
    """A question group: what one module beside the harness offers as `GROUP`."""

    name: str
    questions: Sequence[Question]
    bars: Sequence[Bar]
