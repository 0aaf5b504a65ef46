"""The end of the interpreter while threads wait. The program ends after these in the ordinary way."""

import threading
from typing import Any

from . import waiters
from .call import BlockingCall
from .waiters import Waiter, check_state, until_parked


def _daemons(call: BlockingCall) -> tuple[Any, list[Waiter]]:
    """Daemon threads that wait, without a time limit and with one, as long as the process lives."""
    target = call.make()
    crew = [Waiter(call, target), Waiter(call, target)]
    if call.timed is not None:
        crew.append(Waiter(call, target, 1000.0))
    until_parked(call, target, *(waiter.thread for waiter in crew))
    return target, crew


def daemons(call: BlockingCall) -> None:
    """Nobody releases them: the process ends all the same."""
    target, crew = _daemons(call)
    keep[:] = [target, crew]


class ReleasesAtTheEnd:
    """Its finaliser runs when the interpreter clears its modules: daemon threads are being ended then."""

    def __init__(self, call: BlockingCall, target: Any) -> None:
        # What __del__ needs, because the names of this module may be gone when it runs.
        self._target = target
        self._release = call.release
        self._try_for = call.try_for if call.timed is not None else None

    def __del__(self) -> None:
        self._release(self._target)
        # A thread that will never run again may have got the wake-up; the object must be usable all the same.
        if self._try_for is not None:
            self._try_for(self._target, 0.01)
            self._try_for(self._target, 0.01)
        print("released", flush=True)


def woken_by_finalisers(call: BlockingCall) -> None:
    """They are released when no thread but the main one can run Python code any more."""
    target, crew = _daemons(call)
    keep[:] = [crew, ReleasesAtTheEnd(call, target)]
    print("end", flush=True)


def threads(call: BlockingCall) -> None:
    """Threads that are no daemons are waited for, and are released when the main thread has ended."""
    target = call.make()
    waiter = Waiter(call, target, daemon=False)
    until_parked(call, target, waiter.thread)

    def release_late() -> None:
        waiters.wait_until(lambda: not threading.main_thread().is_alive(), "the main thread ends")
        call.release(target)
        waiter.finish("released while the interpreter shuts down")
        check_state(call, target, call.taken, "while the interpreter shuts down")
        print("released", flush=True)

    threading.Thread(target=release_late, daemon=False).start()
    print("end", flush=True)


keep: list[object] = []  # Cleared with this module, late.
