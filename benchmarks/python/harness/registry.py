"""Finds what to measure: every module beside the harness is a question group, each in adapters a rival."""

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from .interpreter import gil_enabled
from .model import Group, Row

PACKAGE = __name__.split(".", maxsplit=1)[0]


class BenchmarkError(Exception):
    """Something that the user can mend; printed without a traceback."""


@dataclass
class Rivals:
    """The rivals: their rows, the versions of those that are installed, the names of those that are not."""

    rows: list[Row] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)


def find_groups() -> list[Group]:
    """All question groups."""
    return [import_module(name).GROUP for name in _modules(PACKAGE)]


def find_rivals(names: Sequence[str] | None = None) -> Rivals:
    """The rows of the named adapters, or of all.

    An adapter has the name of the package that it adapts, and imports it: an import that fails for want of
    that very package means a rival that is not installed. Any other failure is one.
    """
    found = Rivals()
    for module in _modules(f"{PACKAGE}.adapters"):
        name = module.rpartition(".")[2]
        if names is not None and name not in names:
            continue
        had_gil = gil_enabled()
        try:
            rows: Sequence[Row] = import_module(module).ROWS
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            found.absent.append(name)
            continue
        if gil_enabled() and not had_gil:
            raise BenchmarkError(
                f"Importing {name} turned the GIL on, so that nothing would run in parallel. "
                "Start with PYTHON_GIL=0 in the environment to keep it off."
            )
        found.rows += rows
        found.versions |= _version(name)
    return found


def _version(name: str) -> dict[str, str]:
    try:
        return {name: version(name)}
    except PackageNotFoundError:  # The standard library has no version of its own.
        return {}


def _modules(package: str) -> list[str]:
    path = import_module(package).__path__
    return sorted(
        f"{package}.{module.name}"
        for module in pkgutil.iter_modules(path)
        if not module.ispkg and not module.name.startswith("_")
    )
