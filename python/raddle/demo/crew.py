"""The workers of one variant: started together, watched, stopped together."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError, Thread
from time import perf_counter, process_time
from typing import Any

from raddle.demo.share import Share
from raddle.demo.variant import Variant
from raddle.reports.findings import Run

_LOOK = 0.2  # seconds between two looks at the workers; each takes a core from them for a moment


class CrewError(Exception):
    """The workers cannot be started; the text tells the user what to type."""


class Crew:
    def __init__(self, variant: Variant[Any], texts: Sequence[bytes], workers: int) -> None:
        jobs = variant.jobs(texts, workers)
        self._variant = variant
        self._shares = [share for _, share in jobs]
        self._barrier = Barrier(len(jobs))
        self._threads = [Thread(target=self._work, args=job, name="raddle-demo") for job in jobs]
        # A single worker makes its own counters, as a program without threads does: another thread's objects
        # cost more on free-threaded builds, and a reference that pays for sharing would flatter the variants.
        self._counters = None if len(jobs) == 1 else variant.make()
        self._spans: list[tuple[float, float]] = []
        self._errors: list[BaseException] = []

    def run(self, watch: Callable[[int], None]) -> Run:
        """Count everything, timed from the first worker's start to the last one's end."""
        try:
            with _collector_off():
                cpu_start = process_time()
                self._start()
                self._wait(watch)
                cpu_seconds = process_time() - cpu_start
        finally:
            self._stop()
        if self._errors:
            raise self._errors[0]
        seconds = max(end for _, end in self._spans) - min(start for start, _ in self._spans)
        return Run(self._variant.totals(self._counters), seconds, cpu_seconds)

    def _work(self, job: Callable[[Any, Share], None], share: Share) -> None:
        try:
            if self._counters is None:
                self._counters = self._variant.make()
            # Broken when the tour is being given up. The shares are stopped by then and the job ends at once,
            # but it must run: others that came through the barrier may wait for what it hands out.
            with suppress(BrokenBarrierError):
                self._barrier.wait()
            start = perf_counter()
            job(self._counters, share)
            self._spans.append((start, perf_counter()))
        except BaseException as error:
            self._errors.append(error)  # raised again by run, in the thread that asked
            self._ask_to_stop()

    def _start(self) -> None:
        for thread in self._threads:
            try:
                thread.start()
            except RuntimeError as error:
                raise CrewError(
                    f"The system does not allow {len(self._threads)} threads. Ask for fewer: --threads N"
                ) from error

    def _wait(self, watch: Callable[[int], None]) -> None:
        for thread in self._threads:
            while thread.is_alive():
                thread.join(_LOOK)
                watch(sum(share.done_bytes for share in self._shares))

    def _stop(self) -> None:
        self._ask_to_stop()
        for thread in self._threads:
            if thread.ident is not None:  # it was started
                thread.join()

    def _ask_to_stop(self) -> None:
        for share in self._shares:
            share.stop()
        self._barrier.abort()


@contextmanager
def _collector_off() -> Iterator[None]:
    """No cyclic collection in the timed part: it stops all threads, and how often differs by variant."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
