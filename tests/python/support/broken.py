"""Objects with planted faults. A test of a race runs once with one of these, and must fail."""

from collections.abc import Hashable
from typing import Any

from raddle import AtomicInt

from .threads import let_others_run


class BrokenAtomic:
    """Reads, lets others run, writes: an atomic as it must not be."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def get(self) -> Any:
        return self._value

    def set(self, value: Any) -> None:
        self._value = value

    def _replace(self, value: Any) -> None:
        let_others_run()
        self._value = value

    def increment(self, n: int = 1) -> Any:
        after = self._value + n
        self._replace(after)
        return after

    def get_and_set(self, value: Any) -> Any:
        before = self._value
        self._replace(value)
        return before

    def compare_and_exchange(self, expected: Hashable, desired: Hashable) -> Any:
        before = self._value
        if before == expected:
            self._replace(desired)
        return before

    def compare_and_set(self, expected: Hashable, desired: Hashable) -> bool:
        before = self._value
        if before == expected:
            self._replace(desired)
        return bool(before == expected)


class OvershootingInt:
    """Refuses what does not fit only after it has published the wrapped value, and then takes it back."""

    def __init__(self, value: int) -> None:
        self._value = AtomicInt(value, wrapping=True)

    def get(self) -> int:
        return self._value.get()

    def increment(self, n: int) -> int:
        before = self._value.get_and_increment(n)
        let_others_run()
        if before + n != self._value.get() and not -(2**63) <= before + n < 2**63:
            self._value.decrement(n)
            raise OverflowError
        return before + n

    def decrement(self, n: int) -> int:
        return self.increment(-n)


class ZeroingCounter:
    """Its reset reads the sum and then writes zero: what is added between is lost."""

    def __init__(self) -> None:
        self._value = AtomicInt()

    def increment(self, n: int = 1) -> None:
        self._value.increment(n)

    def get(self) -> int:
        return self._value.get()

    def reset(self) -> int:
        taken = self._value.get()
        let_others_run()
        self._value.set(0)
        return taken
