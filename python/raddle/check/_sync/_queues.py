"""Queues: who puts an element in is before who gets it, and task_done() before join()."""

import _queue
import sys

from raddle.check._sync._watch import Watch

_OWN_LOCK = ("mutex",)
_SHUTDOWN = "_raddle_shutdown"  # who shuts a queue down is before who gets ShutDown


def install(watch: Watch) -> None:
    simple = _queue.SimpleQueue
    watch.c_method(simple, "put put_nowait", "put")
    watch.c_method(simple, "get get_nowait", "get")
    watch.checker.sync_watch_ends(simple)
    watch.when_imported("queue", _install_queue)


def _install_queue(watch: Watch) -> None:
    queue = sys.modules["queue"]
    first = queue.Queue
    # _put and _get run inside the queue's own lock: the clocks go in and out as the elements do.
    for kind in (queue.Queue, queue.PriorityQueue):
        watch.method(kind, "_put", "put")
        watch.method(kind, "_get", "get")
    watch.method(queue.LifoQueue, "_put", "put")
    watch.method(queue.LifoQueue, "_get", "get_last")
    watch.method(first, "put", "put_if_own", own_lock=_OWN_LOCK, argument="item", key=_SHUTDOWN)
    watch.method(first, "get", "get_if_own", own_lock=_OWN_LOCK, key=_SHUTDOWN)
    watch.method(first, "task_done", "release", own_lock=_OWN_LOCK)
    watch.method(first, "join", "acquire", own_lock=_OWN_LOCK)
    watch.method(first, "qsize empty full", None, own_lock=_OWN_LOCK)
    watch.method(first, "shutdown", "release", own_lock=_OWN_LOCK, key=_SHUTDOWN)
