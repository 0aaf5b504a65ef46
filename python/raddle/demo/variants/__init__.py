"""The variants of the tour, one file each; `raddle.demo.variant` says what a file needs."""

import importlib
import pkgutil
from typing import Any

from raddle.demo.variant import Variant


def load() -> list[Variant[Any]]:
    """All variants in the order of the table."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(map(_load, names), key=lambda variant: (variant.order, variant.name))


def _load(name: str) -> Variant[Any]:
    variant = getattr(importlib.import_module(f"{__name__}.{name}"), "VARIANT", None)
    if not isinstance(variant, Variant):
        raise TypeError(f"The variant file {name}.py needs a line VARIANT = ... with an instance of Variant.")
    return variant
