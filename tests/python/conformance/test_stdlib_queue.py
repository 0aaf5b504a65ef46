"""CPython's own tests of `queue`, run on raddle.queue."""

import importlib
import importlib.util
import sys
import types
import unittest
from typing import Any

import pytest
import raddle.queue

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("test") is None or importlib.util.find_spec("test.test_queue") is None,
        reason="this interpreter was installed without CPython's own tests",
    ),
    pytest.mark.slow_under_tsan,
]

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


def load() -> Any:
    """A copy of test.test_queue of our own, in which the modules under test are replaced."""
    found = importlib.util.find_spec("test.test_queue")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    for thing in vars(module).values():
        if isinstance(thing, type) and issubclass(thing, unittest.TestCase):
            thing.queue = stand_in()  # type: ignore[attr-defined]
    return module


class Recorded(unittest.TestResult):
    """Remembers the name of each test that ran."""

    def __init__(self) -> None:
        super().__init__()
        self.ran: set[str] = set()

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().startTest(test)
        self.ran.add(short(test))


def short(test: Any) -> str:
    return ".".join(test.id().split(".")[-2:])


@pytest.fixture(scope="module")
def result() -> Recorded:
    recorded = Recorded()
    with pytest.MonkeyPatch.context() as patch:
        # Some tests start fifty threads; what they think that needs is more than many machines have.
        patch.setattr("test.support.real_max_memuse", 2**40)
        unittest.defaultTestLoader.loadTestsFromModule(load()).run(recorded)
    return recorded


def test_all_pass_but_those_expected_not_to(result: Recorded) -> None:
    broken = {short(test): text for test, text in [*result.failures, *result.errors]}
    unexpected = {name: text for name, text in broken.items() if name not in EXPECTED_ERRORS}
    assert not unexpected, "\n".join(f"{name}\n{text}" for name, text in unexpected.items())
    assert set(broken) == set(EXPECTED_ERRORS) & result.ran, "a test that was expected to fail passes"


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
    module = load()
    for name, attribute in [("PyQueueTest", "Queue"), ("CLifoQueueTest", "LifoQueue")]:
        case = getattr(module, name)("test_basic")
        case.setUp()
        assert case.type2test is getattr(raddle, attribute)
    for name in ("PySimpleQueueTest", "CSimpleQueueTest"):
        case = getattr(module, name)("test_basic")
        case.setUp()
        assert case.type2test is raddle.SimpleQueue
