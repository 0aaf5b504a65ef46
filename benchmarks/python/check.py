"""Questions about `raddle check`: what programs cost under it, without it, and by its rivals."""

from ._bars import figure_at_most
from ._check_rows import (
    MEAN,
    MEMORY,
    MILLISECONDS,
    SLOWDOWN,
    START,
    THREADS,
    TIME,
    TIMES_THE_MEMORY,
    TIMES_THE_TIME,
    WORK,
    WORST,
    asked,
)
from ._programs import Outcome
from .harness.model import Finish, Group, Question

CAPTION = (
    "Each run is a process. Its result must be that of the plain run beside it, and nothing may be reported."
)


def _nothing(finish: Finish) -> tuple[object, object]:
    """Results are compared with those of the plain runs."""
    return None, None


def _around(outcome: Outcome) -> float:
    """Seconds of a run that are not the program's own."""
    return outcome.total - outcome.work


PLACES = tuple(thread % 2 for thread in range(THREADS))

QUESTIONS = [
    Question(
        TIME,
        "what threaded programs take from start to end",
        _nothing,
        places=PLACES,
        figure=MILLISECONDS,
        own=asked(MILLISECONDS, lambda pair: pair.run.total),
        caption=CAPTION,
    ),
    Question(
        SLOWDOWN,
        "how many times as long as without the tool, from start to end",
        _nothing,
        places=PLACES,
        figure=TIMES_THE_TIME,
        own=asked(TIMES_THE_TIME, lambda pair: pair.run.total / pair.plain.total),
        caption=CAPTION,
    ),
    Question(
        WORK,
        "how many times as long, without the start and the end of interpreter and tool",
        _nothing,
        places=PLACES,
        figure=TIMES_THE_TIME,
        own=asked(TIMES_THE_TIME, lambda pair: pair.run.work / pair.plain.work),
        caption=CAPTION,
    ),
    Question(
        START,
        "what the tool adds before a program's first statement and after its last one",
        _nothing,
        places=PLACES,
        figure=MILLISECONDS,
        own=asked(MILLISECONDS, lambda pair: _around(pair.run) - _around(pair.plain)),
        caption=CAPTION,
    ),
    Question(
        MEMORY,
        "how many times the memory, at its most",
        _nothing,
        places=PLACES,
        figure=TIMES_THE_MEMORY,
        own=asked(TIMES_THE_MEMORY, lambda pair: pair.run.peak / pair.plain.peak),
        caption=CAPTION,
    ),
]

OURS = "raddle check"

# Of the program's own time: what is added around it would say most of short programs.
BARS = [
    figure_at_most(2.5, WORK, THREADS, f"{OURS}, {MEAN}"),
    figure_at_most(6, WORK, THREADS, f"{OURS}, {WORST}"),
    figure_at_most(2.5, MEMORY, THREADS, f"{OURS}, {MEAN}"),
]

GROUP = Group("check", QUESTIONS, BARS)
