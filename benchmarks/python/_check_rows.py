"""Rows for tools that run programs: one for each workload, the geometric mean, and the worst."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

from ._programs import FOLDER, PLAIN, RUNS, WORKLOADS, Pair, Pairs, Progress, Tool
from .harness.model import Answer, Figure, Finish, Row, Sample

TIME, SLOWDOWN, WORK, MEMORY = "check.time", "check.slowdown", "check.work", "check.memory"
START = "check.start"

MEAN, WORST = "geometric mean", "worst"

THREADS = 4

Values = list[tuple[float, str]]  # of the rounds, and what is wrong with them


@dataclass(frozen=True)
class ToolRow(Row):
    """A tool, and the workload or what is made of all of them."""

    tool: Tool = PLAIN
    subject: str = ""


def tool_rows(tool: Tool) -> list[Row]:
    """A tool's answers: the times of the workloads, and what they are of those without any tool."""
    ratios = [] if tool == PLAIN else [SLOWDOWN, WORK, MEMORY]
    times = [] if tool.slow else [TIME] if tool == PLAIN else [TIME, START]
    return [
        *(_row(question, tool, workload) for question in times for workload in WORKLOADS),
        *(_row(question, tool, subject) for question in ratios for subject in [*WORKLOADS, MEAN, WORST]),
    ]


def _row(question: str, tool: Tool, subject: str) -> ToolRow:
    words = [word.replace(sys.executable, "python") for word in tool.command]
    if subject in WORKLOADS:
        words.append(str((FOLDER / f"{subject}.py").relative_to(FOLDER.parents[1])))
        call = " ".join(words) + (f"\n{tool.share:g} of the work, one run" if tool.slow else "")
    else:
        call = f"{subject} of these"
    return ToolRow(question, f"{tool.name}, {subject}", object, call, tool=tool, subject=subject)


def _not_by_a_loop(finish: Finish) -> float:
    raise TypeError("what programs answer is not found in what threads have left")


MILLISECONDS = Figure(_not_by_a_loop, "ms", scale=1e3)
TIMES_THE_TIME = Figure(_not_by_a_loop, "times as long", scale=1, is_time=False)
TIMES_THE_MEMORY = Figure(_not_by_a_loop, "times the memory", scale=1, is_time=False)


def asked(figure: Figure, value: Callable[[Pair], float]) -> Callable[..., list[Answer]]:
    """The way to answer a question by running programs: `value` finds the answer of a run."""

    def ask(rows: Sequence[Row], rounds: int, size: float, progress: Progress) -> list[Answer]:
        ours = sorted(
            (row for row in rows if isinstance(row, ToolRow)),
            key=lambda row: [*WORKLOADS, MEAN, WORST].index(row.subject),
        )
        tools = list({row.tool.name: row.tool for row in ours}.values())
        pairs = RUNS.get(tools, rounds, size, progress)
        return [answer for row in ours if (answer := _answer(row, pairs, figure, value)) is not None]

    return ask


def _answer(row: ToolRow, pairs: Pairs, figure: Figure, value: Callable[[Pair], float]) -> Answer | None:
    """None for a rival that does not run this workload: that is no wrong answer, but none."""
    by_workload = {name: pairs[row.tool.name, name] for name in WORKLOADS}
    call = row.call
    if row.tool.slow:
        failed = [f"{name}: {taken[0].wrong}" for name, taken in by_workload.items() if taken[0].wrong]
        by_workload = {name: taken for name, taken in by_workload.items() if not taken[0].wrong}
        if not by_workload or (row.subject in WORKLOADS and row.subject not in by_workload):
            return None
        if row.subject not in WORKLOADS and failed:
            call += "\nnot among them: " + "\n".join(failed)
    values = {name: [(value(pair), pair.wrong) for pair in taken] for name, taken in by_workload.items()}
    of_rounds = values.get(row.subject) or _summary(row.subject, list(values.values()))
    samples = [Sample(THREADS, 1, it, it, overlap=1.0, wrong=wrong) for it, wrong in of_rounds]
    return Answer(row.question, row.name, [call], THREADS, samples, figure)


def _summary(of: str, values: Sequence[Values]) -> Values:
    """For each round."""
    summaries: Values = []
    for round_ in zip(*values, strict=True):
        ratios = [ratio for ratio, _ in round_]
        summed_up = prod(ratios) ** (1 / len(ratios)) if of == MEAN else max(ratios)
        summaries.append((summed_up, next((wrong for _, wrong in round_ if wrong), "")))
    return summaries
