"""Asks a question: all rows in turn, round after round, so that drift of the machine meets all alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from . import cores
from .loops import compiled
from .model import EMPTY_LOOP, Answer, Question, Row, Sample
from .sample import Subject, take


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int = 7
    sample_seconds: float = 0.02
    max_threads: int | None = None
    # How often a sample is taken again because something else ran on its cores. Its speed plays no part,
    # so that nobody is favoured.
    retries: int = 2

    def thread_counts(self) -> list[int]:
        """1, 2, and all cores where there are more."""
        available = len(cores.usable())
        if self.max_threads is not None:
            available = min(available, self.max_threads)
        return sorted({1, min(2, available), available})

    def placements(self, question: Question) -> list[list[int]]:
        """The cores of the threads, for each number of threads that a question is asked of."""
        usable = cores.usable()
        if not question.places:
            return [usable[:count] for count in self.thread_counts()]
        if max(question.places) >= len(usable):
            return []
        return [[usable[place] for place in question.places]]


Progress = Callable[[str], None]


def ask(question: Question, rows: Sequence[Row], plan: Plan, progress: Progress) -> list[Answer]:
    """Measures the rows of a question; the first one is the empty loop, which every number includes.

    A figure includes nothing of the loop.
    """
    if question.own:
        share = min(1.0, plan.sample_seconds / Plan.sample_seconds)
        return list(question.own(rows, plan.rounds, share, progress)) if plan.placements(question) else []
    empty = [] if question.figure else [empty_loop(question)]
    subjects = [*empty, *(Subject(question, row, compiled(row)) for row in rows)]
    cases = [(subject, where) for subject in subjects for where in plan.placements(question)]
    progress(f"{question.name}: finding out how long a sample must be")
    turns = [calibrate(subject, where, plan.sample_seconds) for subject, where in cases]
    samples: list[list[Sample]] = [[] for _ in cases]
    for number in range(1, plan.rounds + 1):
        progress(f"{question.name}: round {number} of {plan.rounds}")
        for (subject, where), count, taken in zip(cases, turns, samples, strict=True):
            taken.append(take_undisturbed(subject, where, count, plan.retries))
    return [
        Answer(question.name, row.name, [role.call for role in row.roles], len(where), taken, question.figure)
        for (row, where), taken in zip(
            [(subject.row, where) for subject, where in cases], samples, strict=True
        )
    ]


def take_undisturbed(subject: Subject, placed: Sequence[int], turns: int, retries: int) -> Sample:
    """A sample that no other program has disturbed, or the last one that was tried."""
    sample = take(subject, placed, turns)
    for _ in range(retries):
        if sample.wrong or not sample.disturbed:
            break
        sample = take(subject, placed, turns)
    return sample


def calibrate(subject: Subject, placed: Sequence[int], seconds: float) -> int:
    """How many turns of the loop take about that long. Serves as warm-up, too.

    Goes by the fastest thread, because the end of a short sample may be that of a thread that started late.
    """
    turns = 1
    while (taken := take(subject, placed, turns)).fastest < seconds / 10 and not taken.wrong:
        turns *= 4
    return max(1, round(turns * seconds / taken.fastest))


def empty_loop(question: Question) -> Subject:
    """A subject that calls nothing, so that there is nothing to check."""
    unchecked = replace(question, check=lambda finish: (None, None))
    row = Row(question.name, EMPTY_LOOP, make=object, call="pass", read=id)
    return Subject(unchecked, row, compiled(row))
