"""CPython's own tests of `queue`, run on raddle.queue."""

import sys
import types
import unittest
from typing import Any

import pytest
import raddle.queue
from support.stdlib_tests import Recorded, check, load, need, run, short

pytestmark = need("test.test_queue")

HOOKS = "overrides _put and _get, which raddle refuses: there is nothing that calls them"
# Each test that cannot pass, with the reason. One that passes all the same fails the test here.
EXPECTED_ERRORS = {
    "PyFailingQueueTest.test_failing_queue": HOOKS,
    "CFailingQueueTest.test_failing_queue": HOOKS,
}


def stand_in() -> types.ModuleType:
    """raddle.queue, with the one name that the tests know besides the public ones."""
    module = types.ModuleType("queue")
    vars(module).update({name: getattr(raddle.queue, name) for name in raddle.queue.__all__})
    module._PySimpleQueue = raddle.SimpleQueue  # type: ignore[attr-defined]
    return module


def load_tests() -> Any:
    """A copy of test.test_queue, in which the modules under test are replaced."""
    module = load("test.test_queue")
    for thing in vars(module).values():
        if isinstance(thing, type) and issubclass(thing, unittest.TestCase):
            thing.queue = stand_in()  # type: ignore[attr-defined]
    return module


@pytest.fixture(scope="module")
def result() -> Recorded:
    return run(unittest.defaultTestLoader.loadTestsFromModule(load_tests()))


def test_all_pass_but_those_expected_not_to(result: Recorded) -> None:
    check(result, EXPECTED_ERRORS)


def test_they_fail_for_the_expected_reason(result: Recorded) -> None:
    for test, text in result.errors:
        if EXPECTED_ERRORS.get(short(test)) == HOOKS:
            assert "TypeError: raddle's queues never call" in text


def test_all_of_them_ran(result: Recorded) -> None:
    assert result.skipped == []
    assert set(EXPECTED_ERRORS) <= result.ran
    assert len(result.ran) >= (160 if sys.version_info >= (3, 13) else 50)


def test_they_ran_on_raddle(result: Recorded) -> None:
    """Each class of tests makes its queues from what was put in the place of the stdlib's module."""
    module = load_tests()
    for name, attribute in [("PyQueueTest", "Queue"), ("CLifoQueueTest", "LifoQueue")]:
        case = getattr(module, name)("test_basic")
        case.setUp()
        assert case.type2test is getattr(raddle, attribute)
    for name in ("PySimpleQueueTest", "CSimpleQueueTest"):
        case = getattr(module, name)("test_basic")
        case.setUp()
        assert case.type2test is raddle.SimpleQueue
