"""Which promises hold: compares two answers round by round."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median

from .model import Answer, Bar, Ref


class State(Enum):
    """What became of a bar."""

    HELD = "held"
    MISSED = "MISSED"
    NOT_MEASURED = "not measured"
    NOT_HERE = "not here"


@dataclass(frozen=True)
class Verdict:
    """A bar with what was measured: the median of the rounds' ratios, the smallest and the largest.

    Where the bar is about a figure, that stands in place of the ratio, in this `unit`.
    """

    bar: Bar
    state: State
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""
    unit: str = ""

    @property
    def counts_as_failure(self) -> bool:
        """For a run that is to fail when a promise is broken: one that nobody checked is broken, too."""
        return self.state in (State.MISSED, State.NOT_MEASURED)


def judge(bars: Iterable[Bar], answers: Iterable[Answer], *, gil: bool) -> list[Verdict]:
    """A verdict for every bar."""
    known = {Ref(answer.question, answer.row, answer.threads): answer for answer in answers}
    return [_verdict(bar, known, gil=gil) for bar in bars]


def _verdict(bar: Bar, known: dict[Ref, Answer], *, gil: bool) -> Verdict:
    if bar.gil != gil:
        return Verdict(bar, State.NOT_HERE, reason="only with a GIL" if bar.gil else "only without a GIL")
    if missing := [describe(ref) for ref in bar.refs if ref not in known]:
        return Verdict(bar, State.NOT_MEASURED, reason=f"missing: {', '.join(missing)}")
    answers = [known[ref] for ref in bar.refs]
    if wrong := [answer for answer in answers if answer.wrong]:
        return Verdict(bar, State.MISSED, reason=f"{wrong[0].row} is WRONG: {wrong[0].wrong}")
    figure = answers[0].figure if bar.rival is None else None
    compared = _ratios(bar, *answers) if figure is None else [it * figure.scale for it in answers[0].values]
    middle = median(compared)
    held = middle <= bar.limit if bar.kind.endswith("at most") else middle >= bar.limit
    unit = "" if figure is None else figure.unit
    return Verdict(bar, State.HELD if held else State.MISSED, middle, min(compared), max(compared), unit=unit)


def _ratios(bar: Bar, subject: Answer, rival: Answer) -> Sequence[float]:
    """One ratio for each round: what both have in common in that round drops out."""
    times = [ours / theirs for ours, theirs in zip(subject.values, rival.values, strict=True)]
    if bar.kind == "time at most":
        return times
    return [subject.teams / rival.teams / time for time in times]


def describe(ref: Ref) -> str:
    """A row with its number of threads, for people."""
    return f"{ref.row} by {threads_text(ref.threads)}"


def threads_text(threads: int) -> str:
    """A number of threads, for people."""
    return "1 thread" if threads == 1 else f"{threads} threads"
