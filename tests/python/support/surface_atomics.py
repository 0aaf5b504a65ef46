"""The rows of the atomics in the table of public methods."""

from collections.abc import Iterator
from typing import Any

from raddle import AtomicBool, AtomicFloat, AtomicInt, AtomicRef, ShardedCounter

from .rows import (
    BEYOND,
    BIG,
    EXCHANGE,
    EXTRA,
    FN,
    MASK,
    NO_SIGNATURE,
    NONE,
    PLAIN,
    STEP,
    VALUE,
    Arguments,
    Offer,
    Opaque,
    Row,
    Token,
    fails,
)

NOT_INTS: tuple[Arguments, ...] = (("1",), (1.5,), (BEYOND,), (-BEYOND,), (None,))
NOT_FLOATS: tuple[Arguments, ...] = (("1",), (10**400,), (None,), (1j,))
COMPARISONS = ("__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__")


def _comparisons(cls: type[Any], start: Any) -> Iterator[Row]:
    for name in COMPARISONS:
        good = ((BIG,), (1.5,), (True,), (cls(start),), (Opaque(),), ("text",))
        yield Row(cls, name, VALUE, good, start=start)
    yield Row(
        cls, "__format__", "(self, format_spec, /)", (("",), ("20",)), ((1,), ("no such",)), start=start
    )


def _common(cls: type[Any], start: Any) -> Iterator[Row]:
    yield Row(cls, "__repr__", NONE, start=start)
    yield Row(cls, "__reduce__", NONE, good=(), bad=PLAIN, start=start)


def _atomic_int(cls: type[Any]) -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA) -> Row:
        return Row(cls, name, signature, good, bad, start=BIG)

    ints = ((BIG,), (-BIG,), (True,), (AtomicInt(BIG),))
    updates = ((lambda value: value ^ BIG,), (lambda value: True,))
    not_updates = ((fails,), (lambda value: "text",), (lambda value: BEYOND,), (None,))
    exchanges = ((BIG, BIG), (BIG, -BIG), (-BIG, BIG), (5, 6))
    not_exchanges = ((), (1,), (1, 2, 3), ("1", 2), (1, "2"), (BEYOND, 1), (1, BEYOND))
    for name in ("__bool__", "__int__", "__index__", "get", "load"):
        yield row(name, NONE)
    for name in ("set", "store", "get_and_set", "exchange", "max", "min"):
        yield row(name, VALUE, ints, NOT_INTS)
    for name in ("fetch_and", "fetch_or", "fetch_xor"):
        yield row(name, MASK, ints, NOT_INTS)
    for name in ("increment", "get_and_increment", "fetch_add"):
        yield row(name, STEP, ((), (7,), (-BIG,), (AtomicInt(-7),)), (*NOT_INTS, (2**63 - 1,), (1, 2)))
    for name in ("decrement", "get_and_decrement", "fetch_sub"):
        yield row(name, STEP, ((), (7,), (BIG,), (AtomicInt(-7),)), (*NOT_INTS, (-(2**63),), (1, 2)))
    yield row("compare_and_set", EXCHANGE, exchanges, not_exchanges)
    yield row("compare_and_exchange", EXCHANGE, exchanges, not_exchanges)
    yield row("update", FN, updates, not_updates)
    yield row("get_and_update", FN, updates, not_updates)
    yield row("__iadd__", VALUE, ((7,), (-BIG,), ("text",)), ((2**63 - 1,), (BEYOND,)))
    yield row("__isub__", VALUE, ((7,), (BIG,), (1.5,)), ((-(2**63),), (BEYOND,)))
    for name in ("__iand__", "__ior__", "__ixor__"):
        yield row(name, VALUE, ((7,), (BIG,), (1.5,)), ((BEYOND,), (-BEYOND,)))
    yield from _comparisons(cls, BIG)
    yield from _common(cls, BIG)


