"""cereggii: exact 64-bit integers (OverflowError), references, and handles made for one thread each."""

# mypy: disable-error-code="import-not-found,import-untyped"

from typing import Any

from cereggii import AtomicInt64, AtomicRef

from .. import atomics
from ..harness.model import Row
from ..harness.ways import as_it_is, own_method, reading


def number() -> Any:
    """A shared 0."""
    return AtomicInt64(0)


def held() -> Any:
    """A shared number to be read."""
    return AtomicInt64(atomics.HELD_INT)


def held_ref() -> Any:
    """A shared reference to be read."""
    return AtomicRef(atomics.HELD_REF)


INT = "cereggii AtomicInt64"
HANDLE = "handle = obj.get_handle()"

ROWS = [
    as_it_is(atomics.INCREMENT, INT, number, "increment_and_get"),
    own_method(atomics.INCREMENT, INT, number, "increment_and_get"),
    Row(atomics.INCREMENT, f"{INT}, handle", number, "handle.increment_and_get()", bind=HANDLE),
    reading(as_it_is(atomics.GET, INT, held, "get")),
    reading(own_method(atomics.GET, INT, held, "get")),
    reading(Row(atomics.GET, f"{INT}, handle", held, "handle.get()", bind=HANDLE)),
    reading(as_it_is(atomics.REF_GET, "cereggii AtomicRef", held_ref, "get")),
    Row(atomics.SWAP, INT, number, "mine = obj.get_and_set(mine)", bind=atomics.MINE, after=atomics.KEPT),
    Row(atomics.CAS, INT, number, atomics.CAS_LOOP),
    Row(atomics.UPDATE, INT, number, "obj.update_and_get(add_one)", bind=atomics.ADD_ONE),
]
