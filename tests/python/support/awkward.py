"""Arguments that do something while they are converted: raise, use the atomic again, end the thread."""

from collections.abc import Callable
from typing import Any


class Converts:
    """A number, truth and float whose conversion calls `action` and then gives `value`."""

    def __init__(self, value: Any, action: Callable[[], object] = lambda: None) -> None:
        self._value = value
        self._action = action

    def _convert(self) -> Any:
        self._action()
        return self._value

    def __index__(self) -> int:
        return self._convert()  # type: ignore[no-any-return]

    def __float__(self) -> float:
        return self._convert()  # type: ignore[no-any-return]

    def __bool__(self) -> bool:
        return self._convert()  # type: ignore[no-any-return]


def raiser(error: type[BaseException]) -> Callable[[], object]:
    def fail() -> object:
        raise error

    return fail
