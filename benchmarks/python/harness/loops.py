"""Writes the functions that are timed: a role's call, ten times, in a loop over local variables.

Every row gets a function of its own, compiled from its text as `timeit` does. One function for all, with the
method as argument, would measure what nobody writes, and its inline caches would see the types of all rivals.
"""

from collections.abc import Callable
from itertools import repeat
from textwrap import indent
from time import perf_counter_ns
from typing import Any

from .model import UNROLLED, Role, Row

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


def source(role: Role) -> str:
    """The text of the timed function."""
    calls = "\n".join([role.call] * UNROLLED)
    return TEMPLATE.format(
        bind=indent(role.bind, " " * 4), calls=indent(calls, " " * 8), after=indent(role.after, " " * 4)
    )


def compiled(row: Row) -> list[Loop]:
    """The timed functions of a row: one for each role."""
    loops: list[Loop] = []
    for role in row.roles:
        names: dict[str, Any] = {"repeat": repeat, "clock": perf_counter_ns}
        exec(compile(source(role), f"<{row.question}: {row.name}>", "exec"), names)
        loops.append(names["loop"])
    return loops
