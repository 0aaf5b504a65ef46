"""Whether locks keep threads apart and signals let them take turns: asked of rows after each sample."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from threading import Thread
from time import sleep
from typing import Any

Section = AbstractContextManager[Any]

# How often each of two threads reads and writes under a lock, and how long it stays inside: long enough for
# the other one to come in, if it can.
VISITS = 4
STAY_SECONDS = 0.0002

# How often each of two threads has its turn.
TURNS = 20

# Two threads are through after milliseconds; those that are not after so long never will be.
PATIENCE_SECONDS = 10.0


class Room:
    """Who is inside, for the time of some visits; clashes are counted."""

    def __init__(self) -> None:
        self.readers: list[None] = []
        self.writers: list[None] = []
        self.clashes: list[None] = []

    def read(self) -> None:
        """One reader's stay: no writer may be inside."""
        self.readers.append(None)
        sleep(STAY_SECONDS)
        self.clashes += self.writers
        self.readers.pop()

    def write(self) -> None:
        """One writer's stay: nobody else may be inside."""
        self.writers.append(None)
        sleep(STAY_SECONDS)
        self.clashes += [*self.writers[1:], *self.readers]
        self.writers.pop()


def not_apart(sides: Callable[[], tuple[Section, Section]]) -> str:
    """What is wrong with a lock: empty if it keeps writers and everybody else apart, and nobody has it.

    `sides` makes what a thread enters once to read and once to write. Both threads are new ones: they find a
    lock that somebody has kept.
    """
    room = Room()

    def visit(first: int) -> None:
        for turn in range(first, first + 2 * VISITS):
            side, stay = list(zip(sides(), (room.read, room.write), strict=True))[turn % 2]
            with side:
                stay()

    # One begins with reading and the other one with writing, or they might do the same all the time.
    return run_both(partial(visit, 0), partial(visit, 1)) or (
        f"{len(room.clashes)} clashes" if room.clashes else ""
    )


def not_in_turn(ping: Any, pong: Any) -> str:
    """What is wrong with two events: empty if two threads can take turns by them."""
    moves: list[int] = []

    def serve() -> None:
        for _ in range(TURNS):
            moves.append(0)
            ping.set()
            pong.wait()
            pong.clear()

    def answer() -> None:
        for _ in range(TURNS):
            ping.wait()
            ping.clear()
            moves.append(1)
            pong.set()

    return run_both(serve, answer) or ("" if moves == [0, 1] * TURNS else f"moved in the order {moves}")


def run_both(*roles: Callable[[], None]) -> str:
    """Runs each in a thread; what went wrong, if anything did."""
    failures: list[str] = []

    def guarded(role: Callable[[], None]) -> None:
        try:
            role()
        except BaseException as error:
            failures.append(repr(error))

    threads = [Thread(target=guarded, args=(role,), daemon=True) for role in roles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    if any(thread.is_alive() for thread in threads):
        return "threads waited for ever"
    return "; ".join(failures)
