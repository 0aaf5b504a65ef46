"""CPython's own tests of locks and threads, run on raddle.threading."""

import sys
import textwrap
import threading
import types
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import raddle.threading
from support.stdlib_tests import Recorded, check, load, need, run, short

pytestmark = need("test.lock_tests")

# The classes of test.lock_tests, and what each makes its objects of.
LOCK_TESTS = {
    "LockTests": {"locktype": raddle.Lock},
    "RLockTests": {"locktype": raddle.RLock},
    "EventTests": {"eventtype": raddle.Event},
    "ConditionTests": {"condtype": raddle.Condition},
    "SemaphoreTests": {"semtype": raddle.Semaphore},
    "BoundedSemaphoreTests": {"semtype": raddle.BoundedSemaphore},
    "BarrierTests": {"barriertype": raddle.Barrier},
}
# Of test.test_threading, which names the module itself everywhere.
THREAD_TESTS = (
    "ThreadTests",
    "ThreadJoinOnShutdown",
    "ThreadingExceptionTests",
    "ExceptHookTests",
    "TimerTests",
    "ConditionAsRLockTests",
    "InterruptMainTests",
)
# Each test that cannot pass, with the reason. One that passes all the same fails the test here.
EXPECTED_ERRORS = {
    "EventTests.test_at_fork_reinit": "reaches into evt._cond, the lock and condition of the stdlib's Event",
    "ThreadTests.test_lock_no_subclass": "raddle's Lock may be subclassed",
    "ThreadTests.test_disallow_instantiation": "raddle's Lock is a class, no function that makes locks",
    "ThreadingExceptionTests.test_dummy_thread_on_interpreter_shutdown": "uses a private name of `threading`",
}
# Of the tests that skip themselves: what they say that they lack.
SKIPPED = {
    "ThreadTests.test_debug_deprecation": "debug",
    "ThreadTests.test_start_new_thread_failed": "superuser",
    "ConditionAsRLockTests.test_recursion_count": "Condition does not expose",
    "InterruptMainTests.test_interrupt_main_subthread": "gh-118433",
}


OURS = {
    name
    for name in raddle.threading.__all__
    if getattr(getattr(raddle.threading, name), "__module__", "").startswith("raddle")
}


class StandIn(types.ModuleType):
    """raddle.threading, with the private names of `threading` that the tests know besides.

    What is set goes where the interpreter looks for it.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(raddle.threading if name in OURS else threading, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(threading, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(threading, name)


def in_raddle(run: Callable[..., Any]) -> Callable[..., Any]:
    """A function that runs code in a process of its own: there, too, raddle stands in for `threading`."""
    place = str(Path(raddle.__file__).parents[1])

    def run_in_raddle(*arguments: Any, **more: Any) -> Any:
        first = f"import sys; sys.path.insert(0, {place!r})\n"
        new = [
            first + textwrap.dedent(code).replace("import threading", "from raddle import threading")
            if before == "-c"
            else code
            for before, code in zip(("", *arguments), arguments, strict=False)
        ]
        return run(*new, **more)

    return run_in_raddle


def load_tests() -> tuple[unittest.TestSuite, set[str]]:
    """All tests, on raddle, and their names."""
    suite = unittest.TestSuite()
    lock_tests = load("test.lock_tests")
    for name, types_ in LOCK_TESTS.items():
        body = {key: staticmethod(value) for key, value in types_.items()}
        case = type(name, (getattr(lock_tests, name), unittest.TestCase), body)
        suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    module = load("test.test_threading")
    module.threading = StandIn("threading")
    for name in ("assert_python_ok", "assert_python_failure"):
        setattr(module, name, in_raddle(getattr(module, name)))
    module.ConditionAsRLockTests.locktype = staticmethod(raddle.Condition)
    for name in THREAD_TESTS:
        suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(getattr(module, name)))
    return suite, set(map(short, suite))


@pytest.fixture(scope="module")
def result() -> Recorded:
    return run(load_tests()[0])


def test_all_pass_but_those_expected_not_to(result: Recorded) -> None:
    check(result, EXPECTED_ERRORS)


def test_all_of_them_ran(result: Recorded) -> None:
    skipped = {short(test): reason for test, reason in result.skipped}
    assert all(SKIPPED.get(name, "?") in reason for name, reason in skipped.items()), skipped
    assert set(EXPECTED_ERRORS) & load_tests()[1] <= result.ran
    assert len(result.ran) >= (183 if sys.version_info >= (3, 13) else 171)


def test_they_ran_on_raddle() -> None:
    """Each test makes its objects of raddle's classes."""
    assert {"Lock", "RLock", "Thread", "Timer"} < OURS
    assert all(value is raddle.Lock for value in LOCK_TESTS["LockTests"].values())
    stand_in = StandIn("threading")
    assert all(getattr(stand_in, name) is getattr(raddle, name) for name in OURS)
    assert stand_in.current_thread is threading.current_thread
