"""The rows about locks and results that have a key, for the adapters: the same code for all rivals."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, repeat
from random import Random
from typing import Any

from . import locks
from ._apart import Section, not_apart
from ._lock_rows import Make, unreleasable
from .harness.model import Row

SHUFFLED = Random(0).sample(locks.KEYS, len(locks.KEYS))

# How far from each other two threads begin in that order; a prime.
APART = 3571


def own_keys(thread: int, keys: range) -> Callable[[], int]:
    """Gives the keys again and again, in random order and from another one on for each thread.

    They are objects that the calling thread makes, as those are that a program has read from a request: equal
    to the keys of others, and counted without them.
    """
    first = thread * APART % len(SHUFFLED)
    # Adding 0 to a number this large makes a new object.
    own = [number + 0 for number in SHUFFLED[first:] + SHUFFLED[:first] if number in keys]
    return chain.from_iterable(repeat(own)).__next__


def advancing(keys: range) -> str:
    """The code that gives a thread its keys."""
    return f"from {__name__} import own_keys\nadvance = own_keys(thread, {keys})"


@dataclass(frozen=True)
class Keyed:
    """What locks keys. `section`: what a thread enters for one; `left`: how many are taken."""

    lock: Any
    section: Callable[[Any, int], Section]
    left: Callable[[Any], int]

    def found(self) -> tuple[int, str]:
        """How many keys are taken, and what is wrong with the lock of one."""
        key = locks.KEYS[0]
        return self.left(self.lock), not_apart(
            lambda: (self.section(self.lock, key), self.section(self.lock, key))
        )


def keyed(
    name: str,
    make: Make,
    section: Callable[[Any, int], Section],
    left: Callable[[Any], int],
    call: str,
    bind: str = "pass",
) -> Row:
    """A lock for each key."""
    bind, call = f"lock = obj.lock\n{bind}\n{advancing(locks.KEYS)}", f"key = advance()\n{call}"
    return Row(
        locks.KEYED, name, lambda: Keyed(make(), section, left), call, Keyed.found, bind, release=unreleasable
    )


def factory() -> Callable[..., str]:
    """Makes the value for each key, but for each only once."""
    made: set[Any] = set()

    def value(*key: Any) -> str:
        again = key in made
        made.add(key)
        return "made again" if again else locks.HELD_VALUE

    return value


def found_by_key(name: str, make: Make, call: str) -> Row:
    """Gets results that have been made before, by key."""
    bind, call = advancing(locks.MAP_KEYS), f"key = advance()\n{call}"
    values = f"last = [{call.partition(chr(10))[2]} for key in {locks.MAP_KEYS}]"
    return Row(locks.ONCE_MAP, name, make, call, id, bind, values)


def found(name: str, make: Make, call: str) -> Row:
    """Gets the only result, which has been made before."""
    return Row(locks.ONCE, name, make, call, id, after=f"last = [{call}]")
