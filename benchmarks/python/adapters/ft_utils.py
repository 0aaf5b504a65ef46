"""ft_utils: 64-bit integers that wrap, and references. Its integers have get, set, incr and decr only."""

# mypy: disable-error-code="import-not-found,import-untyped"

from typing import Any

from ft_utils.concurrency import AtomicInt64, AtomicReference

from .. import atomics
from ..harness.ways import as_it_is, own_method, reading


def number() -> Any:
    """A shared 0."""
    return AtomicInt64(0)


def held() -> Any:
    """A shared number to be read."""
    return AtomicInt64(atomics.HELD_INT)


def held_ref() -> Any:
    """A shared reference to be read."""
    return AtomicReference(atomics.HELD_REF)


INT = "ft_utils AtomicInt64"

ROWS = [
    as_it_is(atomics.INCREMENT, INT, number, "incr"),
    own_method(atomics.INCREMENT, INT, number, "incr"),
    reading(as_it_is(atomics.GET, INT, held, "get")),
    reading(own_method(atomics.GET, INT, held, "get")),
    reading(as_it_is(atomics.REF_GET, "ft_utils AtomicReference", held_ref, "get")),
]
