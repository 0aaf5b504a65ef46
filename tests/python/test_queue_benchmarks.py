"""The benchmarks of queues: a queue that does not keep its word is found, and hangs nobody."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from queue import LifoQueue, PriorityQueue, Queue, SimpleQueue
from threading import Lock
from time import sleep
from typing import Any

import pytest
from python.harness import cores, sample
from python.harness.loops import compiled
from python.harness.model import Finish, Role, Row
from python.harness.sample import Subject, take

from python import _queue_rows, queues


class Faulty(SimpleQueue):  # type: ignore[type-arg]
    """Puts each item as often as `times` says for its turn: 0, 1, 2, ... modulo the length."""

    times: Sequence[int] = (1,)

    def __init__(self) -> None:
        self.turn = 0
        self.lock = Lock()

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
        with self.lock:
            for _ in range(self.times[self.turn % len(self.times)]):
                super().put(item)
            self.turn += 1


class Losing(Faulty):
    times = (*[1] * 49, 0)


class Doubling(Faulty):
    times = (*[1] * 49, 2)


class Replacing(Faulty):
    times = (*[1] * 48, 0, 2)


class Swapping(SimpleQueue):  # type: ignore[type-arg]
    """Lets each even item be overtaken by the next one."""

    def __init__(self) -> None:
        self.held: list[object] = []

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
        if self.held:
            super().put(item)
            super().put(self.held.pop())
        else:
            self.held.append(item)


def asked(name: str, row: Row, placed: Sequence[int]) -> str:
    """What was wrong with a row, each of whose threads has made a hundred calls."""
    (question,) = (question for question in queues.QUESTIONS if question.name == name)
    return take(Subject(question, row, compiled(row)), placed, 10).wrong


def handed(name: str, make: Callable[[], Any]) -> str:
    """What was wrong with a queue, asked a question about single items."""
    (row,) = (row for row in _queue_rows.first_in_first_out("queue", make) if row.question == name)
    threads = {queues.PUT_GET: 1, queues.TWO_TO_TWO: 4, queues.TWO_TO_TWO_FRESH: 4}.get(name, 2)
    return asked(name, row, cores.usable()[:1] * threads)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "PATIENCE_SECONDS", 0.3)


FRESH = [queues.ONE_TO_ONE_FRESH, queues.TWO_TO_TWO_FRESH]
NONES = [queues.PUT_GET, queues.ONE_TO_ONE, queues.TWO_TO_TWO]


@pytest.mark.parametrize("name", [*NONES, *FRESH])
@pytest.mark.parametrize("make", [SimpleQueue, lambda: Queue(4)], ids=["unbounded", "bounded"])
def test_a_queue_that_keeps_its_word_is_not_called_wrong(name: str, make: Callable[[], Any]) -> None:
    assert handed(name, make) == ""


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", [*NONES, *FRESH])
def test_a_lost_item_is_found_and_hangs_nobody(name: str) -> None:
    assert handed(name, Losing) == "threads waited for ever: an item or a wake-up is lost"


@pytest.mark.parametrize("name", NONES)
def test_an_item_too_many_is_found(name: str) -> None:
    extra = 4 if name == queues.TWO_TO_TWO else 2
    assert handed(name, Doubling) == f"expected 0 items left, found {extra} items left"


def test_an_item_too_many_is_found_where_it_takes_the_place_of_another_one() -> None:
    wrong = handed(queues.ONE_TO_ONE_FRESH, Replacing)
    assert wrong.endswith("found Delivery(lost=2, doubled=2, overtaken=0, left=0)")


@pytest.mark.usefixtures("impatient")
def test_a_producer_that_waits_for_room_for_ever_is_released() -> None:
    class Full(Queue):  # type: ignore[type-arg]
        def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
            super().put(item, block, timeout)
            super().put(item, block, timeout)

    assert handed(queues.ONE_TO_ONE, lambda: Full(4)) == sample.STUCK


def test_items_out_of_order_are_found() -> None:
    wrong = handed(queues.ONE_TO_ONE_FRESH, Swapping)
    assert wrong.endswith("found Delivery(lost=0, doubled=0, overtaken=50, left=0)")


@pytest.mark.parametrize(
    ("log", "overtaken"), [([0, 1, 2, 3], 0), ([1, 3, 0, 2], 0), ([2, 0, 1, 3], 1), ([3, 1, 2, 0], 2)]
)
def test_order_is_that_of_each_producer(log: list[int], overtaken: int) -> None:
    finish = Finish(4, 16, 0, [None, log, None, [4, 5, 6, 7]])
    assert queues.delivered(finish) == (
        queues.Delivery(0, 0, 0, 0),
        queues.Delivery(0, 0, overtaken, 0),
    )


@pytest.mark.parametrize(
    ("name", "make"),
    [
        (queues.LIFO, PriorityQueue),
        (queues.LIFO, Queue),
        (queues.PRIORITY, LifoQueue),
        (queues.PRIORITY, Queue),
    ],
)
@pytest.mark.parametrize("threads", [1, 2])
def test_a_queue_of_another_order_is_found(name: str, make: Callable[[], Any], threads: int) -> None:
    placed = cores.usable()[:1] * threads
    right = {queues.LIFO: LifoQueue, queues.PRIORITY: PriorityQueue}[name]
    assert asked(name, _queue_rows.among_others(name, "right", right), placed) == ""
    assert asked(name, _queue_rows.among_others(name, "wrong", make), placed).startswith("expected ")


class Batches(SimpleQueue):  # type: ignore[type-arg]
    """Gets up to `most` items at a time, and `more` that nobody has put."""

    def __init__(self, most: int, more: int) -> None:
        self.most, self.more = most, more

    def put_many(self, items: Sequence[object]) -> None:
        for item in items:
            self.put(item)

    def get_many(self, size: int) -> list[object]:
        first = self.get()
        rest = min(size, self.most, self.qsize() + 1) - 1
        return [first, *(self.get_nowait() for _ in range(rest)), *[None] * self.more]


@pytest.mark.parametrize("name", [queues.BATCH, queues.BATCH_ONE_TO_ONE])
def test_batches_are_counted(name: str) -> None:
    placed = cores.usable()[:1] * (1 if name == queues.BATCH else 2)
    assert asked(name, _queue_rows.single_calls(name, "one by one", SimpleQueue), placed) == ""
    for most in (64, 10):
        assert asked(name, _queue_rows.many(name, "right", partial(Batches, most, 0)), placed) == ""
    assert asked(name, _queue_rows.many(name, "wrong", partial(Batches, 64, 1)), placed).startswith(
        "expected "
    )


def test_the_delay_of_a_wake_up_is_measured_from_put_to_get() -> None:
    class Slow(SimpleQueue):  # type: ignore[type-arg]
        def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:
            sleep(0.002)
            super().put(item)

    (question,) = (question for question in queues.QUESTIONS if question.name == queues.WAKE)
    row = _queue_rows.wake_ups("slow", Slow)[0]
    taken = take(Subject(question, row, compiled(row)), cores.usable()[:1] * 2, 1)
    assert taken.wrong == ""
    assert 0.002 <= taken.seconds_per_call < 0.2


@pytest.mark.parametrize("broken", [0, 1])
def test_a_failure_is_not_taken_for_a_lost_item(broken: int) -> None:
    (row,) = (
        row
        for row in _queue_rows.first_in_first_out("q", lambda: Queue(4))
        if row.question == queues.ONE_TO_ONE_FRESH
    )
    row = replace(row, others=[Role("1 / 0")]) if broken else replace(row, call="1 / 0")
    with pytest.raises(ZeroDivisionError):
        asked(queues.ONE_TO_ONE_FRESH, row, cores.usable()[:1] * 2)
