"""Bars, named after what they compare."""

from .harness.bars import threads_text
from .harness.model import Bar, Ref


def at_most(limit: float, question: str, threads: int, ours: str, theirs: str, *, gil: bool = False) -> Bar:
    """The time of ours is at most so many times theirs."""
    refs = Ref(question, ours, threads), Ref(question, theirs, threads)
    return Bar(_promise(*refs, gil=gil), *refs, "time at most", limit, gil)


def at_least(limit: float, question: str, threads: int, ours: str, theirs: str) -> Bar:
    """The throughput of ours is at least so many times theirs."""
    refs = Ref(question, ours, threads), Ref(question, theirs, threads)
    return Bar(_promise(*refs), *refs, "throughput at least", limit)


def scales(limit: float, question: str, row: str) -> Bar:
    """Two threads have at least so many times the throughput of one."""
    two, one = Ref(question, row, 2), Ref(question, row, 1)
    return Bar(f"{_topic(question)}: {row}, 2 threads against 1", two, one, "throughput at least", limit)


def figure_at_most(limit: float, question: str, threads: int, ours: str) -> Bar:
    """The question's figure is at most this."""
    ref = Ref(question, ours, threads)
    return Bar(_claim(ref), ref, None, "figure at most", limit)


def figure_at_least(limit: float, question: str, threads: int, ours: str) -> Bar:
    """The question's figure is at least this."""
    ref = Ref(question, ours, threads)
    return Bar(_claim(ref), ref, None, "figure at least", limit)


def _promise(ours: Ref, theirs: Ref, *, gil: bool = False) -> str:
    return f"{_claim(ours, ', GIL' if gil else '')} against {theirs.row}"


def _claim(ours: Ref, where: str = "") -> str:
    return f"{_topic(ours.question)}, {threads_text(ours.threads)}{where}: {ours.row}"


def _topic(question: str) -> str:
    return question.partition(".")[2]
