"""Whether locks keep threads apart and signals let them take turns: asked of rows after each sample."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event, Thread
from typing import Any

Section = AbstractContextManager[Any]

# How long a thread stays inside when another one is about to come in: long enough for that, if it can.
STAY_SECONDS = 0.002

# How often each of two threads has its turn.
TURNS = 20

# Two threads are through after milliseconds; those that are not after so long never will be.
PATIENCE_SECONDS = 10.0


def not_apart(sides: Callable[[], tuple[Section, Section]]) -> str:
    """What is wrong with a lock: empty if it keeps writers and everybody else apart, and nobody has it.

    `sides` makes what a thread enters once to read and once to write. All threads are new ones: they find a
    lock that somebody has kept.
    """
    readers, writers = (lambda: sides()[0]), (lambda: sides()[1])
    return (
        _come_in("a reader beside a writer", writers, readers)
        or _come_in("a writer beside a reader", readers, writers)
        or _come_in("a writer beside a writer", writers, writers)
    )


def _come_in(who: str, first: Callable[[], Section], second: Callable[[], Section]) -> str:
    """What is wrong when one thread is inside and another one wants to come in."""
    taken, going, inside = Event(), Event(), Event()
    clashes: list[str] = []

    def stay() -> None:
        with first():
            taken.set()
            going.wait(PATIENCE_SECONDS)
            if inside.wait(STAY_SECONDS):
                clashes.append(who)

    def come() -> None:
        taken.wait(PATIENCE_SECONDS)
        section = second()
        going.set()
        with section:
            inside.set()

    return run_both(stay, come) or "".join(clashes)


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
