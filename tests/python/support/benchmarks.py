"""Rows and questions for tests of the benchmarks, and literal answers."""

from collections.abc import Sequence

from python.harness import cores
from python.harness.loops import compiled
from python.harness.model import Answer, Finish, Question, Row, Sample
from python.harness.sample import Subject, take


class Counter:
    """Counts in steps; not thread-safe, which one thread does not notice."""

    def __init__(self, step: int = 1) -> None:
        self.value = 0
        self.step = step

    def increment(self) -> None:
        self.value += self.step

    def get(self) -> int:
        return self.value


def counted(finish: Finish) -> tuple[object, object]:
    return finish.calls, finish.value


COUNTING = Question("test.increment", "add one", counted)
RIGHT = Row(COUNTING.name, "right", Counter, "obj.increment()")
WRONG = Row(COUNTING.name, "wrong", lambda: Counter(2), "obj.increment()")
LAST = Question("test.last", "what the threads bring back", lambda finish: ("", list(finish.last)))


def subject(row: Row, question: Question = COUNTING) -> Subject:
    return Subject(question, row, compiled(row))


def last_of(expression: str, threads: int) -> str:
    """What the threads of a sample find when their clocks have stopped, as the text of a wrong result."""
    row = Row(LAST.name, "looks", object, "pass", read=id, after=f"last = {expression}")
    return take(subject(row, LAST), cores.usable()[:threads], 1).wrong


def silent(text: str) -> None:
    """Progress that nobody wants to see."""


def literal(row: str, threads: int, times: Sequence[float], wrong: str = "") -> Answer:
    """An answer of a thousand calls per sample, from nanoseconds per call."""
    samples = [Sample(threads, 1000, time * 1e-6, time * 1e-6, 1.0, wrong=wrong) for time in times]
    return Answer("q", row, ["call"], threads, samples)
