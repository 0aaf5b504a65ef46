"""Event, Semaphore and Barrier.

A Condition needs nothing of its own: who notifies it releases a lock that the waiter has taken: a signal.
"""

import threading

from raddle.check._sync._watch import Watch

_OWN_LOCK = ("_cond", "_lock")


def install(watch: Watch) -> None:
    event = threading.Event
    watch.method(event, "set", "release", own_lock=_OWN_LOCK)
    watch.method(event, "is_set isSet wait", "acquire_if_true", own_lock=_OWN_LOCK)
    watch.method(event, "clear", None, own_lock=_OWN_LOCK)
    for semaphore in (threading.Semaphore, threading.BoundedSemaphore):
        watch.method(semaphore, "release", "release_permits", own_lock=_OWN_LOCK, argument="n")
        watch.method(semaphore, "acquire __enter__", "acquire_permit", own_lock=_OWN_LOCK)
    barrier = threading.Barrier
    watch.method(barrier, "wait reset abort", None, own_lock=_OWN_LOCK)
    watch.method(barrier, "_enter", "enter_round")
    watch.method(barrier, "_wait", "acquire")
    watch.method(barrier, "_release", "open_round")
