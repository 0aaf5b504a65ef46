"""Which modules are looked into: the program's own and what it imports, less the standard library."""

import os
import sys
from collections.abc import Sequence
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
        self.include = include
        self.exclude = exclude
        if include or exclude:
            import fnmatch  # here, as nothing can be imported while the loader asks about an import

            self._is_match = fnmatch.fnmatchcase

    def wants(self, name: str, filename: str) -> bool:
        if self._matches(name, self.exclude):
            return False
        if self._matches(name, self.include):
            return True
        return name.partition(".")[0] not in _TOOLS and not is_stdlib(filename)

    def _matches(self, name: str, patterns: Sequence[str]) -> bool:
        """`json` means the package with all that is in it."""
        return any(self._is_match(name, pattern) or name.startswith(pattern + ".") for pattern in patterns)


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
    """Nothing is imported here: this is asked while a module is."""
    folder = os.path.dirname(os.__file__)
    folders = {os.path.join(folder, ""), os.path.join(os.path.realpath(folder), "")}
    zipped = f"python{sys.version_info.major}{sys.version_info.minor}.zip"
    return frozenset(folders | {path for path in sys.path if path.endswith(zipped)})
