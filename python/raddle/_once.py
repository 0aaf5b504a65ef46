"""What the decorator `once` does in Python: looking at the function, and looking like it."""

import functools
import inspect
from collections.abc import Callable
from typing import Any


def check(fn: Callable[[], Any]) -> None:
    """TypeError if the function takes arguments, as far as can be told; *args of a wrapper tell nothing."""
    try:
        parameters = inspect.signature(fn).parameters.values()
    except ValueError:  # A builtin that does not tell.
        return
    names = [each.name for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    if names:
        raise TypeError(
            f"once() takes a function without arguments; {fn!r} has ({', '.join(names)}): "
            "use OnceMap for a result per key, or functools.partial to fix them"
        )


def look_like(wrapper: Any, fn: Callable[[], Any]) -> None:
    """Name, documentation and attributes of the function; `__wrapped__`."""
    functools.update_wrapper(wrapper, fn)
