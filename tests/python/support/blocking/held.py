"""What a thread of its own has taken: objects in which calls wait that only the owner can let return."""

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from operator import call
from typing import Any


class Held:
    """A lock (or what else a thread takes and gives back) that another thread has until release().

    `enter(...)` is the blocking call and `leave()` its undoing, builtins both: methodcaller("enter") runs no
    code of Python. The thread that has it runs none either, and release() asks for no memory once it has
    told it.
    """

    def __init__(
        self,
        lock: Any,
        enter: Callable[..., Any],
        leave: Callable[..., Any],
        is_free: Callable[[], bool],
        first_enter: Callable[[], Any] | None = None,  # how the other thread takes it, if not by enter()
        first_leave: Callable[[], Any] | None = None,
    ) -> None:
        self.lock = lock
        self.enter = enter
        self.leave = leave
        self.is_free = is_free
        self._first = first_enter or enter, first_leave or leave
        self._hold()

    def _hold(self) -> None:
        wish, taken, done, end = (threading.Lock() for _ in range(4))
        for gate in (wish, taken, done, end):
            gate.acquire()
        enter, leave = self._first
        # It may lack memory for its end: that comes with the end of this object.
        steps = (enter, taken.release, wish.acquire, leave, done.release, end.acquire)
        self._wish, self._done, self._end = wish, done, end
        # In a subinterpreter there may be no daemons, and none is needed: the object ends before it.
        daemon = getattr(threading, "_daemon_threads_allowed", lambda: True)()
        self._thread = threading.Thread(target=deque, args=(map(call, steps), 0), daemon=daemon)
        self._thread.start()
        taken.acquire()

    def release(self) -> None:
        """Lets the thread give it back, and waits until it has."""
        self._wish.release()
        while self._done.locked():
            time.sleep(0)

    def renew(self) -> None:
        """In the child of a fork(), in which that thread has vanished: has it held again."""
        if self.is_free():
            self._hold()

    def __del__(self) -> None:
        if sys.is_finalizing() or not self._thread.is_alive():
            return
        for gate in (self._wish, self._end):
            if gate.locked():
                gate.release()
        self._thread.join()
