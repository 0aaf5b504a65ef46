"""What tests of KeyedLock share: keys that compare by Python code, and how others find a key."""

from typing import Any

from raddle import KeyedLock

from .threads import in_another_thread


def is_free(locks: KeyedLock[Any], key: Any) -> bool:
    """As another thread finds it."""

    def look() -> bool:
        taken = locks.acquire(key, blocking=False)
        if taken:
            locks.release(key)
        return taken

    return in_another_thread(look)


class Same:
    """All have one hash; equal by value, in code of Python's."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __hash__(self) -> int:
        return 7

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value == other.value
