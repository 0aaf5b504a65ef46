"""DeadlockError for a cycle of threads that the core has found, with what the interpreter knows of them.

It is made by the thread that gets the error, while the others of the cycle stand still and may hold
anything that Python code can hold: nothing here takes a lock of another module. What is costly and not
always wanted is done when it is asked for.
"""

import linecache
import os
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

from raddle._raddle import DeadlockError, Lock, RLock

if TYPE_CHECKING:
    from traceback import StackSummary

Place = tuple[str, str, int]  # file, function, line

# How much of a stack the message shows: enough to see how a thread came there, and less where there are many.
_FRAMES = 4
_MANY = 8
# What every thread begins with, and what stands between a program and the core.
_NOT_SHOWN = (os.path.dirname(__file__) + os.sep, threading.__file__)


class Link:
    """One thread of a cycle, as `DeadlockError.cycle` has them: it waits for what the next one holds.

    thread      the threading.Thread; None: `threading` does not know it
    name        of the thread
    ident       of the thread
    waits_for   a lock or what else can be held; a Thread whose end is waited for; None: nothing to show
    kind        of the wait: "Lock", ...
    places      where it waits: file, function and line of each frame of the program, outermost first
    stack       the same, as a traceback.StackSummary
    holds       what the thread before it in the cycle waits for
    taken_at    file, function and line where it took that; None: not known, and `places` is the best there is

    A copy for another process has names in place of the objects.
    """

    __slots__ = ("holds", "ident", "kind", "name", "places", "taken_at", "thread", "waits_for")

    def __init__(
        self,
        thread: threading.Thread | None,
        name: str,
        ident: int,
        waits_for: Any,
        kind: str,
        places: tuple[Place, ...],
        holds: Any,
        taken_at: Place | None,
    ) -> None:
        self.thread = thread
        self.name = name
        self.ident = ident
        self.waits_for = waits_for
        self.kind = kind
        self.places = places
        self.holds = holds
        self.taken_at = taken_at

    @property
    def stack(self) -> "StackSummary":
        from traceback import StackSummary

        return StackSummary.from_list([(file, line, name, None) for file, name, line in self.places])

    def __repr__(self) -> str:
        return f"<{self.name} waits for {_wish(self)} and holds {_title(self.holds)}>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        waits_for, holds = _title(self.waits_for), _title(self.holds)
        return Link, (None, self.name, self.ident, waits_for, self.kind, self.places, holds, self.taken_at)


def describe(links: list[tuple[int, str, Any]]) -> DeadlockError:
    """The error; `links`: identity of the thread, kind of wait, object that is waited for."""
    frames = sys._current_frames()
    threads = dict(getattr(threading, "_active", {}))  # threading.enumerate() would take a lock
    cycle = []
    for number, (ident, kind, subject) in enumerate(links):
        held = links[number - 1][2]
        thread = threads.get(ident)
        name = thread.name if thread is not None else f"Thread {ident}"
        places = _places(frames.get(ident))
        cycle.append(Link(thread, name, ident, subject, kind, places, held, getattr(held, "_taken_at", None)))
    error = DeadlockError(_message(cycle))
    error.cycle = tuple(cycle)
    return error


def _places(frame: FrameType | None) -> tuple[Place, ...]:
    places = []
    while frame is not None:
        code = frame.f_code
        if not code.co_filename.startswith(_NOT_SHOWN):
            places.append((code.co_filename, code.co_qualname, frame.f_lineno or code.co_firstlineno))
        frame = frame.f_back
    return tuple(reversed(places))


def _title(subject: object) -> str:
    """What the message calls something that is waited for."""
    if isinstance(subject, str):
        return subject  # of an error that came from another process
    if isinstance(subject, threading.Thread):
        return f"the end of {subject.name}"
    with suppress(Exception):  # The repr() of a key is any code.
        own = getattr(subject, "_title", None)
        if isinstance(own, str):
            return own
    name = getattr(subject, "name", None)
    named = f" {name!r}" if isinstance(name, str) else ""
    return f"{type(subject).__name__}{named} ({id(subject):#x})"


def _wish(link: Link) -> str:
    """What it waits for, and what for if that is not plain."""
    if link.waits_for is None:
        return link.kind
    title = _title(link.waits_for)
    is_plain = isinstance(link.waits_for, threading.Thread) or title.startswith(f"{link.kind} ")
    return title if is_plain else f"{title}: {link.kind}"


def _message(cycle: list[Link]) -> str:
    if len(cycle) == 1:
        lines = _alone(cycle[0])
    else:
        lines = [f"{len(cycle)} threads wait for each other, each for what the next one holds:"]
        shown = _FRAMES if len(cycle) <= _MANY else 1
        for number, link in enumerate(cycle):
            lines += ["", *_paragraph(link, cycle[number - 1], shown)]
    if any(link.taken_at is None and isinstance(link.holds, Lock | RLock) for link in cycle):
        lines += ["", "A lock that is made with track=True remembers where it was taken."]
    return "\n".join(lines)


def _alone(link: Link) -> list[str]:
    lines = [f"{link.name} waits for {_wish(link)}, which it holds itself:", ""]
    lines += [*_lines(link.places[-_FRAMES:])]
    if link.taken_at is not None:
        lines += ["  taken at", *_lines([link.taken_at])]
    if link.kind == "Lock":
        lines += ["", "An RLock can be taken again by the thread that has it."]
    return lines


def _paragraph(link: Link, before: Link, shown: int) -> list[str]:
    """What the message says of one thread."""
    lines = [f"{link.name} waits for {_wish(link)}", *_lines(link.places[-shown:])]
    if isinstance(link.holds, threading.Thread):
        lines.append(f"  and {before.name} waits for its end")
    elif link.holds is None:
        lines.append(f"  and is waited for: {before.kind}")
    elif link.taken_at is None:
        lines.append(f"  and holds {_title(link.holds)}")
    else:
        lines += [f"  and holds {_title(link.holds)}, taken at", *_lines([link.taken_at])]
    return lines


def _lines(places: "tuple[Place, ...] | list[Place]") -> list[str]:
    """As a traceback shows them."""
    lines = []
    for file, name, line in places:
        lines.append(f'    File "{file}", line {line}, in {name}')
        source = linecache.getline(file, line).strip()
        if source:
            lines.append(f"      {source}")
    return lines
