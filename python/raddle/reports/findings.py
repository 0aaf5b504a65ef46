"""Plain data that reports read, and the arithmetic that needs nothing else."""

from dataclasses import dataclass
from enum import Enum
from statistics import median


class Pinning(Enum):
    """What `raddle.pin` does to an object's reference count."""

    IMMORTAL = "immortal"
    DEFERRED = "deferred"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Environment:
    raddle: str
    implementation: str
    python: str
    executable: str
    free_threaded_build: bool
    gil_enabled: bool
    pinning: Pinning
    usable_cores: int
    cores: int


@dataclass(frozen=True)
class Totals:
    """What one variant of the tour counted."""

    files: int
    lines: int
    words: int
    bytes: int

    @property
    def updates(self) -> int:
        """How often a number went up by one. Bytes are left out: they are added a line at a time."""
        return self.files + self.lines + self.words


@dataclass(frozen=True)
class Run:
    """One variant, run once. `cpu_seconds` is what the process used meanwhile, on all cores together."""

    totals: Totals
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Measurement:
    """One variant of the tour with all its runs."""

    name: str
    title: str
    shows: str
    must_be_right: bool
    pinned: bool
    handed: bool  # one more thread handed out the lines, and each counted for itself
    threads: int
    runs: tuple[Run, ...]

    @property
    def seconds(self) -> float:
        return median(run.seconds for run in self.runs)


SHORTEST = 0.05  # seconds of reference time below which starting threads weighs more than their work
BUSY = 0.9  # share of a core below which what never waits was kept from running


def _usage(one: Measurement) -> float:
    """How many cores the variant used on average."""
    passed = sum(run.seconds for run in one.runs)
    return sum(run.cpu_seconds for run in one.runs) / max(passed, 1e-9)


@dataclass(frozen=True)
class Tour:
    """All measurements. A variant is judged by its worst run and timed by the median of its runs."""

    environment: Environment
    path: str
    threads: int
    reference: Measurement
    others: tuple[Measurement, ...]

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        return (self.reference, *self.others)

    @property
    def rounds(self) -> int:
        return len(self.reference.runs)

    @property
    def expected(self) -> Totals:
        return self.reference.runs[0].totals

    @property
    def broken(self) -> tuple[Measurement, ...]:
        """What must be right and was not. The reference is among them if it disagrees with itself."""
        return tuple(one for one in self.measurements if one.must_be_right and not self.is_right(one))

    @property
    def comparable(self) -> bool:
        """Whether the runs were long enough for `speed` to mean something."""
        return self.reference.seconds >= SHORTEST

    @property
    def disturbed(self) -> bool:
        """Whether other programs took the cores.

        The reference never waits, and of the others at least the busiest never does: they get as much
        processor time as time passes on their cores, unless somebody else runs there.
        """
        cores = min(self.threads, self.environment.usable_cores)
        threaded = max((_usage(one) / cores for one in self.others), default=1.0)
        return self.comparable and min(_usage(self.reference), threaded) < BUSY

    def is_right(self, one: Measurement) -> bool:
        return all(run.totals == self.expected for run in one.runs)

    def worst(self, one: Measurement) -> Totals:
        """What the run counted that was furthest from right."""
        totals = [run.totals for run in one.runs]
        return max(totals, key=lambda counted: (counted != self.expected, self._lost(counted)))

    def short_by(self, one: Measurement) -> Totals:
        """What is missing from each number of the worst run; negative where there is too much."""
        expected, got = self.expected, self.worst(one)
        return Totals(
            files=expected.files - got.files,
            lines=expected.lines - got.lines,
            words=expected.words - got.words,
            bytes=expected.bytes - got.bytes,
        )

    def updates_lost(self, one: Measurement) -> int:
        return self._lost(self.worst(one))

    def speed(self, one: Measurement) -> float:
        """How many times as fast as the reference. A time too short for the clock counts as a nanosecond."""
        return max(self.reference.seconds, 1e-9) / max(one.seconds, 1e-9)

    def _lost(self, got: Totals) -> int:
        expected = self.expected
        pairs = ((expected.files, got.files), (expected.lines, got.lines), (expected.words, got.words))
        return sum(max(0, right - counted) for right, counted in pairs)
