"""One sample: fresh threads, each on its core, start together and time themselves; the result is checked."""

import gc
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any, NamedTuple

from . import cores
from .interpreter import gil_enabled
from .loops import Loop
from .model import UNROLLED, Finish, Question, Row, Sample

# Threads that wait at a barrier wake up one after the other. Spinning to a common instant a little later lets
# them start within a microsecond of each other.
HEAD_START_NS = 300_000


@dataclass(frozen=True)
class Subject:
    """A row with its question and its timed function."""

    question: Question
    row: Row
    loop: Loop


class Result(NamedTuple):
    """What one thread brings back; times in nanoseconds."""

    obj: Any
    start: int
    end: int
    last: Any
    lost: float


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
    """Runs a row with one thread on each of the given cores.

    A lone thread makes its object itself, as a program without threads would. Several threads share an object
    that none of them made, as the threads of a program share what its main thread made.
    """
    threads = len(placed)
    obj = subject.row.make() if threads > 1 else None
    gate = Gate(threads)
    with _no_collection(), ThreadPoolExecutor(threads) as pool:
        runs = [
            pool.submit(_run, subject, obj, gate, thread, core, turns) for thread, core in enumerate(placed)
        ]
    results = _results(runs)
    return _sample(subject, turns * UNROLLED, results)


def _sample(subject: Subject, calls: int, results: Sequence[Result]) -> Sample:
    threads = len(results)
    starts = [result.start for result in results]
    ends = [result.end for result in results]
    took = max(ends) - min(starts)
    together = max(0, min(ends) - max(starts))
    taking_turns = threads > 1 and gil_enabled()
    value = subject.row.read(results[0].obj)
    finish = Finish(threads, threads * calls, value, [result.last for result in results])
    return Sample(
        threads=threads,
        calls_per_thread=calls,
        seconds=took / 1e9,
        fastest=min(result.end - result.start for result in results) / 1e9,
        overlap=1.0 if taking_turns else together / took,
        lost=0.0 if taking_turns else max(result.lost for result in results),
        wrong=_wrong(subject.question, finish),
    )


def _run(subject: Subject, obj: Any, gate: Gate, thread: int, core: int, turns: int) -> Result:
    try:
        cores.keep_to(core)
        if obj is None:
            obj = subject.row.make()
    except BaseException:
        gate.abort()
        raise
    gate.pass_through()
    before = cores.Usage.now()
    start, end, last = subject.loop(obj, thread, turns)
    return Result(obj, start, end, last, before.lost_since(end - start))


def _results(runs: Sequence[Future[Result]]) -> list[Result]:
    """The results of all threads, or the first failure; that of the barrier only where there is no other."""
    failures = [failure for run in runs if (failure := run.exception()) is not None]
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
