"""raddle.threading: every name of `threading`, and which of them are raddle's own."""

import importlib
import pickle
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
import raddle
import raddle.threading
from support.process import check_code

OURS = {
    "Barrier",
    "BoundedSemaphore",
    "Condition",
    "Event",
    "Lock",
    "RLock",
    "Semaphore",
    "Thread",
    "Timer",
}


def test_it_has_every_name() -> None:
    assert set(threading.__all__) == set(raddle.threading.__all__)
    assert len(raddle.threading.__all__) == len(set(raddle.threading.__all__))


@pytest.mark.parametrize("name", sorted(threading.__all__))
def test_a_name_is_raddles_or_the_standard_librarys(name: str) -> None:
    owner = raddle if name in OURS else threading
    assert getattr(raddle.threading, name) is getattr(owner, name)


def test_names_that_a_later_python_adds_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not hasattr(raddle.threading, "brand_new")
    monkeypatch.setattr(threading, "brand_new", object(), raising=False)
    monkeypatch.setattr(threading, "__all__", [*threading.__all__, "brand_new"])
    assert raddle.threading.brand_new is threading.brand_new  # type: ignore[attr-defined]
    assert not hasattr(raddle.threading, "_shutdown")


def test_local_is_the_standard_librarys() -> None:
    assert raddle.local is threading.local


def test_importing_it_patches_nothing() -> None:
    check_code(
        "import threading\n"
        "things = [threading, *(getattr(threading, name) for name in threading.__all__)]\n"
        "things = [thing for thing in things if hasattr(thing, '__dict__')]\n"
        "before = [dict(vars(thing)) for thing in things]\n"
        "import raddle, raddle.threading, raddle.diagnostics\n"
        "after = [dict(vars(thing)) for thing in things]\n"
        "assert before == after and len(before) > 5"
    )


@pytest.fixture
def hooks() -> Iterator[None]:
    """The hooks are as they were, afterwards."""
    before = threading.excepthook, threading.gettrace(), threading.getprofile()
    yield
    threading.excepthook = before[0]
    threading.settrace(before[1])  # type: ignore[arg-type]
    threading.setprofile(before[2])


def run(target: Any) -> None:
    """In a thread of raddle's."""
    thread = raddle.Thread(target=target)
    thread.start()
    thread.join()


def fail() -> None:
    raise ZeroDivisionError


@pytest.mark.usefixtures("hooks")
def test_a_hook_for_exceptions_is_that_of_the_standard_library() -> None:
    told: list[Any] = []
    raddle.threading.excepthook = told.append
    assert threading.excepthook == told.append
    run(fail)
    assert [args.exc_type for args in told] == [ZeroDivisionError]
    other = threading.excepthook = lambda args: None
    assert raddle.threading.excepthook is other
    assert vars(raddle.threading).get("excepthook", other) is other
    raddle.threading.excepthook = raddle.threading.__excepthook__
    assert threading.excepthook is threading.__excepthook__


@pytest.mark.usefixtures("hooks")
def test_a_hook_for_exceptions_can_be_replaced_for_a_while() -> None:
    before = threading.excepthook
    with mock.patch.object(raddle.threading, "excepthook") as hook:
        assert threading.excepthook is hook
        run(fail)
    hook.assert_called_once()
    assert threading.excepthook is raddle.threading.excepthook is before


@pytest.mark.usefixtures("hooks")
@pytest.mark.parametrize("what", ["trace", "profile"])
def test_functions_for_tracing_and_profiling_are_used_by_its_threads(what: str) -> None:
    called: list[str] = []

    def note(frame: Any, event: str, argument: object) -> None:
        called.append(frame.f_code.co_name)

    def work() -> None:
        pass

    getattr(raddle.threading, f"set{what}")(note)
    assert getattr(raddle.threading, f"get{what}")() is note
    run(work)
    assert "work" in called


@pytest.mark.usefixtures("hooks")
def test_it_can_be_reloaded_pickled_and_looked_at() -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(raddle.threading, protocol)) is raddle.threading
        assert pickle.loads(pickle.dumps(raddle.threading.Lock, protocol)) is raddle.Lock
    assert set(threading.__all__) <= set(dir(raddle.threading))
    assert importlib.reload(raddle.threading) is raddle.threading
    other = raddle.threading.excepthook = lambda args: None
    assert threading.excepthook is other
    assert repr(raddle.threading).startswith("<module 'raddle.threading' from ")
    names: dict[str, Any] = {}
    exec("from raddle.threading import *", names)
    assert names["excepthook"] is other
