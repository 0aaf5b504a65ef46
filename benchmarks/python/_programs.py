"""Runs the workloads, which are programs, by different tools in turn, and gives out what was measured.

A run is a process. Its time is from before it is started until it has ended: the interpreter's start and
whatever the tool does before and after are part of it. The workload itself tells the time from its first
statement to its last one, its result, and the most memory that its process had.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

FOLDER = Path(__file__).resolve().parents[1] / "workloads"
WORKLOADS = tuple(sorted(file.stem for file in FOLDER.glob("[!_]*.py")))

LIMIT = 120.0  # seconds; a run that takes longer is given up
WARM_UP = 0.001  # of the full size: long enough to compile, and to fill what caches a tool has

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Tool:
    """What programs are run by.

    A tool that takes a hundred times as long gets a `share` of the work, and one run in place of all rounds;
    it is compared with a plain run of that share.
    """

    name: str
    command: Sequence[str]
    share: float = 1.0

    @property
    def slow(self) -> bool:
        """Whether it is run less."""
        return self.share < 1


PLAIN = Tool("plain", (sys.executable,))


@dataclass(frozen=True)
class Outcome:
    """What one run has shown: seconds, and bytes."""

    total: float
    work: float
    peak: float
    result: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class Pair:
    """A run, and the plain run beside it."""

    run: Outcome
    plain: Outcome

    @property
    def wrong(self) -> str:
        """What is wrong with it; empty if nothing is."""
        run, plain = self.run, self.plain
        differs = "" if run.result == plain.result else f"expected {plain.result}, found {run.result}"
        return plain.wrong or run.wrong or differs


Pairs = dict[tuple[str, str], list[Pair]]  # of each tool and workload, one for each round


class Runs:
    """Measures once what several questions are about."""

    def __init__(self) -> None:
        self._key: object = None
        self._pairs: Pairs = {}

    def get(self, tools: Sequence[Tool], rounds: int, size: float, progress: Progress) -> Pairs:
        """What has been measured for these tools already, or is now."""
        known = {name for name, _ in self._pairs}
        if self._key != (rounds, size) or not {tool.name for tool in tools} <= known:
            self._pairs = measure(tools, rounds, size, progress)
            self._key = rounds, size
        return self._pairs


RUNS = Runs()


def measure(tools: Sequence[Tool], rounds: int, size: float, progress: Progress) -> Pairs:
    """All tools on each workload in turn, round after round; the slow ones after them."""
    quick = [tool for tool in tools if tool != PLAIN and not tool.slow]
    pairs: Pairs = {(tool.name, workload): [] for tool in [PLAIN, *tools] for workload in WORKLOADS}
    for workload in WORKLOADS:
        for tool in [PLAIN, *quick]:
            progress(f"{tool.name}, {workload}: warm-up")
            run(tool, workload, min(size, WARM_UP))
    for number in range(1, rounds + 1):
        for workload in WORKLOADS:
            progress(f"{workload}: round {number} of {rounds}")
            plain = run(PLAIN, workload, size)
            pairs[PLAIN.name, workload].append(Pair(plain, plain))
            for tool in quick:
                pairs[tool.name, workload].append(Pair(run(tool, workload, size), plain))
    for tool in tools:
        for workload in WORKLOADS if tool.slow else ():
            progress(f"{tool.name}, {workload}: {tool.share:g} of the work")
            share = size * tool.share
            plain = run(PLAIN, workload, share)
            pairs[tool.name, workload] = [Pair(run(tool, workload, share), plain)] * rounds
    return pairs


def _environment() -> dict[str, str]:
    """This process's own, but programs may keep compiled code for the next run."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run(tool: Tool, workload: str, size: float) -> Outcome:
    """One run."""
    start = perf_counter()
    try:
        done = subprocess.run(
            [*tool.command, str(FOLDER / f"{workload}.py")],
            env=_environment() | {"RADDLE_BENCH_SIZE": str(size)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(LIMIT, LIMIT, 1.0, wrong=f"given up after {LIMIT:.0f} s")
    total = perf_counter() - start
    try:
        told = json.loads(done.stdout)
        outcome = Outcome(total, told["seconds"], told["peak"], told["result"])
    except (ValueError, KeyError, TypeError):
        outcome = Outcome(total, total, 1.0, wrong="no result")
    if not done.returncode and not outcome.wrong:
        return outcome
    last = (done.stderr.strip().splitlines() or ["nothing on standard error"])[-1]
    return replace(outcome, wrong=f"exit status {done.returncode}, {last}")
