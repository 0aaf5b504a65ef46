"""raddle.threading: every name of `threading`, and which of them are raddle's own."""

import threading

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
