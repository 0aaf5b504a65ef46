"""What methods make of arguments: wrong types, numbers that do not fit, objects that convert themselves."""

import re
from typing import Any

import pytest
from raddle import AtomicBool, AtomicFloat, AtomicInt, AtomicRef, ShardedCounter
from support.awkward import Converts, raiser
from support.models import HIGH, LOW
from support.rows import Row
from support.surface import ROWS
from support.surface_atomics import COMPARISONS
from support.threads import parallelize

TOO_BIG = "int too big to convert"
NO_INT = "'{}' object cannot be interpreted as an integer"

INT_METHODS = [
    *((AtomicInt, name) for name in ("set", "store", "get_and_set", "exchange", "max", "min")),
    *((AtomicInt, name) for name in ("fetch_and", "fetch_or", "fetch_xor")),
    *((AtomicInt, name) for name in ("increment", "get_and_increment", "fetch_add")),
    *((AtomicInt, name) for name in ("decrement", "get_and_decrement", "fetch_sub")),
    *((ShardedCounter, name) for name in ("increment", "decrement")),
]
INT_IN_PLACE = ["__iadd__", "__isub__", "__iand__", "__ior__", "__ixor__"]
FLOAT_METHODS = ["set", "increment", "get_and_set", "max", "min"]
BOOL_METHODS = ["set", "get_and_set"]


def state(atomic: Any) -> object:
    return repr(atomic)


BAD = [(row, place) for row in ROWS for place in range(len(row.bad))]


@pytest.mark.parametrize(("row", "place"), BAD, ids=lambda item: str(item))
def test_a_refused_call_changes_nothing(row: Row, place: int) -> None:
    target = row.make()
    before = state(target)
    with pytest.raises(row.raises):
        row.bind(target)(*row.bad[place])
    assert state(target) == before


@pytest.mark.parametrize(("cls", "method"), INT_METHODS)
def test_messages_of_integer_methods(cls: Any, method: str) -> None:
    call = getattr(cls(), method)
    for wrong, kind in (
        ("1", "str"),
        (1.5, "float"),
        (None, "NoneType"),
        (AtomicFloat(1.0), "raddle.AtomicFloat"),
    ):
        with pytest.raises(TypeError, match=f"^{re.escape(NO_INT.format(kind))}$"):
            call(wrong)
    for huge in (HIGH + 1, LOW - 1, 10**5000, Converts(HIGH + 1)):
        with pytest.raises(OverflowError, match=f"^{TOO_BIG}$"):
            call(huge)


@pytest.mark.parametrize("cls", [AtomicInt, ShardedCounter])
def test_messages_of_integer_constructors(cls: Any) -> None:
    with pytest.raises(TypeError, match=f"^{NO_INT.format('str')}$"):
        cls("1")
    for huge in (HIGH + 1, LOW - 1):
        with pytest.raises(OverflowError, match=f"^{TOO_BIG}$"):
            cls(huge)


@pytest.mark.parametrize("method", INT_IN_PLACE)
def test_messages_of_in_place_operators(method: str) -> None:
    with pytest.raises(OverflowError, match=f"^{TOO_BIG}$"):
        getattr(AtomicInt(), method)(HIGH + 1)
    assert getattr(AtomicInt(), method)("1") is NotImplemented
    atomic = AtomicInt()
    with pytest.raises(
        TypeError, match=r"^unsupported operand type\(s\) for \+=: 'raddle\.AtomicInt' and 'str'$"
    ):
        atomic += "1"  # type: ignore[arg-type]


@pytest.mark.parametrize("method", FLOAT_METHODS)
def test_messages_of_float_methods(method: str) -> None:
    call = getattr(AtomicFloat(), method)
    with pytest.raises(TypeError, match=r"^must be real number, not str$"):
        call("1")
    with pytest.raises(OverflowError, match=r"^int too large to convert to float$"):
        call(10**400)


