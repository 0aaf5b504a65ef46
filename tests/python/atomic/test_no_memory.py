"""Every allocation of every method fails once: MemoryError or success, and the object stays usable."""

import pytest
from support.interpreter import needs_testcapi
from support.process import check_program
from support.surface import CLASSES

pytestmark = [needs_testcapi, pytest.mark.slow_under_tsan]


def failures_by_method(output: str) -> dict[str, int]:
    totals: dict[str, int] = {}
    for line in output.splitlines():
        name, _, count = line.partition(" ")
        totals[name] = totals.get(name, 0) + int(count)
    return totals


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_methods_and_constructor(cls: type) -> None:
    totals = failures_by_method(check_program("no_memory", cls.__name__))
    assert totals[cls.__name__] > 0, "no allocation of the constructor was made to fail"
    assert totals[f"{cls.__name__}.__repr__"] > 0, "no allocation of repr() was made to fail"


def test_import_of_the_module_and_pin() -> None:
    totals = failures_by_method(check_program("no_memory", "module"))
    assert totals["import"] > 20
