"""PriorityQueue when comparing items calls the same queue, or lets other threads call it."""

import gc
from collections.abc import Callable
from queue import Empty, Full
from typing import Any

import pytest
from raddle import AtomicInt, DeadlockError, PriorityQueue, ShutDown
from support.compared import Item, kind, numbers
from support.threads import let_others_run, run_together

REENTRIES: dict[str, Callable[[PriorityQueue[Any], type[Item]], object]] = {
    "put": lambda q, made: q.put(made(-5)),
    "put_many": lambda q, made: q.put_many([made(-5), made(100), made(20)]),
    "get": lambda q, made: q.get_nowait() if q.qsize() > 1 else None,
    "get_many": lambda q, made: q.get_many(3, block=False) if not q.is_shutdown else None,
    "drain": lambda q, made: q.drain(),
    "shutdown": lambda q, made: q.shutdown(immediate=True),
    "shutdown later": lambda q, made: q.shutdown(),
    "maxsize": lambda q, made: setattr(q, "maxsize", 1),
    "collection": lambda q, made: gc.collect(),
    "look": lambda q, made: (q.qsize(), q.empty(), q.full(), repr(q), q.unfinished_tasks),
}
OUTER: dict[str, Callable[[PriorityQueue[Any], type[Item]], list[Any]]] = {
    "put": lambda q, made: (q.put(made(-1), block=False), [])[1],
    "put_many": lambda q, made: (q.put_many([made(-1), made(50)], block=False), [])[1],
    "get": lambda q, made: [q.get(block=False)],
    "get_many": lambda q, made: q.get_many(20, block=False),
    "drain": lambda q, made: q.drain(),
}


@pytest.mark.parametrize("inner", REENTRIES)
@pytest.mark.parametrize("outer", OUTER)
@pytest.mark.parametrize("nth", [1, 2, 4])
def test_a_comparison_may_call_the_queue(outer: str, inner: str, nth: int) -> None:
    calls = AtomicInt()
    depth: list[int] = []
    alive: list[Any] = []

    def reenter() -> None:
        if not depth and armed and calls.increment() == nth:
            depth.append(1)
            result = REENTRIES[inner](target, made)
            alive.extend([result] if isinstance(result, Item) else result if isinstance(result, list) else [])

    armed: list[int] = []
    made = kind(reenter)
    target: PriorityQueue[Any] = PriorityQueue()
    target.put_many([made((7 * n) % 20) for n in range(20)])
    armed.append(1)
    full = False
    try:
        alive += OUTER[outer](target, made)
    except (Empty, ShutDown):
        pass
    except Full:
        full = True
    assert inner == "maxsize" or not full
    armed.clear()
    left = numbers(target.drain())
    assert left == sorted(left)
    found = sorted(left + numbers(alive))
    assert len(found) == len(set(found)), "an item came out twice"
    if not inner.startswith("shutdown") and inner != "maxsize":
        assert set(range(20)) <= set(found), "an item was lost"
    assert target.qsize() == 0


WAITS: dict[str, Callable[[PriorityQueue[Any]], object]] = {
    "get": lambda q: q.get(),
    "get_many": lambda q: q.get_many(3),
    "iteration": lambda q: next(q),
    "get in time": lambda q: q.get(timeout=0.01),
    "get_many in time": lambda q: q.get_many(3, timeout=0.01),
}
WAITS_FOR_ROOM: dict[str, Callable[[PriorityQueue[Any]], object]] = {
    "put": lambda q: q.put(0),
    "put_many": lambda q: q.put_many([0]),
    "put_many of an iterator": lambda q: q.put_many(iter([0])),
    "put in time": lambda q: q.put(0, timeout=0.01),
    "put_many in time": lambda q: q.put_many([0], timeout=0.01),
}


def in_a_comparison(
    target: PriorityQueue[Any], before: Callable[[], object], call: Callable[[Any], object]
) -> object:
    """What becomes of the call; `before` brings the queue to where it has to wait."""
    results: list[object] = []

    def wait() -> None:
        if not results:
            results.append(None)
            before()
            try:
                results.append(call(target))
            except Exception as error:
                results.append(error)

    made = kind(wait)
    target.put_many([made(5), made(4)])
    return results[1]


@pytest.mark.parametrize("call", WAITS)
def test_a_comparison_that_would_wait_for_an_item(call: str) -> None:
    """For ever: it is told so. With a time limit it waits, in vain."""
    target: PriorityQueue[Any] = PriorityQueue()
    result = in_a_comparison(target, target.drain, WAITS[call])
    if call.endswith("in time"):
        assert result == [] or type(result) is Empty
    else:
        assert type(result) is DeadlockError
        assert "compar" in str(result)
    assert numbers(target.drain()) == [4]


@pytest.mark.parametrize("call", WAITS_FOR_ROOM)
def test_a_comparison_that_would_wait_for_room(call: str) -> None:
    target: PriorityQueue[Any] = PriorityQueue(5)

    def fill() -> None:
        target.maxsize = 1

    def make_room(queue: PriorityQueue[Any]) -> object:
        try:
            return WAITS_FOR_ROOM[call](queue)
        finally:
            queue.maxsize = 5

    result = in_a_comparison(target, fill, make_room)
    if call.endswith("in time"):
        assert result == 0 or type(result) is Full
    else:
        assert type(result) is DeadlockError
    assert numbers(target.drain()) == [4, 5]


def test_others_call_the_queue_while_a_comparison_lets_them_in() -> None:
    """Two producers and two consumers, with comparisons that give up the processor every time."""
    made = kind(let_others_run)
    target: PriorityQueue[Any] = PriorityQueue(10)
    per_thread = 150
    left = AtomicInt(2)

    def produce(start: int) -> list[int]:
        for number in range(per_thread):
            target.put(made(start + number))
        if left.decrement() == 0:
            target.shutdown()
        return []

    def consume() -> list[int]:
        return [item.number for item in target]

    taken = run_together(lambda: produce(0), lambda: produce(per_thread), consume, consume)
    assert sorted(number for numbers in taken for number in numbers) == list(range(2 * per_thread))


@pytest.mark.parametrize("immediate", [False, True])
def test_shutdown_comes_while_another_thread_compares(immediate: bool) -> None:
    """The closing does not wait for the comparison, the emptying does; the put comes too late."""
    comparing, closed = AtomicInt(), AtomicInt()

    def hold() -> None:
        comparing.set(1)
        while not closed.get():
            let_others_run()

    made = kind(hold)
    target: PriorityQueue[Any] = PriorityQueue()
    target.put(made(2))

    def put() -> None:
        with pytest.raises(ShutDown):
            target.put(made(1))

    def shut_down() -> None:
        while not comparing.get():
            let_others_run()
        assert target.qsize() == 1
        target.shutdown()
        closed.set(1)
        target.shutdown(immediate)

    run_together(put, shut_down)
    assert numbers(target.drain()) == ([] if immediate else [2])
