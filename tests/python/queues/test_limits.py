"""A maxsize that changes, iteration that ends: who waits is told."""

from typing import Any

import pytest
from raddle import LifoQueue, PriorityQueue, Queue, ShutDown, SimpleQueue
from support.threads import run_together
from support.waiting_queues import until, waiting

BOUNDED = [Queue, LifoQueue, PriorityQueue]
every_bounded_class = pytest.mark.parametrize("cls", BOUNDED)


def in_order_of(cls: Any, items: list[Any]) -> list[Any]:
    """What a queue gives back that was given these."""
    return {LifoQueue: items[::-1], PriorityQueue: sorted(items)}.get(cls, items)


@every_bounded_class
@pytest.mark.parametrize("take", [lambda q: q.get_many(5), lambda q: list(q), lambda q: q.get()])
def test_shutdown_ends_those_who_wait_for_items(cls: Any, take: Any) -> None:
    target = cls()
    results: list[Any] = []

    def wait() -> None:
        try:
            results.append(take(target))
        except ShutDown as error:
            results.append(type(error))

    def shut_down() -> None:
        until(lambda: waiting(target, "get"))
        target.shutdown()

    run_together(wait, shut_down)
    assert results in ([ShutDown], [[]])


@every_bounded_class
def test_iteration_ends_at_shutdown(cls: Any) -> None:
    target = cls()
    assert iter(target) is target
    target.put_many([1, 2, 3])
    target.shutdown()
    assert list(target) == in_order_of(cls, [1, 2, 3])
    assert list(target) == []
    with pytest.raises(StopIteration):
        next(target)
    immediately = cls()
    immediately.put(1)
    immediately.shutdown(immediate=True)
    assert list(immediately) == []


def test_a_simple_queue_has_no_end_to_iterate_to() -> None:
    with pytest.raises(TypeError, match="not iterable"):
        iter(SimpleQueue())  # type: ignore[call-overload]


@every_bounded_class
def test_several_threads_iterate_together(cls: Any) -> None:
    target = cls(3)
    taken = []

    def produce() -> list[int]:
        assert target.put_many(iter(range(500))) == 500
        target.shutdown()
        return []

    taken = run_together(lambda: list(target), lambda: list(target), produce)
    assert sorted(taken[0] + taken[1]) == list(range(500))


@every_bounded_class
def test_a_larger_maxsize_lets_producers_in(cls: Any) -> None:
    target = cls(1)
    target.put(0)
    entered: list[int] = []

    def put(number: int) -> None:
        target.put(number)
        entered.append(number)

    def widen() -> None:
        until(lambda: " 3 waiting to put" in repr(target))
        target.maxsize = 3
        until(lambda: len(entered) == 2)
        until(lambda: " 1 waiting to put" in repr(target))
        assert target.qsize() == 3
        target.maxsize = 0

    run_together(lambda: put(1), lambda: put(2), lambda: put(3), widen)
    assert sorted(target.drain()) == [0, 1, 2, 3]


@every_bounded_class
def test_a_smaller_maxsize_takes_effect_when_enough_has_been_taken(cls: Any) -> None:
    target = cls(5)
    target.put_many([0, 1, 2, 3, 4])
    target.maxsize = 2
    for left in (4, 3, 2):
        target.get()
        assert target.qsize() == left
        assert target.full()
        assert target.put_many([9], block=False) == 0
    target.get()
    assert not target.full()
    target.put(9, timeout=0)


@every_bounded_class
def test_maxsize_takes_what_the_constructor_takes(cls: Any) -> None:
    for given, kept in [(2, 2), (True, 1), (2.5, 3), (-3, -3), (float("inf"), 0), (0.0, 0)]:
        assert cls(given).maxsize == kept
        target = cls(7)
        target.maxsize = given
        assert target.maxsize == kept
    for huge in (2**63, 10**30, 1e30):
        assert not cls(huge).full()
        assert cls(huge).put_many(range(100)) == 100
    for wrong in ("5", None, 1j, float("nan")):
        with pytest.raises((TypeError, ValueError)):
            cls(wrong)
        with pytest.raises((TypeError, ValueError)):
            target.maxsize = wrong
    with pytest.raises(AttributeError):
        del target.maxsize
    assert target.maxsize == 0
