"""ShardedCounter: what each method does, by one thread and by many in turn; sums beyond 64 bits."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raddle import AtomicInt, ShardedCounter
from support.models import HIGH, LOW
from support.threads import parallelize

INT64 = st.integers(LOW, HIGH) | st.integers(-3, 3) | st.sampled_from([LOW, LOW + 1, HIGH - 1, HIGH])


@given(INT64, st.lists(st.tuples(st.sampled_from(["increment", "decrement", "reset"]), INT64), max_size=30))
def test_the_sum_is_exact(start: int, calls: list[tuple[str, int]]) -> None:
    counter, total = ShardedCounter(start), start
    for name, n in calls:
        if name == "reset":
            assert counter.reset() == total
            total = 0
        else:
            assert getattr(counter, name)(n) is None
            total += n if name == "increment" else -n
        assert counter.get() == total
        assert int(counter) == total
        assert repr(counter) == f"ShardedCounter({total})"


def test_steps_by_one_by_default() -> None:
    counter = ShardedCounter()
    assert counter.get() == 0
    counter.increment()
    counter.increment(n=5)
    counter.decrement()
    counter.decrement(n=AtomicInt(2))
    assert counter.get() == 3


@pytest.mark.parametrize(
    ("method", "step", "sign"), [("increment", HIGH, 1), ("increment", LOW, 1), ("decrement", LOW, -1)]
)
def test_the_sum_grows_beyond_64_bits(method: str, step: int, sign: int) -> None:
    counter, rounds = ShardedCounter(), 50

    def add(number: int) -> None:
        for _ in range(rounds):
            getattr(counter, method)(step)

    parallelize(add, 4)
    expected = sign * step * rounds * 4
    assert abs(expected) > 2**70
    assert counter.get() == expected
    assert counter.reset() == expected
    assert counter.get() == 0


def test_threads_that_cancel_each_other_leave_nothing() -> None:
    counter = ShardedCounter(-5)

    def add(number: int) -> None:
        for _ in range(100):
            counter.increment(HIGH if number % 2 else -HIGH)

    parallelize(add, 4)
    assert counter.get() == -5


def test_counts_of_ended_threads_stay() -> None:
    counter = ShardedCounter()
    for expected in range(1, 40):
        parallelize(lambda _: counter.increment(), 1)
        assert counter.get() == expected


def test_is_compared_by_value() -> None:
    counter = ShardedCounter(7)
    counter.increment()
    assert counter == 8 == counter
    assert counter == AtomicInt(8)
    assert counter == ShardedCounter(8)
    assert 7.5 < counter < 2**70
    assert counter
    assert not ShardedCounter()
    assert counter != "8"  # type: ignore[comparison-overlap]


@pytest.mark.parametrize("sign", ["add", "iadd", "isub", "index"])
def test_has_no_operators(sign: str) -> None:
    arguments = (ShardedCounter(),) if sign == "index" else (ShardedCounter(), 1)
    with pytest.raises(TypeError):
        getattr(operator, sign)(*arguments)
