"""The atomics as sequential objects: what each method returns and leaves."""

import math
from collections.abc import Hashable
from typing import Any

from .linearizability import Model, State, Step

Outcome = tuple[State, Hashable]
LOW, HIGH = -(2**63), 2**63 - 1
OVERFLOW = "OverflowError"  # The result of a call that is refused.


def _get(state: Any) -> Outcome:
    return state, state


def _set(state: Any, value: Any) -> Outcome:
    return value, None


def _get_and_set(state: Any, value: Any) -> Outcome:
    return value, state


def _compare_and_set(state: Any, expected: Any, desired: Any) -> Outcome:
    return (desired, True) if state == expected else (state, False)


def _compare_and_exchange(state: Any, expected: Any, desired: Any) -> Outcome:
    return (desired, state) if state == expected else (state, state)


def _new(value: Any) -> Outcome:
    """A call that installs a value and returns it."""
    return value, value


def _sum(before: int, n: int, shows_before: bool) -> Outcome:
    after = before + n
    if not LOW <= after <= HIGH:
        return before, OVERFLOW
    return after, before if shows_before else after


_COMMON: dict[str, Step] = {
    "get": _get,
    "set": _set,
    "get_and_set": _get_and_set,
    "compare_and_set": _compare_and_set,
}
_BITS: dict[str, Step] = {
    "fetch_and": lambda state, mask: (state & mask, state),
    "fetch_or": lambda state, mask: (state | mask, state),
    "fetch_xor": lambda state, mask: (state ^ mask, state),
}
_ADD: dict[str, Step] = {
    "increment": lambda state, n=1: _sum(state, n, False),
    "decrement": lambda state, n=1: _sum(state, -n, False),
    "get_and_increment": lambda state, n=1: _sum(state, n, True),
    "get_and_decrement": lambda state, n=1: _sum(state, -n, True),
    "fetch_add": lambda state, n=1: _sum(state, n, True),
    "fetch_sub": lambda state, n=1: _sum(state, -n, True),
}


def int_model(initial: int) -> Model:
    return Model(
        initial,
        {
            **_COMMON,
            **_BITS,
            **_ADD,
            "load": _get,
            "store": _set,
            "exchange": _get_and_set,
            "compare_and_exchange": _compare_and_exchange,
            "max": lambda state, value: _new(max(state, value)),
            "min": lambda state, value: _new(min(state, value)),
        },
    )


def bool_model(initial: bool) -> Model:
    return Model(
        initial,
        {
            **_COMMON,
            "flip": lambda state: _new(not state),
            "test_and_set": lambda state: (True, state),
            "clear": lambda state: (False, None),
        },
    )


def float_model(initial: float) -> Model:
    """For finite numbers without -0.0, on which == is the comparison of bits."""
    return Model(
        initial,
        {
            **_COMMON,
            "increment": lambda state, n=1.0: _new(math.fsum((state, n))),
            "max": lambda state, value: _new(max(state, value)),
            "min": lambda state, value: _new(min(state, value)),
        },
    )


def ref_model(initial: Hashable) -> Model:
    """For objects that are equal only to themselves."""
    return Model(initial, {**_COMMON, "compare_and_exchange": _compare_and_exchange})