def _atomic_bool(cls: type[Any]) -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA) -> Row:
        return Row(cls, name, signature, good, bad)

    for name in ("__bool__", "get", "flip", "test_and_set", "clear"):
        yield row(name, NONE)
    for name in ("set", "get_and_set"):
        yield row(name, VALUE, ((True,), (False,), ([1],), ("",)), ((Opaque(),), (), (1, 2)))
    exchanges: tuple[Arguments, ...] = ((True, False), (False, True), (BIG, []))
    yield row("compare_and_set", EXCHANGE, exchanges, ((), (1,), (1, Opaque()), (Opaque(), 1)))
    yield from _comparisons(cls, True)
    yield from _common(cls, True)


def _atomic_float(cls: type[Any]) -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA) -> Row:
        return Row(cls, name, signature, good, bad, start=0.5)

    floats = ((1.5,), (-0.0,), (float("nan"),), (BIG,), (True,), (AtomicFloat(2.5),))
    updates = ((lambda value: value + 0.5,), (lambda value: BIG,))
    not_updates = ((fails,), (lambda value: "text",), (lambda value: 10**400,), (None,))
    for name in ("__bool__", "__float__", "get"):
        yield row(name, NONE)
    for name in ("set", "get_and_set", "max", "min"):
        yield row(name, VALUE, floats, NOT_FLOATS)
    yield row("increment", "(self, /, n=1.0)", ((), *floats), (*NOT_FLOATS, (1, 2)))
    exchanges: tuple[Arguments, ...] = ((0.5, 0.5), (0.5, 1.5), (1.5, 0.5), (BIG, 1))
    yield row("compare_and_set", EXCHANGE, exchanges, ((), (1,), ("1", 2), (1, "2"), (1, 10**400)))
    yield row("update", FN, updates, not_updates)
    yield from _comparisons(cls, 0.5)
    yield from _common(cls, 0.5)


def _atomic_ref(cls: type[Any]) -> Iterator[Row]:
    held, other = Token(), Token()

    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA) -> Row:
        return Row(cls, name, signature, good, bad, start=held)

    others = ((other,), (BIG,), (held,), (Opaque(),))
    updates = ((lambda value: other,), (lambda value: value,))
    exchanges = ((held, other), (held, held), (other, held), (BIG, BIG))
    yield row("get", NONE)
    yield row("set", VALUE, others, ((), (1, 2)))
    yield row("get_and_set", VALUE, others, ((), (1, 2)))
    yield row("compare_and_set", EXCHANGE, exchanges, ((), (1,), (1, 2, 3)))
    yield row("compare_and_exchange", EXCHANGE, exchanges, ((), (1,), (1, 2, 3)))
    yield row("update", FN, updates, ((fails,), (None,)))
    yield row("get_and_update", FN, updates, ((fails,), (None,)))
    yield row("__class_getitem__", NO_SIGNATURE, ((int,), ((int, str),)), ())
    yield from _common(cls, held)


def _sharded_counter(cls: type[Any]) -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA) -> Row:
        return Row(cls, name, signature, good, bad, start=BIG)

    steps = ((), (7,), (BIG,), (-BIG,), (2**63 - 1,), (-(2**63),), (AtomicInt(BIG),))
    yield row("increment", STEP, steps, (*NOT_INTS, (1, 2)))
    yield row("decrement", STEP, steps, (*NOT_INTS, (1, 2)))
    for name in ("get", "__int__", "__bool__"):
        yield row(name, NONE)
    # What it takes out must not be lost with the result that could not be made.
    yield Row(cls, "reset", NONE, PLAIN, EXTRA, loses=False, start=BIG)
    yield from _comparisons(cls, BIG)
    yield from _common(cls, BIG)


ATOMIC_OFFERS = (
    Offer(AtomicInt, "(value=0, *, wrapping=False)", _atomic_int),
    Offer(AtomicBool, "(value=False)", _atomic_bool),
    Offer(AtomicFloat, "(value=0.0)", _atomic_float),
    Offer(AtomicRef, "(value=None)", _atomic_ref),
    Offer(ShardedCounter, "(value=0)", _sharded_counter),
)
ATOMICS: tuple[type[Any], ...] = tuple(offer.cls for offer in ATOMIC_OFFERS)
