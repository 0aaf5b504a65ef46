"""Threads that use an object without end."""

import threading
from typing import Any

from . import waiters
from .call import BlockingCall


class User:
    """A thread that uses an object until it is told to stop.

    Its loop touches nothing that is locked inside but the object: CPython 3.13t locks cells of closures,
    lists and dicts one by one, and the child of a fork() finds them locked by threads that have vanished.
    """

    def __init__(self, call: BlockingCall, target: Any) -> None:
        self.rounds = 0
        self.failure: BaseException | None = None
        self._stop = False
        self._thread = threading.Thread(target=self._run, args=(call, target), daemon=True)
        self._thread.start()

    def _run(self, call: BlockingCall, target: Any) -> None:
        try:
            while not self._stop:
                call.round(target)
                self.rounds += 1
        except BaseException as error:
            self.failure = error

    def finish(self, call: BlockingCall) -> None:
        self._stop = True
        self._thread.join(waiters.patience)
        if self._thread.is_alive():
            raise AssertionError(f"a thread that uses {call} does not come back")
        if self.failure is not None:
            raise self.failure


def until_all_go_on(crew: list[User], before: list[int], what: str) -> None:
    """Waits until every one of them has done more rounds than before, or has failed."""
    waiters.wait_until(
        lambda: all(u.rounds > then or u.failure for u, then in zip(crew, before, strict=True)),
        f"every thread goes on {what}",
    )
