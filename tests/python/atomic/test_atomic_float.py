"""AtomicFloat: what each method does, by one thread; the values that are special among floats."""

import math
import operator
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raddle import AtomicFloat, AtomicInt

FLOATS = st.floats() | st.sampled_from([0.0, -0.0, 1.0, math.inf, -math.inf, math.nan, 5e-324])
NAN, INF = math.nan, math.inf


def bits(value: float) -> int:
    return int(struct.unpack("<Q", struct.pack("<d", value))[0])


def of_bits(pattern: int) -> float:
    return float(struct.unpack("<d", struct.pack("<Q", pattern))[0])


@given(FLOATS, FLOATS, FLOATS)
def test_keeps_every_bit(start: float, expected: float, desired: float) -> None:
    atomic = AtomicFloat(start)
    assert bits(atomic.get()) == bits(start)
    assert atomic.compare_and_set(expected, desired) is (bits(start) == bits(expected))
    atomic.set(desired)
    assert bits(atomic.get_and_set(start)) == bits(desired)
    assert atomic.compare_and_set(start, desired) is True
    assert bits(float(atomic)) == bits(desired)


@given(FLOATS, FLOATS)
def test_arithmetic_is_that_of_float(start: float, n: float) -> None:
    atomic = AtomicFloat(start)
    result = atomic.increment(n)
    assert result == start + n or math.isnan(start + n)
    assert bits(atomic.get()) == bits(result)


def test_compare_and_set_tells_nans_and_zeros_apart() -> None:
    quiet, other = of_bits(0x7FF8000000000000), of_bits(0x7FF8000000000001)
    atomic = AtomicFloat(quiet)
    assert not atomic.compare_and_set(other, 1.0)
    assert atomic.compare_and_set(quiet, -0.0)
    assert not atomic.compare_and_set(0.0, 1.0)
    assert atomic.compare_and_set(-0.0, other)
    assert bits(atomic.get()) == bits(other)


@pytest.mark.parametrize(
    ("a", "b", "larger", "smaller"),
    [
        (1.0, 2.0, 2.0, 1.0),
        (-0.0, 0.0, 0.0, -0.0),
        (0.0, -0.0, 0.0, -0.0),
        (-INF, INF, INF, -INF),
        (NAN, 1.0, NAN, NAN),
        (1.0, NAN, NAN, NAN),
        (INF, NAN, NAN, NAN),
        (NAN, -INF, NAN, NAN),
        (5e-324, 0.0, 5e-324, 0.0),
    ],
)
def test_max_and_min(a: float, b: float, larger: float, smaller: float) -> None:
    for method, expected in (("max", larger), ("min", smaller)):
        atomic = AtomicFloat(a)
        result = getattr(atomic, method)(b)
        assert bits(result) == bits(expected)
        assert bits(atomic.get()) == bits(expected)


def test_overflows_to_infinity() -> None:
    atomic = AtomicFloat(1.7e308)
    assert atomic.increment(1.7e308) == INF
    assert math.isnan(atomic.increment(-INF))


def test_increments_by_one_by_default() -> None:
    atomic = AtomicFloat()
    assert atomic.increment() == 1.0
    assert atomic.increment(n=0.5) == 1.5
    assert type(atomic.increment(2)) is float


def test_update_works_on_a_nan() -> None:
    atomic = AtomicFloat(NAN)
    assert atomic.update(lambda value: 1.0 if math.isnan(value) else 2.0) == 1.0
    assert atomic.update(lambda value: 3) == 3.0
    assert type(atomic.update(lambda value: 4)) is float


def test_starts_with_any_real_number() -> None:
    assert AtomicFloat().get() == 0.0
    assert AtomicFloat(3).get() == 3.0
    assert AtomicFloat(value=True).get() == 1.0
    assert AtomicFloat(AtomicInt(7)).get() == 7.0
    assert AtomicFloat(AtomicFloat(7.5)).get() == 7.5


def test_converts_and_compares_by_value() -> None:
    assert float(AtomicFloat(1.5)) == 1.5
    assert bool(AtomicFloat(NAN)) is True
    assert bool(AtomicFloat(-0.0)) is False
    assert AtomicFloat(1.5) == 1.5
    assert AtomicFloat(1.5) == AtomicFloat(1.5)
    assert AtomicFloat(-0.0) == AtomicFloat(0.0)
    assert AtomicFloat(NAN) != AtomicFloat(NAN)
    assert AtomicFloat(1.5) < 2 < AtomicFloat(2.5)
    assert not AtomicFloat(NAN) < 1.0
    assert AtomicFloat(1.0) != "1.0"
    with pytest.raises(TypeError, match="not supported between"):
        assert AtomicFloat(1.0) < "2"  # type: ignore[operator]


@pytest.mark.parametrize("sign", ["add", "mul", "iadd", "isub", "truediv", "pow"])
def test_has_no_operators(sign: str) -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        getattr(operator, sign)(AtomicFloat(1.0), 1.0)


def test_is_no_integer() -> None:
    with pytest.raises(TypeError):
        operator.index(AtomicFloat(1.0))  # type: ignore[arg-type]


def test_repr() -> None:
    assert repr(AtomicFloat(0.1)) == "AtomicFloat(0.1)"
    assert repr(AtomicFloat(-INF)) == "AtomicFloat(-inf)"
    assert repr(AtomicFloat(NAN)) == "AtomicFloat(nan)"
