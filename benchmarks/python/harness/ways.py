"""The ways to call one method without arguments on a shared object, for the adapters."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .model import Row


def as_it_is(question: str, name: str, make: Callable[[], Any], method: str) -> Row:
    """`obj.method()`: the interpreter counts a reference to the object for the time of every call."""
    return Row(question, name, make, f"obj.{method}()")


def own_method(question: str, name: str, make: Callable[[], Any], method: str) -> Row:
    """Each thread binds the method for itself: the reference that is counted then is its own."""
    return Row(question, f"{name}, own method", make, "method()", bind=f"method = obj.{method}")


def reading(row: Row) -> Row:
    """The row, with one more call after the clock has stopped, whose result the question checks."""
    return replace(row, after=f"last = {row.call}")
