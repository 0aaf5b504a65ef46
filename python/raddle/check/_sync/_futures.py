"""concurrent.futures: submit, the task, its result. Each task is a logical thread of its own."""

import sys

from raddle.check._sync._watch import Watch

_OWN_LOCK = ("_condition", "_lock")


def install(watch: Watch) -> None:
    watch.when_imported("concurrent.futures._base", _install_base)
    watch.when_imported("concurrent.futures.thread", _install_thread)


def _install_base(watch: Watch) -> None:
    base = sys.modules["concurrent.futures._base"]
    future = base.Future
    watch.method(
        future, "set_result set_exception cancel set_running_or_notify_cancel", "release", own_lock=_OWN_LOCK
    )
    watch.method(future, "result exception", "acquire_if_done", own_lock=_OWN_LOCK)
    watch.method(future, "done cancelled", "acquire_if_true", own_lock=_OWN_LOCK)
    watch.method(future, "running", None, own_lock=_OWN_LOCK)
    watch.method(
        future,
        "add_done_callback",
        "acquire_if_done_before",
        own_lock=_OWN_LOCK,
        argument="fn",
        carry=True,
    )
    # The functions wait() and as_completed() may have been imported by name: what they call is watched.
    watch.method(base._AcquireFutures, "__exit__", "acquire_futures")
    watch.method(base._Waiter, "add_result add_exception add_cancelled", "release_event")
    watch.method(base, "_yield_finished_futures", "acquire_each_done_before")


def _install_thread(watch: Watch) -> None:
    thread = sys.modules["concurrent.futures.thread"]
    watch.method(thread._WorkItem, "__init__", "submit")
    watch.method(thread._WorkItem, "run", "task")
    watch.method(thread, "_worker", "worker")
    # The executor's own locks and its semaphore would order tasks that only share the executor.
    watch.method(thread.ThreadPoolExecutor, "submit", None, deaf=True)
