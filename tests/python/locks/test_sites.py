"""Where a lock is taken is found without running code of Python: the thread may stand in a queue by then."""

import gc
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import raddle
from raddle.diagnostics import record

# Later interpreters collect between two instructions, not where an object is made.
pytestmark = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="the collector runs nowhere inside a call"
)


@pytest.fixture
def collections() -> Iterator[list[str]]:
    """Collections while the collector is due: the next object that it would track makes it run."""
    runs: list[str] = []

    def note(phase: str, _: Any) -> None:
        runs.append(phase)

    usual = gc.get_threshold()
    gc.disable()
    gc.callbacks.append(note)
    kept = [[] for _ in range(1000)]  # type: ignore[var-annotated]
    gc.set_threshold(10)
    yield runs
    gc.callbacks.remove(note)
    gc.set_threshold(*usual)
    gc.enable()
    del kept


def call(function: Callable[[], Any]) -> bool:
    """Calls it from a frame that no object has been made for yet. Is the collector still on?"""
    gc.enable()
    function()
    is_on = gc.isenabled()
    gc.disable()
    return is_on


def test_the_frame_makes_the_collector_run(collections: list[str]) -> None:
    """What the other tests show not to happen can happen."""
    assert call(sys._getframe)
    assert collections


@pytest.mark.parametrize("cls", [raddle.Lock, raddle.RLock])
def test_a_tracked_lock(cls: type[raddle.Lock | raddle.RLock], collections: list[str]) -> None:
    lock = cls(track=True)
    assert call(lock.__enter__)
    assert collections == []
    assert lock._taken_at is not None
    assert lock._taken_at[:2] == (__file__, "call")
    lock.release()


def test_what_is_recorded(collections: list[str]) -> None:
    lock = raddle.Lock()
    with record() as recording:
        collections.clear()
        assert call(lock.__enter__)
        assert collections == []
    lock.release()
    [event] = recording.events
    assert event.what == "acquired"
    assert event.site is not None
    assert event.site[:2] == (__file__, "call")


def test_a_collector_that_is_off_stays_off(collections: list[str]) -> None:
    lock = raddle.Lock(track=True)
    with lock:
        assert not gc.isenabled()
    assert collections == []
