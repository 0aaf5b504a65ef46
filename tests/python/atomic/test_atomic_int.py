"""AtomicInt: what each method does, by one thread."""

import operator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raddle import AtomicBool, AtomicFloat, AtomicInt
from support.models import HIGH, LOW, OVERFLOW, int_model

INT64 = st.integers(LOW, HIGH) | st.integers(-3, 3) | st.sampled_from([LOW, LOW + 1, HIGH - 1, HIGH])
STEPS = ("increment", "decrement", "get_and_increment", "get_and_decrement", "fetch_add", "fetch_sub")


def call_of(name: str) -> st.SearchStrategy[tuple[str, tuple[int, ...]]]:
    if name in ("get", "load"):
        return st.just((name, ()))
    if name.startswith("compare"):
        return st.tuples(st.just(name), st.tuples(INT64, INT64))
    if name in STEPS:
        return st.tuples(st.just(name), st.tuples(INT64) | st.just(()))
    return st.tuples(st.just(name), st.tuples(INT64))


@given(INT64, st.lists(st.sampled_from(sorted(int_model(0).steps)).flatmap(call_of), max_size=20))
def test_does_what_the_sequential_object_does(start: int, calls: list[tuple[str, tuple[int, ...]]]) -> None:
    atomic, state, steps = AtomicInt(start), start, int_model(0).steps
    for name, arguments in calls:
        try:
            result = getattr(atomic, name)(*arguments)
        except OverflowError:
            result = OVERFLOW
        after, expected = steps[name](state, *arguments)
        state = after  # type: ignore[assignment]
        assert result == expected
        assert type(result) is type(expected)
        assert atomic.get() == state


@given(INT64, st.lists(st.tuples(st.sampled_from(STEPS), INT64), max_size=10))
def test_wrapping_is_arithmetic_modulo_two_to_the_64(start: int, calls: list[tuple[str, int]]) -> None:
    atomic, state = AtomicInt(start, wrapping=True), start
    for name, n in calls:
        after = state - n if name in ("decrement", "get_and_decrement", "fetch_sub") else state + n
        after = (after - LOW) % 2**64 + LOW
        expected = after if name in ("increment", "decrement") else state
        assert getattr(atomic, name)(n) == expected
        state = after
    assert atomic.get() == state


def test_starts_at_zero_or_the_value_given() -> None:
    assert AtomicInt().get() == 0
    assert AtomicInt(-7).get() == -7
    assert AtomicInt(value=7, wrapping=False).get() == 7
    with pytest.raises(TypeError, match="positional"):
        AtomicInt(1, True)  # type: ignore[misc]
    with pytest.raises(TypeError, match="keyword"):
        AtomicInt(start=1)  # type: ignore[call-arg]


def test_converts() -> None:
    assert int(AtomicInt(LOW)) == LOW
    assert operator.index(AtomicInt(HIGH)) == HIGH
    assert "abc"[AtomicInt(1)] == "b"
    assert float(AtomicInt(3)) == 3.0
    assert bool(AtomicInt(-1)) is True
    assert bool(AtomicInt()) is False
    assert AtomicInt(AtomicInt(5)).get() == 5
    assert AtomicInt(True).get() == 1
    assert not isinstance(AtomicInt(), int)


@pytest.mark.parametrize(
    ("sign", "operand", "expected"),
    [("iadd", 5, 17), ("isub", 5, 7), ("iand", 6, 4), ("ior", 3, 15), ("ixor", 6, 10)],
)
def test_in_place_operators_change_the_object_itself(sign: str, operand: int, expected: int) -> None:
    for argument in (operand, AtomicInt(operand)):
        atomic = AtomicInt(12)
        assert getattr(operator, sign)(atomic, argument) is atomic
        assert atomic.get() == expected


def test_in_place_operators_by_their_signs() -> None:
    atomic = same = AtomicInt(12)
    atomic += 5
    atomic -= 1
    atomic &= 24
    atomic |= 3
    atomic ^= 1
    assert atomic is same
    assert atomic.get() == ((16 & 24) | 3) ^ 1
    atomic += atomic
    assert atomic.get() == 36


@pytest.mark.parametrize(
    "sign",
    [
        "add",
        "sub",
        "mul",
        "truediv",
        "floordiv",
        "mod",
        "pow",
        "lshift",
        "rshift",
        "and_",
        "or_",
        "xor",
        "matmul",
    ],
)
def test_operators_that_could_not_be_atomic_are_type_errors(sign: str) -> None:
    for left, right in ((AtomicInt(8), 2), (2, AtomicInt(8)), (AtomicInt(8), AtomicInt(2))):
        with pytest.raises(TypeError, match="unsupported operand"):
            getattr(operator, sign)(left, right)


@pytest.mark.parametrize(
    "sign", ["imul", "itruediv", "ifloordiv", "imod", "ipow", "ilshift", "irshift", "imatmul"]
)
def test_in_place_operators_that_could_not_be_atomic_are_type_errors(sign: str) -> None:
    atomic = AtomicInt(8)
    with pytest.raises(TypeError, match="unsupported operand"):
        getattr(operator, sign)(atomic, 2)
    assert atomic.get() == 8


def test_wrapping_in_place() -> None:
    atomic = AtomicInt(HIGH, wrapping=True)
    atomic += 1
    assert atomic.get() == LOW
    atomic -= 1
    assert atomic.get() == HIGH


@pytest.mark.parametrize("other", [3, 3.0, AtomicInt(3), AtomicFloat(3.0)])
def test_compares_by_value(other: Any) -> None:
    three, four = AtomicInt(3), AtomicInt(4)
    assert three == other
    assert other == three
    assert four != other
    assert four > other
    assert other < four
    assert three <= other <= three
    assert four >= other
    assert not three < other
    assert not other > three


def test_compares_exactly_where_floats_cannot() -> None:
    assert AtomicInt(2**53 + 1) != AtomicFloat(2.0**53)
    assert AtomicInt(2**53 + 1) > 2.0**53
    assert AtomicInt(1) == AtomicBool(True)
    assert AtomicInt(1) == True  # noqa: E712
    assert AtomicInt(HIGH) < 2**70
    assert AtomicInt(0) != float("nan")


def test_is_unequal_to_and_not_ordered_with_other_things() -> None:
    assert AtomicInt(1) != "1"
    assert AtomicInt(1) != None  # noqa: E711
    with pytest.raises(TypeError, match="not supported between"):
        assert AtomicInt(1) < "1"  # type: ignore[operator]


def test_repr() -> None:
    assert repr(AtomicInt(-3)) == "AtomicInt(-3)"
    assert repr(AtomicInt(LOW, wrapping=True)) == f"AtomicInt({LOW}, wrapping=True)"
    assert str(AtomicInt(7)) == "AtomicInt(7)"
