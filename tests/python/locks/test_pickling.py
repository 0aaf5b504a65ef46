"""What is said to who pickles or copies an object that threads share: what there is between processes."""

import copy
import multiprocessing
import pickle
import re
from typing import Any

import pytest
import raddle
from support.surface import CLASSES
from support.surface_queues import QUEUES

INSTEAD: dict[str, tuple[Any, str]] = {
    "AtomicInt": (raddle.AtomicInt(), r"send its value instead, or use multiprocessing\.Value"),
    "AtomicRef": (raddle.AtomicRef(), r"send its value instead, or use multiprocessing\.Manager\(\)\.Value"),
    "Lock": (raddle.Lock(), r"multiprocessing\.Lock"),
    "RLock": (raddle.RLock(), r"multiprocessing\.RLock"),
    "Event": (raddle.Event(), r"multiprocessing\.Event"),
    "Semaphore": (raddle.Semaphore(), r"multiprocessing\.Semaphore"),
    "BoundedSemaphore": (raddle.BoundedSemaphore(), r"multiprocessing\.BoundedSemaphore"),
    "Condition": (raddle.Condition(), r"multiprocessing\.Condition"),
    "Barrier": (raddle.Barrier(1), r"multiprocessing\.Barrier"),
    "Latch": (raddle.Latch(1), r"a multiprocessing\.Value under a multiprocessing\.Condition"),
    "RWLock": (raddle.RWLock(), r"multiprocessing\.RLock, for readers too"),
    "RWLockView": (raddle.RWLock().read, r"multiprocessing\.RLock, for readers too"),
    "RWLockUpgradable": (raddle.RWLock().upgradable_lock(), r"multiprocessing\.RLock, for readers too"),
    "KeyedLock": (raddle.KeyedLock(), r"a multiprocessing\.RLock for each key"),
    "_KeyGuard": (raddle.KeyedLock()(1), r"a multiprocessing\.RLock for each key"),
    "lock_all": (raddle.lock_all(), r"multiprocessing\.Lock, and take several in one order everywhere"),
    "once": (raddle.once(lambda: 1), r"send the result instead"),
    "Lazy": (raddle.Lazy(int), r"send its value instead"),
    "OnceMap": (raddle.OnceMap(int), r"send its values instead, or use multiprocessing\.Manager\(\)\.dict"),
    "ThreadLocal": (raddle.ThreadLocal(int), r"send its values instead"),
}


@pytest.mark.parametrize("name", INSTEAD)
def test_what_is_pickled_says_what_there_is_between_processes_for_its_class(name: str) -> None:
    target, advice = INSTEAD[name]
    about = f"cannot pickle or copy '{name}' object: it belongs to the threads of one process; "
    for attempt in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match=rf"^{about}(between processes use )?{advice}$"):
            attempt(target)
    for used in re.findall(r"multiprocessing\W+(\w+)", advice):
        assert hasattr(multiprocessing, used)


def test_there_is_advice_for_every_class() -> None:
    asked = {type(target) for target, _ in INSTEAD.values()}
    assert set(CLASSES) - asked == {raddle.AtomicBool, raddle.AtomicFloat, raddle.ShardedCounter, *QUEUES}
