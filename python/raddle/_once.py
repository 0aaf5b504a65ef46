"""What the decorator `once` does in Python: looking at the function, and looking like it."""

import functools
import inspect
from collections.abc import Callable
from typing import Any


def check(fn: Callable[[], Any]) -> None:
    """TypeError unless the function takes no arguments, as far as can be told."""
    try:
        parameters = inspect.signature(fn).parameters
    except ValueError:  # A builtin that does not tell.
        return
    if parameters:
        raise TypeError(
            f"once() takes a function without arguments; {fn!r} has ({', '.join(parameters)}): "
            "use OnceMap for a result per key, or functools.partial to fix them"
        )


def look_like(wrapper: Any, fn: Callable[[], Any]) -> None:
    """Name, documentation and attributes of the function; `__wrapped__`."""
    functools.update_wrapper(wrapper, fn)
