"""The package as a whole: its names, its version, and what importing it does to the interpreter."""

import importlib.metadata
import pkgutil
import types

import pytest
import raddle
from support.interpreter import FREE_THREADED
from support.process import check_code

IMPORT_ALL = """
import importlib, pkgutil, sys
import raddle
names = [module.name for module in pkgutil.walk_packages(raddle.__path__, "raddle.")]
for name in names:
    if not name.endswith(".__main__"):
        importlib.import_module(name)
assert len(names) > 3
"""


def test_all_names_everything_public() -> None:
    public = {
        name
        for name, value in vars(raddle).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    assert set(raddle.__all__) == public
    assert raddle.__all__ == sorted(raddle.__all__)


def test_version_is_that_of_the_installed_package() -> None:
    assert raddle.__version__ == importlib.metadata.version("raddle")


def test_what_the_extension_offers_is_in_the_package() -> None:
    offered = {name for name in vars(raddle._raddle) if not name.startswith("_")}
    # RWLock's methods and attributes give RWLockView and RWLockUpgradable; checker is for `raddle check`.
    not_in_the_package = {"counting_of_pinned", "RWLockView", "RWLockUpgradable", "checker"}
    assert offered - set(raddle.__all__) == not_in_the_package


@pytest.mark.skipif(not FREE_THREADED, reason="this interpreter always has its GIL")
@pytest.mark.parametrize("code", ["import raddle", IMPORT_ALL])
def test_importing_leaves_the_gil_off(code: str) -> None:
    checked = code + "\nimport sys; assert sys._is_gil_enabled() is False"
    check_code(f"import warnings; warnings.simplefilter('error')\n{checked}")


def test_importing_loads_no_terminal_library() -> None:
    check_code(
        "import sys, raddle; assert not [name for name in sys.modules if name.split('.')[0] == 'rich']"
    )


def test_importing_patches_nothing() -> None:
    check_code(
        "import threading, queue, sys; names = ('threading', 'queue', '_thread', 'builtins')\n"
        "before = [dict(vars(sys.modules[name])) for name in names]\n"
        "import raddle\n"
        "assert before == [dict(vars(sys.modules[name])) for name in names]"
    )


def test_importing_again_gives_the_same_module() -> None:
    check_code(
        "import sys, raddle; first = raddle.AtomicInt(1)\n"
        "del sys.modules['raddle'], sys.modules['raddle._raddle']\n"
        "import raddle; second = raddle.AtomicInt(1)\n"
        "assert first.increment() == 2 and second.increment() == 2\n"
        "first == second; second == first; first != 2.0; raddle.pin(second)"
    )


def test_public_submodules_are_found_when_they_are_asked_for() -> None:
    """All but what the commands are made of."""
    names = {module.name for module in pkgutil.iter_modules(raddle.__path__) if module.name[0] != "_"}
    names -= {"cli", "demo", "reports"}
    assert names >= {"diagnostics", "queue", "threading"}
    for name in names:
        check_code(
            "import sys, raddle\n"
            f"assert 'raddle.{name}' not in sys.modules and {name!r} in dir(raddle)\n"
            f"assert raddle.{name} is sys.modules['raddle.{name}'] is raddle.{name}\n"
            "assert not [name for name in sys.modules if name.split('.')[0] == 'rich']"
        )
    assert names | set(raddle.__all__) <= set(dir(raddle))
    with pytest.raises(AttributeError, match="module 'raddle' has no attribute 'no_such'"):
        raddle.no_such  # type: ignore[attr-defined]  # noqa: B018


def test_the_package_is_typed() -> None:
    files = importlib.metadata.files("raddle") or []
    names = {file.name for file in files}
    assert {"py.typed", "_raddle.pyi"} <= names