def test_messages_of_calls_with_wrong_arguments() -> None:
    atomic = AtomicInt()
    with pytest.raises(TypeError, match=r"^increment\(\) takes at most 1 argument \(2 given\)$"):
        atomic.increment(1, 2)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"^increment\(\) got an unexpected keyword argument 'step'$"):
        atomic.increment(step=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"^increment\(\) got multiple values for argument 'n'$"):
        atomic.increment(1, n=1)  # type: ignore[misc]
    with pytest.raises(
        TypeError, match=r"^compare_and_set\(\) missing required argument 'desired' \(pos 2\)$"
    ):
        atomic.compare_and_set(1)  # type: ignore[call-arg]
    with pytest.raises(
        TypeError, match=r"^compare_and_set\(\) missing required argument 'expected' \(pos 1\)$"
    ):
        atomic.compare_and_set(desired=1)  # type: ignore[call-arg]
    assert atomic.get() == 0


OVERFLOWS = [
    *(
        (name, HIGH, n)
        for name in ("increment", "get_and_increment", "fetch_add", "__iadd__")
        for n in (1, HIGH)
    ),
    *(
        (name, LOW, n)
        for name in ("increment", "get_and_increment", "fetch_add", "__iadd__")
        for n in (-1, LOW)
    ),
    *(
        (name, LOW, n)
        for name in ("decrement", "get_and_decrement", "fetch_sub", "__isub__")
        for n in (1, HIGH)
    ),
    *(
        (name, HIGH, n)
        for name in ("decrement", "get_and_decrement", "fetch_sub", "__isub__")
        for n in (-1, LOW)
    ),
    *((name, 0, LOW) for name in ("decrement", "get_and_decrement", "fetch_sub", "__isub__")),
]


@pytest.mark.parametrize(("method", "start", "n"), OVERFLOWS)
def test_overflow_is_refused_and_says_what_does_not_fit(method: str, start: int, n: int) -> None:
    atomic = AtomicInt(start)
    sign = "-" if method in ("decrement", "get_and_decrement", "fetch_sub", "__isub__") else "+"
    text = f"AtomicInt holds 64 bits: {start} {sign} {n} does not fit"
    with pytest.raises(OverflowError, match=f"^{re.escape(text)}$"):
        getattr(atomic, method)(n)
    assert atomic.get() == start


@pytest.mark.parametrize("method", ["increment", "get_and_increment", "decrement", "get_and_decrement"])
def test_no_overflow_up_to_the_very_ends(method: str) -> None:
    up = method.endswith("increment")
    atomic = AtomicInt(HIGH - 1 if up else LOW + 1)
    getattr(atomic, method)()
    assert atomic.get() == (HIGH if up else LOW)
    getattr(atomic, method)(-HIGH)
    getattr(atomic, method)(0)
    assert atomic.get() == (0 if up else -1)


class Number(int):
    """A subclass whose own conversions must not be asked: it is an int already."""

    def __index__(self) -> int:
        raise AssertionError

    __int__ = __index__


def test_subclasses_of_numbers_are_taken_and_plain_ones_come_back() -> None:
    class Real(float):
        pass

    integer, real = AtomicInt(Number(5)), AtomicFloat(Real(1.5))
    assert integer.get_and_set(Number(6)) == 5
    assert type(integer.get()) is int
    assert type(integer.update(lambda value: Number(7))) is int
    assert type(integer.update(lambda value: True)) is int
    assert real.get_and_set(Real(2.5)) == 1.5
    assert type(real.get()) is float
    assert type(real.update(lambda value: Real(3.5))) is float


