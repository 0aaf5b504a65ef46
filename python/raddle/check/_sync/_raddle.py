"""raddle's own: locks, coordination, queues, atomics, values made once; as docs/guarantees.md has it."""

from typing import Any

from raddle import _raddle
from raddle.check._sync._watch import Watch

_STORES = "set store"
_LOADS = "get load"
_EXCHANGES = (
    "get_and_set exchange increment decrement get_and_increment get_and_decrement fetch_add fetch_sub "
    "fetch_and fetch_or fetch_xor compare_and_set compare_and_exchange max min update "
    "get_and_update flip test_and_set"
)


def install(watch: Watch) -> None:
    _install_locks(watch)
    _install_coordination(watch)
    _install_queues(watch)
    _install_atomics(watch)
    _install_values(watch)


def _install_locks(watch: Watch) -> None:
    rw_lock = _raddle.RWLock()
    keys: _raddle.KeyedLock[int] = _raddle.KeyedLock()
    plain: tuple[Any, ...] = (_raddle.Lock(), _raddle.RLock())
    others: tuple[Any, ...] = (rw_lock, rw_lock.read, rw_lock.upgradable_lock(), keys(0))
    ended: tuple[type, ...] = (_raddle.Lock, _raddle.RLock, _raddle.RWLock, _raddle.KeyedLock)
    for each in plain:
        watch.c_method(type(each), "acquire acquire_lock", "lock_acquired")
        watch.c_method(type(each), "release release_lock", "own_plain_releasing")
        watch.bound_method(each, "__enter__", "lock_entered")
        watch.bound_method(each, "__exit__", "own_plain_releasing")
    for each in others:
        watch.c_method(type(each), "acquire acquire_lock", "own_lock_acquired")
        watch.c_method(type(each), "release release_lock", "own_lock_releasing")
        watch.bound_method(each, "__enter__", "own_lock_acquired")
        watch.bound_method(each, "__exit__", "own_lock_releasing")
    for kind in ended[:2]:
        watch.c_method(kind, "_at_fork_reinit", "lock_reinitialised")
    watch.c_method(_raddle.RLock, "_release_save", "own_rlock_releasing_all")
    watch.c_method(_raddle.RLock, "_acquire_restore", "own_rlock_acquired_all")
    watch.c_method(_raddle.KeyedLock, "acquire", "key_acquired")
    watch.c_method(_raddle.KeyedLock, "release", "key_releasing")
    for kind in ended:
        watch.checker.sync_watch_ends(kind)


def _install_coordination(watch: Watch) -> None:
    condition, semaphore = _raddle.Condition(), _raddle.Semaphore()
    watch.c_method(_raddle.Condition, "acquire", "condition_acquired")
    watch.c_method(_raddle.Condition, "release", "condition_releasing")
    watch.bound_method(condition, "__enter__", "condition_acquired")
    watch.bound_method(condition, "__exit__", "condition_releasing")
    watch.c_method(_raddle.Condition, "notify notify_all notifyAll", "release_object")
    watch.c_method(_raddle.Event, "set", "release_object")
    watch.c_method(_raddle.Event, "is_set isSet wait", "acquire_object_if_true")
    watch.c_method(_raddle.Semaphore, "release", "release_permits")
    watch.c_method(_raddle.Semaphore, "acquire", "acquire_permit")
    watch.bound_method(semaphore, "__enter__", "acquire_permit")
    watch.bound_method(semaphore, "__exit__", "leave_permit")
    watch.c_method(_raddle.Latch, "count_down", "release_object")
    watch.c_method(_raddle.Latch, "wait", "acquire_object_if_true")
    watch.c_method(_raddle.Barrier, "wait", "own_barrier")
    for kind in (
        _raddle.Condition,
        _raddle.Event,
        _raddle.Semaphore,
        _raddle.BoundedSemaphore,
        _raddle.Latch,
        _raddle.Barrier,
    ):
        watch.checker.sync_watch_ends(kind)


def _install_queues(watch: Watch) -> None:
    for kind in (_raddle.Queue, _raddle.LifoQueue, _raddle.PriorityQueue, _raddle.SimpleQueue):
        watch.c_method(kind, "put put_nowait", "own_put")
        watch.c_method(kind, "get get_nowait", "own_get")
        watch.c_method(kind, "get_many drain", "own_get_many")
        watch.c_method(kind, "task_done", "release_object")
        watch.c_method(kind, "join", "acquire_object")
        watch.c_method(kind, "shutdown", "own_shutdown")
        watch.checker.sync_watch_ends(kind)
        watch.checker.sync_watch_operators(kind)


def _install_atomics(watch: Watch) -> None:
    # A ShardedCounter orders nothing: its rows in docs/guarantees.md say so.
    for kind in (_raddle.AtomicInt, _raddle.AtomicBool, _raddle.AtomicFloat, _raddle.AtomicRef):
        watch.c_method(kind, _STORES, "release_object")
        watch.c_method(kind, _LOADS, "acquire_object")
        watch.c_method(kind, _EXCHANGES, "exchange_object")
        watch.checker.sync_watch_ends(kind)
        watch.checker.sync_watch_operators(kind)
    watch.c_method(_raddle.AtomicBool, "clear", "release_object")


def _install_values(watch: Watch) -> None:
    # What a factory did is told where it is called: see src/bindings/check/hooks.hpp.
    watch.c_method(_raddle.Lazy, "get", "acquire_object")
    watch.c_method(_raddle.once, "__call__", "acquire_object")
    watch.c_method(_raddle.OnceMap, "get", "get_part")
    watch.c_method(_raddle.ThreadLocal, "get", "confined")
    watch.c_method(_raddle.ThreadLocal, "set", "set_value")
    watch.c_method(_raddle.ThreadLocal, "items fold", "fold_values")
    for kind in (_raddle.Lazy, _raddle.once, _raddle.OnceMap, _raddle.ThreadLocal):
        watch.checker.sync_watch_ends(kind)
