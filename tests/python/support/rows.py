"""What a row of the table of public methods says, and what the rows of all classes are made of."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Arguments = tuple[Any, ...]
BIG = 2**62 + 12345
BEYOND = 2**70


@dataclass(frozen=True)
class Row:
    """A method: how it is called, with arguments that it takes and arguments that it refuses."""

    cls: type[Any]
    name: str
    signature: str
    good: tuple[Arguments, ...] = ((),)
    bad: tuple[Arguments, ...] = ()
    loses: bool = True  # May a call whose result could not be made have changed the object?
    start: Any = None  # The value of the object that it is called on; the class's own default if None.
    raises: tuple[type[Exception], ...] = (TypeError, OverflowError, ValueError, ZeroDivisionError)

    def __str__(self) -> str:
        return f"{self.cls.__name__}.{self.name}"

    def make(self) -> Any:
        return self.cls() if self.start is None else self.cls(self.start)

    def state(self, target: Any) -> str:
        """What the object holds, to compare it before and after a call."""
        return repr(target.get())

    @property
    def once(self) -> bool:
        """Is the object another after each call, so that many calls need many objects?"""
        return "n=1" in self.signature or (self.name.startswith("__i") and self.signature == VALUE)

    def bind(self, target: Any) -> Callable[..., Any]:
        """The method of an object; an operator's is found on its class, as the interpreter does."""
        return getattr(target, self.name)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class FreshRow(Row):
    """A method of an object that is made for each call, and tells by its repr() what can be seen of it."""

    @property
    def once(self) -> bool:
        return True

    def state(self, target: Any) -> str:
        return repr(target).replace(hex(id(target)), "")


@dataclass(frozen=True)
class Offer:
    """A public class: how its objects are made, and what they offer."""

    cls: type[Any]
    signature: str  # Of the constructor.
    rows: Callable[[type[Any]], Iterable[Row]]  # Its methods.
    constructions: tuple[Arguments, ...] = ((), (1,))  # Arguments with which objects are made.
    attributes: frozenset[str] = frozenset()  # What it has besides methods.

    def __str__(self) -> str:
        return self.cls.__name__

    @property
    def made_with(self) -> Arguments:
        return self.constructions[0]


class Opaque:
    """An object that is no number, has no truth, and cannot be compared."""

    def __bool__(self) -> bool:
        raise ValueError("no truth")

    def __eq__(self, other: object) -> bool:
        raise ValueError("no equality")

    __hash__ = None  # type: ignore[assignment]


class Token:
    """An object that is only itself. Its repr() needs no memory; that of CPython's containers may break."""

    def __repr__(self) -> str:
        return "<token>"


def fails(value: object) -> object:
    raise ZeroDivisionError


NONE, VALUE, STEP = "(self, /)", "(self, value, /)", "(self, /, n=1)"
NO_SIGNATURE = ""  # Python 3.11 shows none for the __class_getitem__ of any builtin class.
EXCHANGE, FN, MASK = "(self, /, expected, desired)", "(self, fn, /)", "(self, mask, /)"

PLAIN: tuple[Arguments, ...] = ((),)
EXTRA: tuple[Arguments, ...] = ((1,),)
