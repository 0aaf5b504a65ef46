"""Producers and consumers on one queue, and the oracle: each value delivered exactly once, in order.

A value is producer * STRIDE + serial. What was put is known from the producers' calls.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from queue import Empty, Full
from typing import Any

from raddle import ShutDown

from .threads import let_others_run, run_together

STRIDE = 2**40
Values = array  # of 64-bit numbers, as there may be many millions


@dataclass
class Delivery:
    """How many values each producer has put, and what each consumer got."""

    put: list[int]
    got: list[Any]
    partly: bool = False  # An immediate shutdown has dropped some.
    in_order: bool = True
    faults: list[str] = field(default_factory=list)

    def check(self) -> list[str]:
        """What is wrong; nothing if all is well."""
        seen = [bytearray(count) for count in self.put]
        for values in self.got:
            last = [-1] * len(self.put)
            for value in values:
                producer, serial = divmod(value, STRIDE)
                if not 0 <= producer < len(seen) or not 0 <= serial < len(seen[producer]):
                    self.faults.append(f"{value} was never put")
                    continue
                if self.in_order and serial < last[producer]:
                    self.faults.append(f"{serial} of producer {producer} came after {last[producer]}")
                last[producer] = serial
                if seen[producer][serial]:
                    self.faults.append(f"{serial} of producer {producer} came twice")
                seen[producer][serial] = 1
        if not self.partly:
            for producer, marks in enumerate(seen):
                if (missing := marks.find(0)) >= 0:
                    self.faults.append(f"{missing} of producer {producer} was lost")
        return self.faults


Producer = Callable[[Any, Iterator[int]], int]  # Puts the numbers; returns how many went in.
Consumer = Callable[[Any, Any], None]  # Gets into the array until there is nothing more.


def put_each(target: Any, numbers: Iterator[int]) -> int:
    count = 0
    try:
        for number in numbers:
            target.put(number)
            count += 1
    except ShutDown:
        pass
    return count


def put_in_time(target: Any, numbers: Iterator[int]) -> int:
    """With time limits so short that many of them pass."""
    count = 0
    try:
        for number in numbers:
            while True:
                try:
                    target.put(number, timeout=1e-5) if count % 2 else target.put_nowait(number)
                    break
                except Full:
                    let_others_run()
            count += 1
    except ShutDown:
        pass
    return count


def put_lists(target: Any, numbers: Iterator[int]) -> int:
    count = 0
    try:
        while batch := list(islice(numbers, 100)):
            moved = target.put_many(batch)
            count += moved
            if moved < len(batch):
                break
    except ShutDown:
        pass
    return count


def put_iterator(target: Any, numbers: Iterator[int]) -> int:
    try:
        return int(target.put_many(numbers))
    except ShutDown:
        return 0


def put_parts(target: Any, numbers: Iterator[int]) -> int:
    """Lists, of which a time limit may leave a part outside: it is put again."""
    count = 0
    try:
        while batch := list(islice(numbers, 70)):
            while batch:
                moved = target.put_many(batch, timeout=1e-5)
                count += moved
                del batch[:moved]
                if batch and target.is_shutdown:
                    return count
    except ShutDown:
        pass
    return count


def get_each(target: Any, got: Any) -> None:
    try:
        while True:
            got.append(target.get())
    except ShutDown:
        pass


def get_in_time(target: Any, got: Any) -> None:
    try:
        while True:
            try:
                got.append(target.get(timeout=1e-5) if len(got) % 2 else target.get_nowait())
            except Empty:
                let_others_run()
    except ShutDown:
        pass


def get_lists(target: Any, got: Any) -> None:
    try:
        while True:
            got.extend(target.get_many(50))
    except ShutDown:
        pass


def drain(target: Any, got: Any) -> None:
    while not (target.is_shutdown and target.empty()):
        got.extend(target.drain())
        let_others_run()


def iterate(target: Any, got: Any) -> None:
    got.extend(target)


PRODUCERS: tuple[Producer, ...] = (put_each, put_in_time, put_lists, put_iterator, put_parts)
CONSUMERS: tuple[Consumer, ...] = (get_each, get_in_time, get_lists, iterate, drain)


class Closable:
    """A queue that cannot be shut down, with an end: each None that is got is one consumer's."""

    is_shutdown = False

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def shutdown(self) -> None:
        self._target.put(None)

    def _or_end(self, item: Any) -> Any:
        if item is None:
            self._target.put(None)
            raise ShutDown
        return item

    def get(self, **patience: Any) -> Any:
        return self._or_end(self._target.get(**patience))

    def get_nowait(self) -> Any:
        return self._or_end(self._target.get_nowait())

    def get_many(self, most: int) -> Any:
        items = self._target.get_many(most)
        if None in items:
            items.remove(None)
            self._target.put(None)
            if not items:
                raise ShutDown
        return items


def deliver(
    target: Any,
    producers: list[Producer],
    consumers: list[Consumer],
    per_producer: int,
    meanwhile: Callable[[Any], object] | None = None,
) -> Delivery:
    """Lets them all run together; shuts the queue down when the producers have ended."""
    put = [0] * len(producers)
    got = [array("q") for _ in consumers]
    running = [True] * len(producers)

    def produce(number: int, producer: Producer) -> None:
        try:
            start = number * STRIDE
            put[number] = producer(target, iter(range(start, start + per_producer)))
        finally:
            running[number] = False
            if not any(running):
                target.shutdown()

    jobs: list[Callable[[], object]] = []
    jobs += [lambda n=n, p=p: produce(n, p) for n, p in enumerate(producers)]  # type: ignore[misc]
    jobs += [lambda g=g, c=c: c(target, g) for g, c in zip(got, consumers, strict=True)]  # type: ignore[misc]
    if meanwhile is not None:
        jobs.append(lambda: meanwhile(target))
    run_together(*jobs)
    return Delivery(put, got)
