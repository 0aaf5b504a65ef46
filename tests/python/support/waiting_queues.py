"""Waiting until something is so, for tests in which threads wait."""

from collections.abc import Callable
from typing import Any

from .blocking.waiters import wait_until


def until(condition: Callable[[], object]) -> None:
    wait_until(condition, "threads are where they should be")


def waiting(target: Any, what: str) -> bool:
    """Does anybody wait to put or to get? The repr() says so."""
    text = repr(target)
    return " 0 waiting to put" not in text if what == "put" else " 0 to get" not in text
