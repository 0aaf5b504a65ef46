"""Queues as Python objects: construction, attributes, weak references, copying, repr, pin()."""

import copy
import gc
import pickle
import re
import sys
import weakref
from queue import Empty
from types import GenericAlias
from typing import Any, TypeVar

import pytest
from raddle import DeadlockError, LifoQueue, PriorityQueue, Queue, RaddleError, ShutDown, SimpleQueue, pin
from support.interpreter import only_where_pin_makes_immortal
from support.surface_queues import QUEUES, REFUSED
from support.threads import parallelize

T = TypeVar("T")
BOUNDED = [Queue, LifoQueue, PriorityQueue]
HOOKS = ["_init", "_put", "_get", "_qsize"]
every_class = pytest.mark.parametrize("cls", QUEUES)
every_bounded_class = pytest.mark.parametrize("cls", BOUNDED)


@every_bounded_class
def test_the_first_init_configures_and_a_second_changes_nothing(cls: Any) -> None:
    target = cls.__new__(cls, "any", 5, arguments=True)
    target.put_many(range(20))
    assert target.maxsize == 0
    target.__init__(3)
    assert target.maxsize == 3
    target.__init__(maxsize=9)
    target.__init__()
    assert (target.maxsize, target.qsize(), target.unfinished_tasks) == (3, 20, 20)
    for wrong in (("x",), (1, 2), (None,)):
        with pytest.raises(TypeError):
            target.__init__(*wrong)
    with pytest.raises(TypeError):
        cls(no_such=1)
    refused = cls.__new__(cls)
    with pytest.raises(TypeError):
        refused.__init__("x")
    refused.__init__(2)
    assert refused.maxsize == 2


def test_a_simple_queue_takes_no_arguments() -> None:
    with pytest.raises(TypeError):
        SimpleQueue(1)
    with pytest.raises(TypeError):
        SimpleQueue(maxsize=1)
    target: SimpleQueue[int] = SimpleQueue.__new__(SimpleQueue, 1, a=2)
    target.put(1)
    target.__init__()  # type: ignore[misc]
    assert target.get() == 1


@every_class
def test_new_makes_an_object_of_its_own_classes_only(cls: Any) -> None:
    for other in (
        object,
        *(each for each in QUEUES if not issubclass(cls, each) and not issubclass(each, cls)),
    ):
        with pytest.raises(TypeError):
            cls.__new__(other)
    with pytest.raises(TypeError):
        Queue.__new__(SimpleQueue)  # type: ignore[type-var]
    with pytest.raises(TypeError):
        object.__new__(cls)
    with pytest.raises(TypeError):
        cls.get(object())


def test_what_is_a_queue() -> None:
    assert isinstance(LifoQueue(), Queue)
    assert isinstance(PriorityQueue(), Queue)
    assert not isinstance(SimpleQueue(), Queue)
    with pytest.raises(TypeError):
        Queue.__new__(LifoQueue)  # it would be first in, first out
    with pytest.raises(TypeError):
        LifoQueue.__new__(Queue)  # type: ignore[type-var]


@every_bounded_class
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_missing_says_what_to_use(cls: Any, name: str) -> None:
    target = cls()
    assert not hasattr(target, name)
    assert getattr(target, name, "default") == "default"
    with pytest.raises(AttributeError, match=r"raddle's queues .*(drain|get)\(\)"):
        getattr(target, name)
    with pytest.raises(AttributeError):
        setattr(target, name, None)


@every_class
def test_its_class_cannot_be_changed(cls: Any) -> None:
    with pytest.raises(TypeError, match="immutable type"):
        cls.get = None
    with pytest.raises(AttributeError):
        cls().attribute = 1
    assert (cls.__module__, cls.__qualname__) == ("raddle", cls.__name__)


@every_class
@pytest.mark.parametrize(
    "attempt", [copy.copy, copy.deepcopy, pickle.dumps, lambda one: pickle.dumps(one, 0)]
)
def test_pickling_and_copying_say_what_to_use_instead(cls: Any, attempt: Any) -> None:
    class Derived(cls):  # type: ignore[misc]
        pass

    for kind in (cls, Derived):
        text = rf"cannot pickle or copy '{kind.__name__}' object: .*multiprocessing\.Queue"
        with pytest.raises(TypeError, match=text):
            attempt(kind())


@every_class
def test_weak_references_end_with_the_queue(cls: Any) -> None:
    ended: list[Any] = []
    target = cls()
    target.put(1)
    reference = weakref.ref(target, ended.append)
    assert reference() is target
    assert weakref.proxy(target).qsize() == 1
    del target
    assert reference() is None
    assert ended == [reference]


@every_class
def test_generic_alias(cls: Any) -> None:
    assert isinstance(cls[int], GenericAlias)
    assert repr(cls[int]) == f"raddle.{cls.__name__}[int]"
    target = cls[int]()
    assert type(target) is cls
    assert target.__orig_class__ == cls[int] if hasattr(target, "__orig_class__") else True


@every_class
def test_identity_is_what_queues_compare_by(cls: Any) -> None:
    one, other = cls(), cls()
    assert one == one
    assert one != other
    assert len({one, other}) == 2
    assert one  # Also when it is empty, as the stdlib's.


@every_class
def test_repr(cls: Any) -> None:
    class Derived(cls):  # type: ignore[misc]
        pass

    for kind in (cls, Derived):
        target = kind()
        start = rf"<{kind.__name__} at 0x[0-9a-f]+: "
        assert re.fullmatch(start + "0 items, maxsize 0, 0 waiting to put, 0 to get>", repr(target))
        target.put(1)
        if cls is not SimpleQueue:
            target.maxsize = 5
            target.shutdown()
            text = start + "1 items, maxsize 5, 0 waiting to put, 0 to get, shut down>"
            assert re.fullmatch(text, repr(target))


@every_class
def test_repr_of_a_queue_that_contains_itself(cls: Any) -> None:
    target = cls()
    target.put(target)
    target.put_many([[target]] if cls is not PriorityQueue else [])
    assert "items" in repr(target)
    target.drain()


@every_class
def test_pin(cls: Any) -> None:
    class Derived(cls):  # type: ignore[misc]
        pass

    for kind in (cls, Derived):
        target = kind()
        target.put(1)
        assert pin(target) is target
        assert pin(target) is target
        assert sorted(parallelize(lambda number: (target.put(number + 2), target.get())[1], 2))  # noqa: B023
        assert target.qsize() == 1


@only_where_pin_makes_immortal
@every_class
def test_the_count_of_a_pinned_queue_is_never_written(cls: Any) -> None:
    target = pin(cls())
    before = sys.getrefcount(target)
    held = [target] * 100
    parallelize(lambda number: [target.put(number), target.get()], 2)
    assert sys.getrefcount(target) == before
    held.clear()
    gc.collect()
    assert target.qsize() == 0


def test_exceptions_of_the_package() -> None:
    assert issubclass(DeadlockError, RaddleError)
    assert issubclass(DeadlockError, RuntimeError)
    assert RaddleError.__module__ == DeadlockError.__module__ == "raddle"
    assert not issubclass(ShutDown, Empty)
