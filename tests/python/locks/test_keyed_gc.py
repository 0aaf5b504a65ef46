"""KeyedLock and the garbage collector: cycles, ends of keys and of locks."""

import gc
import weakref
from typing import Any

import pytest
from raddle import KeyedLock
from support.knobs import scaled
from support.process import check_code
from support.threads import bursts, frequent_switches, run_together

pytestmark = pytest.mark.usefixtures("_small_heap")


def test_a_cycle_through_held_keys_is_collected() -> None:
    class Key:
        pass

    locks: KeyedLock[Any] = KeyedLock()
    for _ in range(300):
        key: Any = Key()
        key.locks = locks
        locks.acquire(key)
    guard = locks(key)
    guard.__enter__()
    key.guard = guard
    ends = [weakref.ref(locks), weakref.ref(key)]
    del key, locks, guard
    assert ends[0]() is not None
    gc.collect()
    assert [end() for end in ends] == [None, None]


def test_a_guard_that_outlives_the_collection_of_its_lock() -> None:
    """A finaliser in a cycle leaves its guard after the keys may have been cleared."""
    outcomes: list[str] = []

    class Key:
        def __del__(self) -> None:
            try:
                self.guard.__exit__(None, None, None)  # type: ignore[attr-defined]
                outcomes.append("left")
            except RuntimeError:
                outcomes.append("refused")

    key: Any = Key()
    locks: KeyedLock[Any] = KeyedLock()
    key.guard = locks(key)
    key.guard.__enter__()
    del key, locks
    gc.collect()
    assert outcomes == ["left"]


def test_keys_are_referred_to_while_they_are_held_only() -> None:
    class Key:
        pass

    locks: KeyedLock[Any] = KeyedLock()
    key = Key()
    end = weakref.ref(key)
    locks.acquire(key)
    assert key in gc.get_referents(locks)
    del key
    gc.collect()
    assert end() is not None
    locks.release(end())
    assert end() is None


def test_a_key_may_use_the_lock_when_it_ends() -> None:
    locks: KeyedLock[Any] = KeyedLock()
    seen: list[int] = []

    class Key:
        def __del__(self) -> None:
            with locks("other"):
                seen.append(len(locks))

    locks.acquire(Key())
    key = next(thing for thing in gc.get_referents(locks) if isinstance(thing, Key))
    locks.release(key)
    del key
    assert seen == [1]


def test_the_end_of_a_lock_with_held_keys() -> None:
    ended: list[int] = []

    class Key:
        def __del__(self) -> None:
            ended.append(1)

    locks: KeyedLock[Any] = KeyedLock()
    for _ in range(100):
        locks.acquire(Key())
    del locks
    assert len(ended) == 100


@pytest.mark.slow_under_tsan
def test_a_long_chain_of_locks_in_keys_ends_without_recursion() -> None:
    code = """
import raddle
chain = None
for _ in range(50_000):
    outer = raddle.KeyedLock()
    outer.acquire((chain,))
    chain = outer
del chain, outer
print("dropped")
"""
    assert check_code(code) == "dropped\n"


def test_collections_while_threads_use_it() -> None:
    locks: KeyedLock[Any] = KeyedLock()

    def use(_: int) -> None:
        for turn in bursts(scaled(1500)):
            with locks((turn % 40,)), locks([turn].__len__), locks(turn):
                pass

    def collect(_: int) -> None:
        for _ in bursts(scaled(15)):
            gc.collect()

    with frequent_switches():
        run_together(lambda: use(0), lambda: use(1), lambda: collect(0))
    assert len(locks) == 0
