"""Thread and Timer, whose join() deadlock detection sees; and the same for the threads of `threading`.

A join waits in raddle's parking lot for the end of the thread, by the number that raddle has for it: so a
join is part of a cycle of threads that wait for each other, as the wait for a lock is. What then is left
(the system gives back the thread's memory) is the standard library's own join, and so are all checks and
errors.
"""

import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from raddle._raddle import Event, _find_thread_id, _thread_id, _wait_for_end

_Join = Callable[..., None]  # Thread.join, of one class or another


def number_of(thread: threading.Thread) -> int:
    """The number that raddle has for a thread; 0: it has never met raddle, or has ended."""
    number: int = getattr(thread, "_raddle_id", 0)
    if number == 0 and thread.ident is not None:
        found = _find_thread_id(thread.ident)
        # The system may give the ident of a thread that has ended to another one.
        if thread.is_alive():
            number = found
    return number


def join_visibly(thread: threading.Thread, timeout: float | None, join: _Join) -> None:
    """thread.join(timeout) by `join`, the standard library's, after a wait that deadlock detection sees."""
    if timeout is not None and not 0 < timeout <= threading.TIMEOUT_MAX:
        join(thread, timeout)  # Nothing to wait for, or the standard library's error.
        return
    deadline = None if timeout is None else time.monotonic() + timeout
    join(thread, 0)  # Its checks; and a thread that has ended is joined.
    # Also for one that has just ended for `threading`: what it left, locks too, is known once it is gone.
    if not sys.is_finalizing() and (number := number_of(thread)) != 0:
        _wait_for_end(number, timeout, thread)
    join(thread, None if deadline is None else max(0.0, deadline - time.monotonic()))


class Thread(threading.Thread):
    """A thread of control whose join() takes part in deadlock detection; in place of threading.Thread.

    Everything is as with threading.Thread, but that a join() without a
    timeout raises DeadlockError if the thread can never end because it
    waits, directly or through others, for the thread that joins it.

        worker = raddle.Thread(target=print, args=("hello",))
        worker.start()
        worker.join()
    """

    __module__ = "raddle"
    _raddle_id = 0

    def _bootstrap_inner(self) -> None:
        self._raddle_id = _thread_id()
        super()._bootstrap_inner()  # type: ignore[misc]

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended, or so many seconds; less than 0 is like 0.

        RuntimeError: it was not started, or is this thread. DeadlockError: it waits for this thread, and this
        would wait for ever.
        """
        join_visibly(self, timeout, threading.Thread.join)


class Timer(Thread, threading.Timer):
    """Calls a function after a number of seconds, unless it is cancelled; in place of threading.Timer.

    It is a Thread: start() starts the time, cancel() stops it while the
    function has not begun, join() waits until it has been called or
    cancelled.

        timer = raddle.Timer(0.01, print, ("ten milliseconds later",))
        timer.start()
        timer.join()
    """

    __module__ = "raddle"
    finished: Event  # type: ignore[assignment]  # raddle's, in place of that of `threading`

    def __init__(
        self,
        interval: float,
        function: Callable[..., object],
        args: Any = None,
        kwargs: Any = None,
    ) -> None:
        super().__init__(interval, function, args, kwargs)
        self.finished = Event()


class JoinWatch:
    """Lets joins of plain threads be seen until stop(), or the end of the `with` block; see watch_joins()."""

    _lock = threading.Lock()
    _active = 0  # How many of these have not been stopped.
    _join: _Join
    _bootstrap_inner: Callable[[threading.Thread], None]

    def __init__(self) -> None:
        self._stopped = False
        with JoinWatch._lock:
            JoinWatch._active += 1
            if JoinWatch._active == 1:
                _patch()

    def stop(self) -> None:
        """End it. `threading` is as it was once every watch has been stopped; stopping twice is as once."""
        with JoinWatch._lock:
            if self._stopped:
                return
            self._stopped = True
            JoinWatch._active -= 1
            if JoinWatch._active == 0:
                _restore()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


_plain_join: _Join = threading.Thread.join
_plain_bootstrap: Callable[..., None] = threading.Thread._bootstrap_inner  # type: ignore[attr-defined]


def _watched_join(self: threading.Thread, timeout: float | None = None) -> None:
    """Thread.join(), with a wait that raddle sees."""
    # The main thread counts as ended long before the system takes it down: at the beginning of shutdown.
    if JoinWatch._active == 0 or self is threading.main_thread():
        _plain_join(self, timeout)
    else:
        join_visibly(self, timeout, _plain_join)


def _watched_bootstrap(self: threading.Thread) -> None:
    """Gives the thread its number before it is known to have started."""
    self._raddle_id = _thread_id()  # type: ignore[attr-defined]
    _plain_bootstrap(self)


def _patch() -> None:
    global _plain_join, _plain_bootstrap
    thread: Any = threading.Thread
    if thread.join is not _watched_join:
        _plain_join = thread.join
        thread.join = _watched_join
    if thread._bootstrap_inner is not _watched_bootstrap:
        _plain_bootstrap = thread._bootstrap_inner
        thread._bootstrap_inner = _watched_bootstrap


def _restore() -> None:
    """Takes off what nobody else has covered; what stays does nothing."""
    thread: Any = threading.Thread
    if thread.join is _watched_join:
        thread.join = _plain_join
    if thread._bootstrap_inner is _watched_bootstrap:
        thread._bootstrap_inner = _plain_bootstrap
