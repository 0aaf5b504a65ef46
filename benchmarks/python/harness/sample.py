"""One sample: fresh threads, each on its core, start together and time themselves; the result is checked."""

import gc
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any, NamedTuple, TypeAlias

from . import cores
from .interpreter import gil_enabled
from .loops import Loop
from .model import UNROLLED, Finish, Question, Row, Sample

# Threads that wait at a barrier wake up one after the other. Spinning to a common instant a little later lets
# them start within a microsecond of each other.
HEAD_START_NS = 300_000

# A sample takes a small part of a second. Threads that have not ended after so many never will.
PATIENCE_SECONDS = 30.0
STUCK = "threads waited for ever: an item or a wake-up is lost"

# How long a thread that has been released has to end before the next one is.
RELEASE_SECONDS = 0.001


@dataclass(frozen=True)
class Subject:
    """A row with its question and its timed functions, one for each role."""

    question: Question
    row: Row
    loops: Sequence[Loop]


class Result(NamedTuple):
    """What one thread brings back; times in nanoseconds."""

    start: int
    end: int
    last: Any
    lost: float


Run: TypeAlias = Future[Result]


class Gate:
    """Lets threads through at one instant."""

    def __init__(self, threads: int) -> None:
        self._start = 0
        self._barrier = threading.Barrier(threads, action=self._set_start)

    def _set_start(self) -> None:
        self._start = perf_counter_ns() + HEAD_START_NS

    def pass_through(self) -> None:
        """Returns when all threads are here."""
        self._barrier.wait()
        while perf_counter_ns() < self._start:
            pass

    def abort(self) -> None:
        """Ends the wait of the others with BrokenBarrierError."""
        self._barrier.abort()


def take(subject: Subject, placed: Sequence[int], turns: int) -> Sample:
    """Runs a row with one thread on each of the given cores; a core that is given twice has two.

    A lone thread makes its object itself, as a program without threads would. Several threads share an object
    that none of them made, as the threads of a program share what its main thread made.
    """
    threads = len(placed)
    made = [subject.row.make()] if threads > 1 else []
    gate = Gate(threads)
    with _no_collection(), ThreadPoolExecutor(threads) as pool:
        began = perf_counter_ns()
        runs = [
            pool.submit(_run, subject, made, gate, thread, core, turns) for thread, core in enumerate(placed)
        ]
        ended, stuck = _settle(subject.row, made, runs)
    calls = turns * UNROLLED * subject.question.items
    if stuck:
        waited = (perf_counter_ns() - began) / 1e9
        return Sample(threads, calls, waited, waited, overlap=1.0, wrong=STUCK)
    results = _results(runs, ended)
    return _sample(subject, calls, made[0], placed, results)


def _sample(subject: Subject, calls: int, obj: Any, placed: Sequence[int], results: list[Result]) -> Sample:
    threads = len(results)
    starts = [result.start for result in results]
    ends = [result.end for result in results]
    took = max(ends) - min(starts)
    together = max(0, min(ends) - max(starts))
    taking_turns = threads > 1 and (gil_enabled() or len(set(placed)) < threads)
    may_wait = threads > 1 and subject.row.release is not None
    finish = Finish(threads, threads * calls, subject.row.read(obj), [result.last for result in results])
    figure = subject.question.figure
    return Sample(
        threads=threads,
        calls_per_thread=calls,
        seconds=figure.of(finish) * calls if figure else took / 1e9,
        fastest=min(result.end - result.start for result in results) / 1e9,
        overlap=1.0 if taking_turns else together / took,
        lost=0.0 if taking_turns or may_wait else max(result.lost for result in results),
        wrong=_wrong(subject.question, finish),
    )


def _run(subject: Subject, made: list[Any], gate: Gate, thread: int, core: int, turns: int) -> Result:
    try:
        cores.keep_to(core)
        if not made:
            made.append(subject.row.make())
    except BaseException:
        gate.abort()
        raise
    loop = subject.loops[thread % len(subject.loops)]
    gate.pass_through()
    before = cores.Usage.now()
    start, end, last = loop(made[0], thread, turns)
    return Result(start, end, last, before.lost_since(end - start))


def _settle(row: Row, made: Sequence[Any], runs: Sequence[Run]) -> tuple[set[Run], bool]:
    """Waits until all threads have ended; which did so by themselves, and whether others would never have.

    Those are released one by one. A thread that another one waits for in vain because it has failed is no
    reason to call the row stuck: the failure is what went wrong.
    """
    ended, waiting = wait(runs, PATIENCE_SECONDS if row.release else None, FIRST_EXCEPTION)
    stuck = bool(waiting) and not any(run.exception() for run in ended)
    while waiting and row.release:
        row.release(made[0])
        waiting = wait(waiting, RELEASE_SECONDS).not_done
    return ended, stuck


def _results(runs: Sequence[Run], ended: set[Run]) -> list[Result]:
    """The results of all threads, or the first failure; that of the barrier only where there is no other.

    A failure of a thread that has ended by itself goes before those of threads that had to be released.
    """
    failures = [failure for run in [*ended, *runs] if (failure := run.exception()) is not None]
    causes = [failure for failure in failures if not isinstance(failure, threading.BrokenBarrierError)]
    for failure in [*causes, *failures]:
        raise failure
    return [run.result() for run in runs]


def _wrong(question: Question, finish: Finish) -> str:
    expected, found = question.check(finish)
    return "" if expected == found else f"expected {expected}, found {found}"


@contextmanager
def _no_collection() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
