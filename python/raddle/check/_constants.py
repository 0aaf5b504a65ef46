"""Probes as constants of rewritten code.

In the syntax tree a probe is `C if True else C`, C being a complex number that no program has: the
compiler makes one LOAD_CONST of it and, unlike for a bare number, has no warning about calling it.
Compiled code can be marshalled. When it is loaded, `with_probes` puts the probes in the places of the
numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

Spec = tuple[Any, ...]

MAGIC = 1.5517e-300  # the real part; the imaginary part is the number of the site


class Rewritten:
    """A module's code with markers for the probes, and what the probes are. Both can be marshalled."""

    def __init__(self, code: CodeType, specs: list[Spec]) -> None:
        self.code = code
        self.specs = specs


def with_probes(code: CodeType, probes: Sequence[Callable[..., Any]]) -> CodeType:
    """The same code, and that inside it, with the probes as constants."""
    changed = False
    constants: list[object] = []
    for constant in code.co_consts:
        put: object = constant
        if type(constant) is complex and constant.real == MAGIC:
            put = probes[int(constant.imag)]
        elif isinstance(constant, CodeType):
            put = with_probes(constant, probes)
        changed = changed or put is not constant
        constants.append(put)
    return code.replace(co_consts=tuple(constants)) if changed else code
