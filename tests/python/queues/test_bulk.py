"""put_many, get_many and drain: what moves, what stays, what is raised."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from raddle import LifoQueue, PriorityQueue, Queue, ShutDown, SimpleQueue
from support.awkward import raiser
from support.surface_queues import QUEUES
from support.threads import let_others_run, run_together
from support.waiting_queues import until, waiting

BOUNDED = [Queue, LifoQueue, PriorityQueue]
every_class = pytest.mark.parametrize("cls", QUEUES)
every_bounded_class = pytest.mark.parametrize("cls", BOUNDED)


def in_order_of(cls: Any, items: list[Any]) -> list[Any]:
    """What a queue gives back that was given these."""
    return {LifoQueue: items[::-1], PriorityQueue: sorted(items)}.get(cls, items)


@every_class
@pytest.mark.parametrize(
    "kind", [list, tuple, iter, set, dict.fromkeys, lambda items: (item for item in items)]
)
@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 1000, 5000])
def test_everything_goes_in_and_comes_out(cls: Any, kind: Any, count: int) -> None:
    target, items = cls(), list(range(count))
    assert target.put_many(kind(items)) == count
    assert target.qsize() == count
    if count:
        assert target.get_many(3) + target.drain() == in_order_of(cls, items)
    assert target.drain() == []


@every_bounded_class
@pytest.mark.parametrize("kind", [list, tuple, iter])
@pytest.mark.parametrize("maxsize", [1, 7, 64, 65, 200])
def test_what_does_not_fit_stays_outside(cls: Any, kind: Any, maxsize: int) -> None:
    for patience in ({"block": False}, {"timeout": 0}, {"timeout": 0.001}):
        target = cls(maxsize)
        assert target.put_many(kind(range(300)), **patience) == maxsize
        assert target.put_many(kind([1]), **patience) == 0
        assert target.full()
        assert target.drain() == in_order_of(cls, list(range(maxsize)))


@every_bounded_class
def test_an_iterator_is_asked_only_when_there_is_room(cls: Any) -> None:
    source = iter(range(100))
    target = cls(3)
    assert target.put_many(source, block=False) == 3
    assert next(source) == 3
    assert target.put_many(source, timeout=0.001) == 0
    assert next(source) == 4
    target.shutdown()
    with pytest.raises(ShutDown):
        target.put_many(source)
    assert next(source) == 5


@every_class
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, GeneratorExit])
def test_what_went_in_before_the_iterator_raised_stays(cls: Any, error: type[BaseException]) -> None:
    def source() -> Iterator[int]:
        yield from range(5)
        raise error

    target = cls()
    with pytest.raises(error):
        target.put_many(source())
    assert target.drain() == in_order_of(cls, list(range(5)))


@every_class
def test_arguments_of_the_bulk_methods(cls: Any) -> None:
    target = cls()
    target.put(1)
    for wrong in (None, 5, object()):
        with pytest.raises(TypeError):
            target.put_many(wrong)
        with pytest.raises(TypeError):
            target.get_many("5" if wrong == 5 else wrong)
    with pytest.raises(ValueError, match=r"^'max_items' must be a non-negative number$"):
        target.get_many(-1)
    for call in (target.put_many, target.get_many):
        with pytest.raises(ValueError, match=r"^'timeout' must be a non-negative number$"):
            call([2] if call == target.put_many else 1, timeout=-1)
    assert target.get_many(0) == []
    assert target.get_many(10**30) == [1]
    assert target.get_many(5, block=False) == target.get_many(5, timeout=0.001) == []
    assert target.put_many(iterable=[3], block=True, timeout=None) == 1
    assert target.get_many(max_items=5, block=True, timeout=None) == [3]


@every_class
def test_an_iterator_may_use_the_queue(cls: Any) -> None:
    target = cls()

    def source() -> Iterator[int]:
        yield 1
        target.put(2)
        assert target.get() in (1, 2)
        target.drain()
        yield 3

    assert target.put_many(source()) == 2
    assert target.drain() == [3]


def test_a_list_that_changes_while_it_is_put() -> None:
    target: Queue[int] = Queue(10)
    items = list(range(1000))

    def shorten() -> None:
        until(lambda: waiting(target, "put"))
        del items[100:]
        for _ in range(5):
            target.get()
        until(lambda: target.qsize() == 10 and waiting(target, "put"))
        items.clear()
        while not done:
            target.drain()
            let_others_run()

    done: list[int] = []
    run_together(lambda: done.append(target.put_many(items)), shorten)
    assert 15 <= done[0] <= 100


@every_bounded_class
def test_nothing_moves_after_shutdown(cls: Any) -> None:
    target = cls()
    target.put_many([1, 2])
    target.shutdown()
    for source in ([3], (3,), iter([3])):
        with pytest.raises(ShutDown):
            target.put_many(source)
    assert target.get_many(1) == in_order_of(cls, [1, 2])[:1]
    assert len(target.get_many(5)) == 1
    with pytest.raises(ShutDown):
        target.get_many(5)
    with pytest.raises(ShutDown):
        target.get_many(5, block=False)
    assert target.get_many(0) == target.drain() == []


@every_bounded_class
@pytest.mark.parametrize("kind", [list, iter])
@pytest.mark.parametrize("immediate", [False, True])
def test_shutdown_in_the_middle_of_put_many(cls: Any, kind: Any, immediate: bool) -> None:
    """It returns how many went in; it raises only if nothing did."""
    target = cls(5)
    results: list[Any] = []

    def put() -> None:
        results.append(target.put_many(kind(range(20))))

    def shut_down() -> None:
        until(lambda: waiting(target, "put"))
        target.shutdown(immediate)

    run_together(put, shut_down)
    assert results == [5]
    assert target.qsize() == target.unfinished_tasks == (0 if immediate else 5)


@every_class
def test_get_many_waits_for_the_first_only(cls: Any) -> None:
    target = cls()
    results: list[Any] = []

    def put() -> None:
        until(lambda: waiting(target, "get"))
        target.put(1)

    run_together(lambda: results.append(target.get_many(1000)), put)
    assert results == [[1]]


@every_class
def test_drain_takes_what_is_there_and_wakes_producers(cls: Any) -> None:
    target = cls() if cls is SimpleQueue else cls(2)
    finished = threading.Event()

    def put() -> None:
        assert target.put_many(iter(range(300))) == 300
        finished.set()

    def drain() -> list[int]:
        taken: list[int] = []
        while not finished.is_set():
            taken += target.drain()
        return taken + target.drain()

    assert sorted(run_together(put, drain)[1]) == list(range(300))  # type: ignore[arg-type]


@every_class
def test_what_the_argument_raises_reaches_the_caller(cls: Any) -> None:
    class Endless:
        __iter__ = raiser(ZeroDivisionError)

    with pytest.raises((ZeroDivisionError, TypeError)):
        cls().put_many(Endless())
