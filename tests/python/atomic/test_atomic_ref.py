"""AtomicRef: what each method does, by one thread. Identity, not equality."""

import sys
import typing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raddle import AtomicRef
from support.models import ref_model
from support.rows import Opaque


class Token:
    """Equal only to itself."""


TOKENS = [Token() for _ in range(3)]
TOKEN = st.sampled_from(TOKENS)


def call_of(name: str) -> st.SearchStrategy[tuple[str, tuple[Token, ...]]]:
    count = {"get": 0, "set": 1, "get_and_set": 1}.get(name, 2)
    return st.tuples(st.just(name), st.tuples(*[TOKEN] * count))


@given(TOKEN, st.lists(st.sampled_from(sorted(ref_model(0).steps)).flatmap(call_of), max_size=20))
def test_does_what_the_sequential_object_does(
    start: Token, calls: list[tuple[str, tuple[Token, ...]]]
) -> None:
    atomic, state, steps = AtomicRef(start), start, ref_model(0).steps
    for name, arguments in calls:
        after, expected = steps[name](state, *arguments)
        state = after  # type: ignore[assignment]
        assert getattr(atomic, name)(*arguments) is expected
        assert atomic.get() is state


def test_starts_with_none_or_the_value_given() -> None:
    assert AtomicRef[Any]().get() is None
    value = object()
    assert AtomicRef(value).get() is value
    assert AtomicRef(value=value).get() is value


def test_compares_the_object_by_identity() -> None:
    one, equal = (1, *[2]), (1, *[2])
    atomic = AtomicRef(one)
    assert not atomic.compare_and_set(equal, ())
    assert atomic.compare_and_exchange(equal, ()) is one
    assert atomic.get() is one
    assert atomic.compare_and_set(expected=one, desired=equal)
    assert atomic.compare_and_exchange(equal, one) is equal
    assert atomic.get() is one


def test_never_asks_an_object_whether_it_is_equal_or_true() -> None:
    one, other = Opaque(), Opaque()
    atomic = AtomicRef(one)
    assert not atomic.compare_and_set(other, other)
    assert atomic.compare_and_set(one, other)
    assert atomic.compare_and_exchange(one, one) is other
    assert atomic.get_and_set(one) is other
    assert atomic.update(lambda value: value) is one


def test_update() -> None:
    atomic: AtomicRef[list[int]] = AtomicRef([1])
    first = atomic.get()
    second = atomic.update(lambda value: [*value, 2])
    assert second == [1, 2]
    assert atomic.get() is second
    assert atomic.get_and_update(lambda value: first) is second
    assert atomic.get() is first


def test_references_differ_unless_they_are_the_same() -> None:
    one, other = AtomicRef(1), AtomicRef(1)
    assert one == one
    assert one != other
    assert len({one, other, one}) == 2
    assert hash(one) == object.__hash__(one)
    with pytest.raises(TypeError, match="not supported between"):
        assert one < other  # type: ignore[operator]


def test_repr_shows_the_object_and_survives_recursion() -> None:
    assert repr(AtomicRef("a")) == "AtomicRef('a')"
    atomic: AtomicRef[Any] = AtomicRef()
    atomic.set(atomic)
    assert repr(atomic) == "AtomicRef(AtomicRef(...))"
    atomic.set([atomic])
    assert repr(atomic) == "AtomicRef([AtomicRef(...)])"
    atomic.set(None)
    assert repr(atomic) == "AtomicRef(None)"


def test_repr_passes_on_what_the_object_raises() -> None:
    class Shy:
        def __repr__(self) -> str:
            raise ZeroDivisionError

    atomic = AtomicRef(Shy())
    for _ in range(2):  # The second time shows that the first one has cleaned up.
        with pytest.raises(ZeroDivisionError):
            repr(atomic)


def test_repr_survives_that_the_object_replaces_itself() -> None:
    atomic: AtomicRef[Any] = AtomicRef()

    class Restless:
        def __repr__(self) -> str:
            atomic.set(None)
            return "restless"

    atomic.set(Restless())
    assert repr(atomic) == "AtomicRef(restless)"
    assert atomic.get() is None


def test_subscript_is_for_annotations() -> None:
    alias = AtomicRef[int]
    assert typing.get_origin(alias) is AtomicRef
    assert typing.get_args(alias) == (int,)
    assert repr(alias) == "raddle.AtomicRef[int]"
    made = alias(5)
    assert type(made) is AtomicRef
    assert made.get() == 5


def test_holds_one_reference() -> None:
    value = ["fresh"]
    before = sys.getrefcount(value)
    atomic = AtomicRef(value)
    assert sys.getrefcount(value) == before + 1
    assert atomic.compare_and_set(value, value)
    assert atomic.get_and_set(value) is value
    assert sys.getrefcount(value) == before + 1
    del atomic
    assert sys.getrefcount(value) == before