def test_objects_with_a_conversion_are_taken() -> None:
    atomic = AtomicInt(Converts(5))
    assert atomic.increment(Converts(2)) == 7
    assert atomic.compare_and_set(Converts(7), Converts(8))
    atomic += Converts(1)
    assert atomic.update(lambda value: Converts(value * 2)) == 18
    counter = ShardedCounter(Converts(3))
    counter.decrement(Converts(1))
    assert counter.get() == 2
    assert AtomicFloat(Converts(0.5)).increment(Converts(0.25)) == 0.75
    flag = AtomicBool(Converts(True))
    assert flag.get_and_set(Converts(False)) is True
    assert flag.compare_and_set(Converts(False), Converts(True)) is True


CONVERTING = [
    *((row, name) for row, name in INT_METHODS),
    *((AtomicInt, name) for name in INT_IN_PLACE),
    *((AtomicFloat, name) for name in FLOAT_METHODS),
    *((AtomicBool, name) for name in BOOL_METHODS),
]


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize(("cls", "method"), CONVERTING)
def test_what_a_conversion_raises_reaches_the_caller_and_changes_nothing(
    cls: Any, method: str, error: type[BaseException]
) -> None:
    atomic = cls(1)
    before = state(atomic)
    with pytest.raises(error):
        getattr(atomic, method)(Converts(1, raiser(error)))
    assert state(atomic) == before


@pytest.mark.parametrize(("cls", "method"), CONVERTING)
def test_a_conversion_may_end_the_thread(cls: Any, method: str) -> None:
    atomic = cls(1)
    before = state(atomic)
    with pytest.raises(SystemExit):
        parallelize(lambda _: getattr(atomic, method)(Converts(1, raiser(SystemExit))), 1)
    assert state(atomic) == before


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("cls", [AtomicInt, AtomicFloat, AtomicBool])
def test_either_argument_of_an_exchange_may_raise(cls: Any, place: int) -> None:
    atomic = cls(1)
    arguments: list[Any] = [1, 0]
    arguments[place] = Converts(1, raiser(ZeroDivisionError))
    with pytest.raises(ZeroDivisionError):
        atomic.compare_and_set(*arguments)
    assert atomic.get() == 1


@pytest.mark.parametrize("make", [AtomicInt, AtomicBool, AtomicFloat, ShardedCounter])
def test_a_constructor_passes_on_what_a_conversion_raises(make: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        make(Converts(1, raiser(ZeroDivisionError)))


def test_a_conversion_may_use_the_same_object() -> None:
    atomic = AtomicInt(1)
    assert atomic.increment(Converts(1, atomic.increment)) == 3
    assert atomic.get_and_set(Converts(5, lambda: atomic.set(4))) == 4
    assert atomic.compare_and_set(5, Converts(7, lambda: atomic.set(6))) is False
    assert atomic.compare_and_set(6, Converts(6, atomic.increment)) is False
    assert atomic.get() == 7
    atomic += Converts(1, lambda: atomic.set(10))
    assert atomic.get() == 11
    assert atomic.max(Converts(12, lambda: atomic.set(20))) == 20
    counter = ShardedCounter()
    counter.increment(Converts(2, counter.reset))
    assert counter.get() == 2
    flag = AtomicBool()
    assert flag.get_and_set(Converts(False, flag.flip)) is True
    real = AtomicFloat(1.0)
    assert real.increment(Converts(0.5, lambda: real.set(2.0))) == 2.5


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_comparison_leaves_other_types_their_say(name: str) -> None:
    assert getattr(AtomicInt(1), name)("1") is NotImplemented
    assert getattr(AtomicBool(), name)(None) is NotImplemented
    assert getattr(AtomicFloat(), name)(1j) is NotImplemented
    assert getattr(AtomicInt(1), name)(AtomicRef(1)) is NotImplemented
    assert getattr(ShardedCounter(1), name)(AtomicRef(1)) is NotImplemented


def test_wrapping_is_the_truth_of_any_object() -> None:
    assert repr(AtomicInt(wrapping=[0])) == "AtomicInt(0, wrapping=True)"
    with pytest.raises(ZeroDivisionError):
        AtomicInt(wrapping=Converts(True, raiser(ZeroDivisionError)))
