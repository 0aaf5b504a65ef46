"""Subclasses of queues: which are refused, and what the others may do."""

import abc
import gc
from typing import Any, Generic, TypeVar

import pytest
from raddle import LifoQueue, PriorityQueue, Queue
from support.surface_queues import QUEUES

T = TypeVar("T")
BOUNDED = [Queue, LifoQueue, PriorityQueue]
HOOKS = ["_init", "_put", "_get", "_qsize"]
every_class = pytest.mark.parametrize("cls", QUEUES)
every_bounded_class = pytest.mark.parametrize("cls", BOUNDED)


@every_bounded_class
@pytest.mark.parametrize("hook", HOOKS)
def test_a_subclass_that_overrides_a_hook_is_refused(cls: Any, hook: str) -> None:
    class Mixin:
        pass

    setattr(Mixin, hook, lambda self, *arguments: None)
    message = rf"^raddle's queues never call {hook}\(\): wrap a queue .* LifoQueue or PriorityQueue$"
    for bases, namespace in [
        ((cls,), {hook: lambda self: None}),
        ((cls,), {hook: None}),
        ((Mixin, cls), {}),
        ((cls, Mixin), {}),
        ((type("Between", (cls,), {}),), {hook: property()}),
    ]:
        with pytest.raises(TypeError, match=message):
            type("Derived", bases, namespace)


@every_bounded_class
def test_other_subclasses_are_taken(cls: Any) -> None:
    class Counted(cls):  # type: ignore[misc]
        puts = 0

        def put(self, item: Any, *rest: Any, **named: Any) -> None:
            self.puts += 1
            super().put(item, *rest, **named)

        def _private(self) -> None: ...

    class WithBases(Counted, abc.ABC, Generic[T]):
        __slots__ = ("extra",)

    target = WithBases(2)
    target.put(5)
    target.extra = target.note = "kept"
    assert (target.puts, target.get(), target.maxsize) == (1, 5, 2)
    assert isinstance(target, cls)


@every_bounded_class
def test_init_subclass_works_together_with_that_of_others(cls: Any) -> None:
    seen = []

    class Registers:
        def __init_subclass__(cls, tag: str = "", **rest: Any) -> None:
            seen.append(tag)
            super().__init_subclass__(**rest)

    class First(Registers, cls, tag="first"):  # type: ignore[misc]
        pass

    class Second(cls, Registers, tag="second"):  # type: ignore[misc]
        pass

    assert seen == ["first", "second"]
    with pytest.raises(TypeError, match="keyword"):
        type("Third", (cls,), {}, no_such=1)


@every_class
def test_an_init_that_does_not_call_the_original(cls: Any) -> None:
    class Own(cls):  # type: ignore[misc]
        def __init__(self, name: str, *, limit: int) -> None:
            self.name = name

    target = Own("jobs", limit=3)
    target.put(1)
    assert (target.name, target.get(), target.qsize()) == ("jobs", 1, 0)


@every_class
def test_a_finaliser_of_a_subclass_may_use_the_queue(cls: Any) -> None:
    seen: list[Any] = []

    class Derived(cls):  # type: ignore[misc]
        def __del__(self) -> None:
            self.put(2)
            seen.append(sorted(self.drain()))
            self.put(3)

    Derived().put(1)
    gc.collect()
    assert seen == [[1, 2]]
