"""What `locks(key)` returns: its methods, which may lie in itself, and its memory, which the next may get."""

import gc
import threading
import weakref
from contextlib import ExitStack
from typing import Any

import pytest
from raddle import KeyedLock, pin
from support.threads import parallelize


@pytest.mark.parametrize("make", [KeyedLock, lambda: pin(KeyedLock())], ids=["plain", "pinned"])
def test_methods_live_longer_than_the_guard(make: Any) -> None:
    locks = make()
    guard = locks("key")
    enter, exit_ = guard.__enter__, guard.__exit__
    others = [guard.__enter__, guard.__enter__, guard.__exit__]
    del guard
    gc.collect()
    assert enter() is True
    assert others[0]() is True
    assert others[1]() is True
    for leave in (exit_, others[2], exit_):
        assert len(locks) == 1
        assert leave(None, None, None) is None
    assert len(locks) == 0


def methods_as_a_with_asks_for_them(locks: Any, key: Any) -> tuple[Any, Any]:
    """Of a guard that nobody else has: where they lie in the guard, these do."""
    enter = locks(key).__enter__
    return enter, enter.__self__.__exit__


def test_methods_as_a_with_asks_for_them_live_longer_than_the_guard() -> None:
    locks: KeyedLock[str] = KeyedLock()
    for _ in range(3):
        enter, exit_ = methods_as_a_with_asks_for_them(locks, "key")
        assert type(enter) is type(exit_)
        others = [enter.__self__.__enter__, enter.__self__.__exit__]
        gc.collect()
        assert enter() is True
        with pytest.raises(TypeError):
            enter(1)
        for call in (enter, exit_):
            with pytest.raises(TypeError):
                call(keyword=1)
        del enter
        assert others[0]() is True
        others[1](None, None, None)
        assert len(locks) == 1
        exit_(None, None, None)
        assert len(locks) == 0
        with pytest.raises(RuntimeError):
            exit_()


@pytest.mark.parametrize("method", ["__enter__", "__exit__"])
def test_cycles_through_methods_are_collected(method: str) -> None:
    locks: KeyedLock[Any] = KeyedLock()

    class Key:
        held: Any

    def make(keep_guard: bool) -> weakref.ref[Key]:
        key = Key()
        guard = locks(key) if keep_guard or method == "__enter__" else None
        key.held = getattr(locks(key) if guard is None else guard, method)
        return weakref.ref(key)

    watched = [make(keep) for keep in (True, False, True)]
    gc.collect()
    assert [ref() for ref in watched] == [None] * 3


def test_methods_take_what_methods_take() -> None:
    guard = KeyedLock()("key")
    with pytest.raises(TypeError):
        guard.__enter__(1)
    for call in (guard.__enter__, guard.__exit__):
        with pytest.raises(TypeError):
            call(keyword=1)
    with pytest.raises(RuntimeError):
        guard.__exit__()
    with pytest.raises(RuntimeError):
        guard.__exit__(None, None, None)
    assert guard.__enter__()
    assert guard.__exit__() is None


def test_methods_found_in_the_class() -> None:
    locks: KeyedLock[str] = KeyedLock()
    guard = locks("key")
    assert type(guard).__enter__(guard) is True
    type(guard).__exit__(guard, None, None, None)
    with ExitStack() as stack:
        stack.enter_context(guard)
        assert len(locks) == 1
    assert len(locks) == 0


def test_methods_are_made_and_dropped_in_different_threads() -> None:
    locks: KeyedLock[int] = KeyedLock()
    guard = locks(1)
    kept: list[Any] = []

    def use(_: int) -> None:
        for _ in range(200):
            kept.append((guard.__enter__, guard.__exit__))
            enter, exit_ = kept.pop()
            enter()
            exit_()

    parallelize(use, 4)
    for number in range(200):
        both = (guard.__enter__, guard.__exit__)
        kept.append(methods_as_a_with_asks_for_them(locks, 1) if number % 2 else both)
        del both
        thread = threading.Thread(target=kept.clear)
        thread.start()
        thread.join()
    with guard:
        assert len(locks) == 1
    assert len(locks) == 0


def test_the_end_of_a_guard_is_one_end() -> None:
    """The next guard is another object, wherever it lies."""
    locks: KeyedLock[Any] = KeyedLock()

    class Key:
        pass

    for _ in range(3):
        key = Key()
        guard, ended = locks(key), []
        watched = weakref.ref(guard, ended.append), weakref.ref(key)
        del guard, key
        gc.collect()
        assert [ref() for ref in watched] == [None, None]
        assert len(ended) == 1
        guard = locks("other")
        assert "other" in repr(guard)
        assert [ref() for ref in watched] == [None, None]
        assert gc.is_tracked(guard)


def test_a_key_that_makes_guards_when_it_ends() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    made: list[Any] = []

    class Key:
        def __del__(self) -> None:
            made.extend([locks("first"), locks("second")])
            with locks("third"):
                pass

    for _ in range(5):
        with locks(Key()):
            pass
        gc.collect()
    assert len(made) == 10
    assert len({id(guard) for guard in made}) == 10
    for guard in made:
        with guard:
            assert len(locks) == 1


def test_guards_that_end_after_their_lock_has_no_other_reference() -> None:
    locks: KeyedLock[str] = KeyedLock()
    watched = weakref.ref(locks)
    guards = [locks("a"), locks("b")]
    del locks
    del guards[0]
    assert watched() is not None
    with guards[0]:
        pass
    del guards
    gc.collect()
    assert watched() is None
