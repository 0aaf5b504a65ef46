"""Waiting until something is so, for tests in which threads wait for a queue."""

from collections.abc import Callable
from typing import Any

from .threads import let_others_run


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        let_others_run()


def waiting(target: Any, what: str) -> bool:
    """Does anybody wait to put or to get? The repr() says so."""
    text = repr(target)
    return " 0 waiting to put" not in text if what == "put" else " 0 to get" not in text
