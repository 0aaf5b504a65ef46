"""The names of locks and of all else that threads wait for: given by position or by keyword."""

from collections.abc import Callable
from typing import Any

import pytest
import raddle
from support.surface import CLASSES

# Each is made with what comes before its name.
NAMED: dict[type[Any], Callable[..., Any]] = {
    raddle.Lock: raddle.Lock,
    raddle.RLock: raddle.RLock,
    raddle.RWLock: raddle.RWLock,
    raddle.KeyedLock: raddle.KeyedLock,
    raddle.Event: raddle.Event,
    raddle.Semaphore: lambda *name, **more: raddle.Semaphore(1, *name, **more),
    raddle.BoundedSemaphore: lambda *name, **more: raddle.BoundedSemaphore(1, *name, **more),
    raddle.Condition: lambda *name, **more: raddle.Condition(None, *name, **more),
    raddle.Barrier: lambda *name, **more: raddle.Barrier(1, None, None, *name, **more),
    raddle.Latch: lambda *name, **more: raddle.Latch(1, *name, **more),
    raddle.Lazy: lambda *name, **more: raddle.Lazy(int, *name, **more),
    raddle.OnceMap: lambda *name, **more: raddle.OnceMap(int, *name, **more),
    raddle.ThreadLocal: lambda *name, **more: raddle.ThreadLocal(int, None, *name, **more),
}


def test_these_are_all_classes_that_have_names() -> None:
    assert set(NAMED) == {cls for cls in CLASSES if hasattr(cls, "name")}


@pytest.mark.parametrize("cls", NAMED)
def test_a_name_is_given_by_position_or_by_keyword(cls: type[Any]) -> None:
    make = NAMED[cls]
    for named in (make("warp"), make(name="warp")):
        assert named.name == "warp"
        assert " name='warp'" in repr(named)
    for unnamed in (make(), make(None), make(name=None)):
        assert unnamed.name is None
        assert " name=" not in repr(unnamed)
    for wrong in (5, b"warp"):
        with pytest.raises(TypeError, match="name must be a str or None"):
            make(wrong)
    with pytest.raises(TypeError):
        make("warp", "weft")
    with pytest.raises(TypeError):
        make("warp", name="weft")
