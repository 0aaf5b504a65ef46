"""pin(): what it takes, what it refuses, and that a pinned object's count is left alone."""

import gc
import re
import sys
import weakref
from contextlib import suppress
from typing import Any

import pytest
import raddle
from raddle import AtomicInt, AtomicRef, pin
from support.interpreter import COUNTING, only_where_pin_makes_immortal
from support.surface_atomics import ATOMICS
from support.threads import parallelize, run_together

IMMORTAL = 2**32 - 1  # what CPython 3.13t shows as the count of an object that is not counted


@pytest.mark.parametrize("cls", ATOMICS)
def test_returns_the_object_however_often(cls: Any) -> None:
    atomic = cls(1)
    assert pin(atomic) is atomic
    assert pin(atomic) is atomic
    assert atomic.get() == 1


@pytest.mark.parametrize("cls", ATOMICS)
def test_takes_objects_of_subclasses(cls: Any) -> None:
    class Derived(cls):  # type: ignore[misc]
        pass

    atomic = pin(Derived(1))
    atomic.note = "kept"
    assert parallelize(lambda _: atomic.get(), 2) == [1, 1]


@pytest.mark.parametrize("thing", [5, "text", None, object(), AtomicInt, raddle])
def test_refuses_everything_else(thing: Any) -> None:
    text = f"pin() takes an object of a raddle class, not '{type(thing).__name__}'"
    with pytest.raises(TypeError, match=f"^{re.escape(text)}$"):
        pin(thing)


def test_takes_exactly_one_argument() -> None:
    with pytest.raises(TypeError, match="exactly one argument"):
        pin()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="keyword"):
        pin(obj=AtomicInt())  # type: ignore[call-arg]


def test_says_how_pinned_objects_are_counted() -> None:
    assert raddle._raddle.counting_of_pinned == COUNTING


@only_where_pin_makes_immortal
@pytest.mark.parametrize("cls", ATOMICS)
def test_refuses_an_object_of_another_thread(cls: Any) -> None:
    atomic = cls(1)
    with pytest.raises(RuntimeError, match=r"^pin\(\) must be called in the thread that created the object"):
        parallelize(lambda _: pin(atomic), 1)
    assert atomic.get() == 1
    assert pin(atomic) is atomic
    assert parallelize(lambda _: pin(atomic) is atomic, 1) == [True]


@pytest.mark.skipif(COUNTING == "immortal", reason="in CPython 3.13t only the creating thread can pin")
@pytest.mark.parametrize("cls", ATOMICS)
def test_any_thread_may_pin(cls: Any) -> None:
    atomic = cls(1)
    assert parallelize(lambda _: pin(atomic) is atomic, 2) == [True, True]


@only_where_pin_makes_immortal
@pytest.mark.parametrize("cls", ATOMICS)
def test_the_count_of_a_pinned_object_is_never_written(cls: Any) -> None:
    atomic = pin(cls(1))
    counts = [sys.getrefcount(atomic)]
    held = [atomic] * 100
    counts.append(sys.getrefcount(atomic))
    counts += parallelize(lambda _: (atomic.get(), sys.getrefcount(atomic))[1], 2)
    held.clear()
    gc.collect()
    counts.append(sys.getrefcount(atomic))
    assert len(set(counts)) == 1


@only_where_pin_makes_immortal
def test_a_plain_object_would_not_pass_that() -> None:
    atomic = AtomicInt()
    before = sys.getrefcount(atomic)
    held = [atomic] * 100
    assert sys.getrefcount(atomic) == before + len(held)


@only_where_pin_makes_immortal
def test_a_pinned_object_lives_on_with_what_it_holds() -> None:
    class Payload:
        pass

    payload = Payload()
    atomic: AtomicRef[Payload] = pin(AtomicRef(payload))
    ends: list[weakref.ref[Any]] = [weakref.ref(atomic), weakref.ref(payload)]
    del atomic, payload
    gc.collect()
    assert all(end() is not None for end in ends)


@pytest.mark.skipif(COUNTING != "plain", reason="with the GIL pin() does nothing; without it objects live on")
def test_with_a_gil_a_pinned_object_ends_as_before() -> None:
    atomic = pin(AtomicInt())
    end = weakref.ref(atomic)
    del atomic
    assert end() is None


def test_an_object_that_others_have_used_first_works_on() -> None:
    """Other threads have taken and dropped references: pin() may refuse, but must not break anything."""
    for _ in range(200):
        atomic = AtomicInt()
        run_together(atomic.increment)
        with suppress(RuntimeError):
            pin(atomic)
        assert atomic.increment() == 2
    gc.collect()


@only_where_pin_makes_immortal
@pytest.mark.slow_under_tsan
def test_a_reference_dropped_at_the_same_moment_does_not_undo_it() -> None:
    # The other thread drops references that the creator counted, which may queue the object for its creator
    # to merge the counts. Either pin() says that it came too late, or the object stays pinned.
    rounds = 600_000
    boxes: list[list[AtomicInt]] = [[] for _ in range(rounds)]
    filled = pin(AtomicInt(-1))
    pinned: list[AtomicInt] = []

    def create() -> None:
        tell, keep = filled.set, pinned.append
        for number in range(rounds):
            atomic = AtomicInt()
            boxes[number].append(atomic)
            tell(number)
            for _ in range(24 + number % 32):  # about as long as the other thread takes to notice
                pass
            try:
                keep(pin(atomic))
            except RuntimeError:
                continue

    def drop() -> None:
        seen = filled.get
        for number in range(rounds):
            drop_now = boxes[number].clear
            while seen() < number:
                pass
            drop_now()

    run_together(create, drop)
    assert len(pinned) > rounds // 100
    assert [count for count in map(sys.getrefcount, pinned) if count != IMMORTAL] == []
