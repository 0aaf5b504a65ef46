"""Threads: start, join, the end of the process."""

import _thread
import threading

from raddle.check._sync._watch import Watch


def install(watch: Watch) -> None:
    # Whatever starts a thread goes through `_thread`; the rest is about who finds it ended.
    watch.checker.sync_watch_threads(threading.Thread)
    watch.method(threading.Thread, "join", "acquire")
    watch.method(threading.Thread, "is_alive", "acquire_if_false")
    watch.method(threading, "_shutdown", "acquire_ended_threads")
    # Up to 3.12 a thread holds a lock while it runs, by which the others learn that it has ended.
    watch.method(threading.Thread, "_set_tstate_lock _wait_for_tstate_lock", None, deaf=True)
    watch.checker.sync_watch_local(_thread._local)
