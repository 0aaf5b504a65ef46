"""The waits for a factory that runs in another thread: Lazy, once, OnceMap."""

import operator
import threading
from collections.abc import Callable, Hashable
from operator import methodcaller
from typing import Any

from raddle import Lazy, OnceMap, SimpleQueue, once

from .call import BlockingCall

KEY = 7
VALUE = 1234567

WITHOUT = {
    "timeout": "takes no timeout: who cannot wait keeps the result",
    "no_memory": "the factory runs in another thread, which lacks memory too; alone in test_no_memory.py",
}


class _Running:
    """An object whose factory runs in a helper thread until it is released.

    In the child of a fork() the helper is gone: whoever calls first runs the factory, and waits in it.
    """

    block: Callable[[Any], Any]

    def run_in_helper(self) -> None:
        self._is_released = False
        self._released: SimpleQueue[None] = SimpleQueue()
        self._began: SimpleQueue[None] = SimpleQueue()
        self._others: OnceMap[int, int] = OnceMap(abs)
        try:
            helper = threading.Thread(target=type(self).block, args=(self,), daemon=True)
        except RuntimeError:  # A subinterpreter has no daemon threads.
            helper = threading.Thread(target=type(self).block, args=(self,))
        helper.start()
        self._began.get()

    def make_value(self, *key: int) -> int:
        self._began.put(None)
        while not self._is_released:
            self._released.get()
        return VALUE

    def release(self) -> None:
        self._is_released = True
        self._released.put(None)

    def state(self) -> Hashable:
        return self._is_released

    def use(self) -> None:
        """Gets what is there, and what must be made anew, and waits if another thread is just making it."""
        type(self).block(self)
        self._others.pop(KEY, None)
        self._others.get(KEY)


class RunningLazy(_Running, Lazy[int]):
    block = methodcaller("get")

    def __init__(self) -> None:
        Lazy.__init__(self, self.make_value)
        self.run_in_helper()


class RunningOnce(_Running, once[int]):
    block = operator.call

    def __init__(self) -> None:
        once.__init__(self, lambda: self.make_value())
        self.run_in_helper()


class RunningOnceMap(_Running, OnceMap[int, int]):
    block = methodcaller("get", KEY)

    def __init__(self) -> None:
        OnceMap.__init__(self, self.make_value)
        self.run_in_helper()


def _call(name: str, cls: type[_Running]) -> BlockingCall:
    return BlockingCall(
        name, cls, cls.block, cls.release, cls.state, use=cls.use, frees_all=True, without=WITHOUT
    )  # fmt: skip


ONCE_CALLS: tuple[BlockingCall, ...] = (
    _call("Lazy.get", RunningLazy),
    _call("once.__call__", RunningOnce),
    _call("OnceMap.get", RunningOnceMap),
)
