"""The interpreter's own tests, and modules of the standard library with theirs, rewritten: all pass.

Left out are those that look at the code itself (test_dis, the constants in test_compile), at each call or
line as it runs (test_sys_settrace, test_sys_setprofile, test_monitoring, test_bdb, test_trace, test_profile),
and the one of test_import that runs a .pyc which does not belong to its source.
"""

import importlib.util
from pathlib import Path

import pytest
from check.watched import watched

# Those that take long are left out as well; `-m unittest test.test_...` runs them.
LANGUAGE = (
    "augassign",
    "class",
    "contextlib",
    "coroutines",
    "decorators",
    "dictcomps",
    "exception_group",
    "functools",
    "generators",
    "genexps",
    "grammar",
    "keywordonlyarg",
    "listcomps",
    "metaclass",
    "named_expressions",
    "patma",
    "property",
    "raise",
    "scope",
    "setcomps",
    "super",
    "syntax",
    "unpack",
    "unpack_ex",
    "with",
    "yield_from",
)
LIBRARY = ("argparse", "configparser", "copy", "dataclasses", "json", "shlex", "textwrap")


def test_the_language(tmp_path: Path) -> None:
    check(tmp_path, [f"test.test_{name}" for name in LANGUAGE], ["test"])


@pytest.mark.parametrize("module", LIBRARY)
def test_the_library(module: str, tmp_path: Path) -> None:
    check(tmp_path, [f"test.test_{module}"], ["test", module])


def check(folder: Path, tests: list[str], include: list[str]) -> None:
    there = [name for name in tests if _is_there(name)]
    if not there:
        pytest.skip("this interpreter has no tests with it")
    words = [word for name in include for word in ("--include", name)]
    words += [word for name in include[1:] for word in ("--fresh", name)]
    done = watched(folder, "--count", *words, "-m", "unittest", "-q", *there)
    assert done.returncode == 0, done.stderr[-4000:]
    seen = done.stderr.partition(", seen: ")[2]
    for name in [*include[1:], there[0]]:
        assert f"'{name}'" in seen


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False
