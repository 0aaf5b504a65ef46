"""Runs tests of CPython's own, and holds what became of them against what is expected."""

import importlib.util
import threading
import unittest
from collections.abc import Collection
from typing import Any

import pytest


def need(*modules: str) -> list[pytest.MarkDecorator]:
    """The marks of a file that runs tests of these modules."""
    # A package is looked for before what is in it.
    names = dict.fromkeys(name for module in modules for name in (module.partition(".")[0], module))
    return [
        pytest.mark.skipif(
            any(importlib.util.find_spec(name) is None for name in names),
            reason="this interpreter was installed without CPython's own tests",
        ),
        pytest.mark.slow_under_tsan,
    ]


def load(name: str) -> Any:
    """A copy of a module of tests, of our own: what is replaced in it is replaced nowhere else."""
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def short(test: Any) -> str:
    """The name of a test: its class and its method."""
    return ".".join(test.id().split(".")[-2:])


class Recorded(unittest.TestResult):
    """Remembers the name of each test that ran."""

    def __init__(self) -> None:
        super().__init__()
        self.ran: set[str] = set()

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().startTest(test)
        self.ran.add(short(test))


def run(suite: unittest.TestSuite) -> Recorded:
    recorded = Recorded()
    with pytest.MonkeyPatch.context() as patch:
        # Some tests start a few threads; what they think that needs is more than many machines have.
        patch.setattr("test.support.real_max_memuse", 2**40)
        patch.setattr(threading, "excepthook", threading.__excepthook__)  # pytest has one of its own
        suite.run(recorded)
    return recorded


def check(result: Recorded, expected_errors: Collection[str]) -> None:
    """All tests pass but those that are expected not to; and these do not, as far as they ran."""
    broken = {short(test): text for test, text in [*result.failures, *result.errors]}
    unexpected = {name: text for name, text in broken.items() if name not in expected_errors}
    assert not unexpected, "\n".join(f"{name}\n{text}" for name, text in unexpected.items())
    assert set(broken) == set(expected_errors) & result.ran, "a test that was expected to fail passes"
