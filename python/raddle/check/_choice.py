"""Which modules are looked into: the program's own and what it imports, less the standard library.

Nothing is imported where this is asked: that is while a module is.
"""

import os
import sys
from collections.abc import Callable, Sequence
from functools import cache

# Tools that run programs. They have no threads that would be of interest, and would only be slower.
_TOOLS = frozenset(
    {
        "raddle",
        "pytest",
        "_pytest",
        "pluggy",
        "iniconfig",
        "xdist",
        "execnet",
        "coverage",
        "pip",
        "setuptools",
    }
    | {"pkg_resources", "_distutils_hack", "debugpy", "pydevd"}
)


class Choice:
    """`include` and `exclude` are patterns of module names."""

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self.names_modules = bool(include)  # so it may want what is otherwise left out
        self._includes = _matcher(include)
        self._excludes = _matcher(exclude)

    def wants(self, name: str, filename: str) -> bool:
        if self._excludes(name):
            return False
        if self._includes(name):
            return True
        return name.partition(".")[0] not in _TOOLS and not is_stdlib(filename)


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """`json` means the package with all that is in it."""
    if not patterns:
        return lambda name: False
    from fnmatch import fnmatchcase  # only who gives patterns pays for it

    def matches(name: str) -> bool:
        return any(fnmatchcase(name, pattern) or name.startswith(pattern + ".") for pattern in patterns)

    return matches


def is_tool(name: str) -> bool:
    return name.partition(".")[0] in _TOOLS


def is_stdlib(filename: str) -> bool:
    if filename.startswith("<frozen"):
        return True
    path = os.path.abspath(filename)
    inside = any(path.startswith(folder) for folder in _stdlib())
    return inside and "site-packages" not in path and "dist-packages" not in path


@cache
def _stdlib() -> frozenset[str]:
    folder = os.path.dirname(os.__file__)
    folders = {os.path.join(folder, ""), os.path.join(os.path.realpath(folder), "")}
    zipped = f"python{sys.version_info.major}{sys.version_info.minor}.zip"
    return frozenset(folders | {path for path in sys.path if path.endswith(zipped)})
