"""What a strict type checker must know of the atomics. Checked by `./dev lint`, never run."""

from collections.abc import Callable
from typing import assert_type

from raddle import AtomicBool, AtomicFloat, AtomicInt, AtomicRef, ShardedCounter, pin


class Named(AtomicInt):
    name: str


count = pin(AtomicInt(3, wrapping=True))
assert_type(count, AtomicInt)
assert_type(count.increment(), int)
assert_type(count.decrement(n=count), int)
assert_type(count.compare_and_set(1, desired=2), bool)
assert_type(count.compare_and_exchange(expected=1, desired=2), int)
assert_type(count.update(lambda value: value + 1), int)
assert_type(count < 3.5, bool)
assert_type([0][count], int)
count += 1
assert_type(count, AtomicInt)
assert_type(pin(Named()), Named)

flag = AtomicBool()
assert_type(flag.test_and_set(), bool)
total = AtomicFloat(1)
assert_type(total.increment(True), float)

ref: AtomicRef[str | None] = AtomicRef()
assert_type(ref.get(), str | None)
assert_type(ref.get_and_set("x"), str | None)
assert_type(AtomicRef[int]().get(), int | None)
numbers = AtomicRef([1])
assert_type(numbers.get(), list[int])
assert_type(numbers.update(lambda old: [*old, 2]), list[int])

counter = ShardedCounter()
increment: Callable[[], None] = counter.increment
assert_type(counter.reset(), int)

count.increment("1")  # type: ignore[arg-type]
count *= 2  # type: ignore[operator, assignment]
numbers.set("x")  # type: ignore[arg-type]
pin(5)  # type: ignore[type-var]
