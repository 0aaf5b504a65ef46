"""DeadlockError for a cycle of threads that the core has found, with what the interpreter knows of them."""

import sys
import threading
import traceback
from dataclasses import dataclass
from typing import Any

from raddle._raddle import DeadlockError

Place = tuple[str, str, int]  # file, function, line


@dataclass(frozen=True)
class Link:
    """One thread of a cycle."""

    thread: threading.Thread | None  # None: not started by `threading`
    ident: int
    waits_for: Any
    kind: str  # of the wait
    stack: traceback.StackSummary  # of the wait, outermost first
    holds: Any  # what the thread before it in the cycle waits for
    taken_at: Place | None  # where it took that, if that is known

    def describe(self) -> str:
        """A few lines."""
        name = self.thread.name if self.thread is not None else f"thread {self.ident}"
        lines = [f"{name} waits for {self.waits_for!r}", *_indented(self.stack)]
        lines.append(f"  and holds {self.holds!r}")
        if self.taken_at is not None:
            file, function, line = self.taken_at
            lines.append(f'    taken in File "{file}", line {line}, in {function}')
        return "\n".join(lines)


def describe(links: list[tuple[int, str, Any]]) -> DeadlockError:
    """The error; `links`: identity of the thread, kind of wait, object that is waited for."""
    frames = sys._current_frames()
    threads = {thread.ident: thread for thread in threading.enumerate()}
    cycle = []
    for number, (ident, kind, subject) in enumerate(links):
        held = links[number - 1][2]
        frame = frames.get(ident)
        stack = traceback.extract_stack(frame) if frame is not None else traceback.StackSummary()
        if ident == threading.get_ident():
            del stack[-1:]  # this function
        taken_at = getattr(held, "_taken_at", None)
        cycle.append(Link(threads.get(ident), ident, subject, kind, stack, held, taken_at))
    error = DeadlockError(_message(cycle))
    error.cycle = tuple(cycle)
    return error


def _message(cycle: list[Link]) -> str:
    if len(cycle) == 1:
        first = "this thread waits for itself and would do so for ever"
    else:
        first = f"{len(cycle)} threads wait for each other and would do so for ever"
    return "\n".join([first, *(link.describe() for link in cycle)])


def _indented(stack: traceback.StackSummary) -> list[str]:
    return ["  " + line for entry in stack.format() for line in entry.rstrip().splitlines()]
