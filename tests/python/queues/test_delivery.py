"""Four producers, four consumers: every value arrives exactly once and in order, however the calls are mixed.

A test moves ITEMS * RADDLE_TEST_SCALE items in all. Ten million through a queue of each class:
RADDLE_TEST_SCALE=420 ./dev test -k "test_mixed_calls and one and 1024"
"""

import signal
import threading
from array import array
from typing import Any

import pytest
from raddle import AtomicBool, LifoQueue, PriorityQueue, Queue, SimpleQueue
from support.broken_queues import duplicating, losing, reordering
from support.delivery import (
    CONSUMERS,
    PRODUCERS,
    Closable,
    Delivery,
    deliver,
    get_each,
    get_in_time,
    get_lists,
    iterate,
    put_each,
    put_in_time,
    put_iterator,
    put_lists,
)
from support.knobs import generator, scaled
from support.threads import let_others_run

BOUNDED = [Queue, LifoQueue, PriorityQueue]
MAXSIZES = [0, 1, 7, 1024]
ITEMS = 24_000  # In all, per test.
every_bounded_class = pytest.mark.parametrize("cls", BOUNDED)
every_maxsize = pytest.mark.parametrize("maxsize", MAXSIZES)


def per_producer(maxsize: int) -> int:
    """A queue of one item changes threads at every item."""
    return scaled(ITEMS // 4 if maxsize != 1 else ITEMS // 12)


def wrong(delivery: Delivery, cls: Any, partly: bool = False) -> list[str]:
    delivery.in_order = issubclass(cls, (Queue, SimpleQueue)) and not issubclass(
        cls, (LifoQueue, PriorityQueue)
    )
    delivery.partly = partly
    return delivery.check()[:5]


@every_bounded_class
@every_maxsize
@pytest.mark.parametrize("label", ["one mix", "another"])
def test_mixed_calls(cls: Any, maxsize: int, label: str) -> None:
    rng = generator("mix", cls.__name__, maxsize, label)
    count = per_producer(maxsize)
    delivery = deliver(cls(maxsize), rng.sample(PRODUCERS, 4), rng.sample(CONSUMERS, 4), count)
    assert delivery.put == [count] * 4
    assert wrong(delivery, cls) == []


SAME = [(put_each, get_each), (put_lists, get_lists), (put_iterator, iterate), (put_in_time, get_in_time)]


@every_bounded_class
@pytest.mark.parametrize("maxsize", [0, 7])
@pytest.mark.parametrize(("producer", "consumer"), SAME)
def test_calls_of_one_kind(cls: Any, maxsize: int, producer: Any, consumer: Any) -> None:
    count = per_producer(maxsize)
    delivery = deliver(cls(maxsize), [producer] * 4, [consumer] * 4, count)
    assert delivery.put == [count] * 4
    assert wrong(delivery, cls) == []


@pytest.mark.parametrize("consumers", [[get_each] * 4, [get_each, get_in_time, get_lists, get_lists]])
def test_a_simple_queue(consumers: Any) -> None:
    count = per_producer(0)
    producers = [put_each, put_in_time, put_lists, put_iterator]
    target = Closable(SimpleQueue())
    delivery = deliver(target, producers, consumers, count)
    assert delivery.put == [count] * 4
    assert wrong(delivery, SimpleQueue) == []
    assert target.drain() == [None]


@every_bounded_class
@every_maxsize
def test_shutdown_in_the_middle(cls: Any, maxsize: int) -> None:
    """What went in comes out, and nothing else: producers know how many of theirs went in."""
    count = per_producer(maxsize)
    target = cls(maxsize)

    def shut_down(_: Any) -> None:
        while target.unfinished_tasks < count:
            let_others_run()
        target.shutdown()

    rng = generator("shutdown", cls.__name__, maxsize)
    delivery = deliver(target, rng.sample(PRODUCERS, 4), rng.sample(CONSUMERS, 4), count, shut_down)
    assert sum(delivery.put) >= count
    assert wrong(delivery, cls) == []


@every_bounded_class
@every_maxsize
def test_immediate_shutdown_in_the_middle(cls: Any, maxsize: int) -> None:
    """Nothing comes twice, out of order, or without having been put; what was dropped is no task any more."""
    count = per_producer(maxsize)
    target = cls(maxsize)

    def shut_down(_: Any) -> None:
        while target.unfinished_tasks < count:
            let_others_run()
        target.shutdown(immediate=True)

    rng = generator("immediate", cls.__name__, maxsize)
    delivery = deliver(target, rng.sample(PRODUCERS, 4), rng.sample(CONSUMERS, 4), count, shut_down)
    assert wrong(delivery, cls, partly=True) == []
    delivered = sum(map(len, delivery.got))
    assert delivered <= sum(delivery.put)
    assert target.unfinished_tasks == delivered
    assert target.qsize() == 0


class InterruptError(Exception):
    """What the signal handler raises."""


@every_bounded_class
@pytest.mark.parametrize("maxsize", [0, 7])
def test_signals_interrupt_a_consumer(cls: Any, maxsize: int) -> None:
    """The consumer is the main thread, and moves items without a moment at which one is only in its hands."""
    armed, interrupts = AtomicBool(), 0
    target = cls(maxsize)
    count = per_producer(maxsize)

    def interrupt(*_: object) -> None:
        if armed.get_and_set(False):
            raise InterruptError

    delivered: list[Delivery] = []
    others = threading.Thread(
        target=lambda: delivered.append(deliver(target, [put_each, put_lists], [get_each], count))
    )
    got = array("q")
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    finished = False
    others.start()
    try:
        while not finished:
            try:
                armed.set(True)
                got.extend(target)
                finished = True
                armed.set(False)
            except InterruptError:
                interrupts += 1
    finally:
        armed.set(False)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        others.join()
    delivered[0].got.append(got)
    assert delivered[0].put == [count] * 2
    # Between two interrupts the array goes on where it was: one consumer, one order.
    assert wrong(delivered[0], cls) == []


FAULTS = {losing: "was lost", duplicating: "came twice", reordering: "came after"}


@every_bounded_class
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_one_fault_among_many_items_would_be_noticed(cls: Any, fault: Any) -> None:
    if fault is reordering and cls is not Queue:
        pytest.skip("this class promises no order of arrival")
    delivery = deliver(fault(cls)(), [put_each] * 3, [get_each], 2000)
    faults = wrong(delivery, cls)
    assert len(faults) == 1
    assert FAULTS[fault] in faults[0]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_one_fault_of_a_simple_queue_would_be_noticed(fault: Any) -> None:
    delivery = deliver(Closable(fault(SimpleQueue)()), [put_each] * 3, [get_each], 2000)
    assert [FAULTS[fault] in text for text in wrong(delivery, SimpleQueue)] == [True]


def test_what_was_never_put_would_be_noticed() -> None:
    assert Delivery([3], [array("q", [0, 1, 2, 3])]).check() == ["3 was never put"]
    assert Delivery([3], [array("q", [0, 1, 2, -1])]).check() == ["-1 was never put"]
