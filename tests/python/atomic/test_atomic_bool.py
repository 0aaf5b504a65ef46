"""AtomicBool: what each method does, by one thread."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raddle import AtomicBool, AtomicFloat, AtomicInt
from support.models import bool_model


def call_of(name: str) -> st.SearchStrategy[tuple[str, tuple[bool, ...]]]:
    count = {"set": 1, "get_and_set": 1, "compare_and_set": 2}.get(name, 0)
    return st.tuples(st.just(name), st.tuples(*[st.booleans()] * count))


@given(
    st.booleans(), st.lists(st.sampled_from(sorted(bool_model(False).steps)).flatmap(call_of), max_size=20)
)
def test_does_what_the_sequential_object_does(start: bool, calls: list[tuple[str, tuple[bool, ...]]]) -> None:
    atomic, state, steps = AtomicBool(start), start, bool_model(False).steps
    for name, arguments in calls:
        after, expected = steps[name](state, *arguments)
        state = after  # type: ignore[assignment]
        assert getattr(atomic, name)(*arguments) is expected
        assert atomic.get() is state


def test_starts_with_the_truth_of_any_object() -> None:
    assert AtomicBool().get() is False
    assert AtomicBool([]).get() is False
    assert AtomicBool("no").get() is True
    assert AtomicBool(value=AtomicInt(2)).get() is True


def test_takes_the_truth_of_any_object() -> None:
    atomic = AtomicBool()
    atomic.set([0])
    assert atomic.get() is True
    assert atomic.get_and_set("") is True
    assert atomic.compare_and_set(None, 5) is True
    assert atomic.get() is True


def test_converts_and_compares_by_value() -> None:
    assert bool(AtomicBool(True)) is True
    assert bool(AtomicBool(False)) is False
    assert AtomicBool(True) == True  # noqa: E712
    assert AtomicBool(True) == 1
    assert AtomicBool(True) == AtomicBool(True)
    assert AtomicBool(True) != AtomicBool(False)
    assert AtomicBool(False) < AtomicBool(True)
    assert AtomicBool(True) == AtomicFloat(1.0)
    assert AtomicInt(0) == AtomicBool(False)
    assert AtomicBool(True) != "True"
    with pytest.raises(TypeError, match="not supported between"):
        assert AtomicBool(True) < "True"  # type: ignore[operator]


@pytest.mark.parametrize("sign", ["add", "and_", "or_", "xor", "iand", "ior", "ixor", "invert", "neg"])
def test_has_no_operators(sign: str) -> None:
    arguments = (AtomicBool(True),) if sign in ("invert", "neg") else (AtomicBool(True), True)
    with pytest.raises(TypeError, match="operand type"):
        getattr(operator, sign)(*arguments)


def test_repr() -> None:
    assert repr(AtomicBool()) == "AtomicBool(False)"
    assert repr(AtomicBool(True)) == "AtomicBool(True)"
