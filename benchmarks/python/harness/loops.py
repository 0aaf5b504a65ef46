"""Writes the function that is timed: the row's call, ten times, in a loop over local variables.

Every row gets a function of its own, compiled from its text as `timeit` does. One function for all, with the
method as argument, would measure what nobody writes, and its inline caches would see the types of all rivals.
"""

from collections.abc import Callable
from itertools import repeat
from textwrap import indent
from time import perf_counter_ns
from typing import Any

from .model import UNROLLED, Row

# (shared object, number of the thread, turns of the loop) -> (start, end, last); both times in nanoseconds.
Loop = Callable[[Any, int, int], tuple[int, int, Any]]

TEMPLATE = """\
def loop(obj, thread, turns):
    last = None
{bind}
    turn = repeat(None, turns)
    start = clock()
    for _ in turn:
{calls}
    end = clock()
{after}
    return start, end, last
"""


def source(row: Row) -> str:
    """The text of the timed function."""
    calls = "\n".join([row.call] * UNROLLED)
    return TEMPLATE.format(
        bind=indent(row.bind, " " * 4), calls=indent(calls, " " * 8), after=indent(row.after, " " * 4)
    )


def compiled(row: Row) -> Loop:
    """The timed function of a row."""
    names: dict[str, Any] = {"repeat": repeat, "clock": perf_counter_ns}
    exec(compile(source(row), f"<{row.question}: {row.name}>", "exec"), names)
    loop: Loop = names["loop"]
    return loop
