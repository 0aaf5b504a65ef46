"""The rows of Lazy, once, OnceMap and ThreadLocal in the table of public methods."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from raddle import Lazy, OnceMap, ThreadLocal, once

from .rows import BIG, EXTRA, NO_SIGNATURE, NONE, PLAIN, VALUE, FreshRow, Offer, Opaque, Row, Token, fails

VALUE_MADE = Token()
KEY = BIG + 7


def make() -> Token:
    """What needs no memory."""
    return VALUE_MADE


def make_for(key: object) -> Token:
    """Likewise."""
    return VALUE_MADE


def raise_it() -> Token:
    raise ZeroDivisionError


def _first_word(target: Any) -> str:
    return repr(target).split()[0]


def _values(target: ThreadLocal[Any]) -> str:
    return repr([value for _, value in target.items()])


def _contents(target: OnceMap[Any, Any]) -> str:
    return f"{len(target)} {KEY in target}"


@dataclass(frozen=True)
class OnceRow(FreshRow):
    """A method of an object that `prepare` has made."""

    prepare: Callable[[], Any] = object
    seen: Callable[[Any], str] = _first_word
    raises: tuple[type[Exception], ...] = (TypeError, ValueError, ZeroDivisionError, KeyError, RuntimeError)

    def make(self) -> Any:
        return self.prepare()

    def state(self, target: Any) -> str:
        return self.seen(target)


def _common(cls: type[Any], prepare: Callable[[], Any], seen: Callable[[Any], str]) -> Iterator[Row]:
    yield OnceRow(cls, "__repr__", NONE, prepare=prepare, seen=seen)
    yield OnceRow(cls, "__reduce__", NONE, (), PLAIN, prepare=prepare, seen=seen)
    yield OnceRow(
        cls, "__class_getitem__", NO_SIGNATURE, ((int,), ((int, str),)), (), prepare=prepare, seen=seen
    )


def _lazy_rows(cls: type[Any]) -> Iterator[Row]:
    yield OnceRow(cls, "get", NONE, PLAIN, EXTRA, prepare=lambda: Lazy(make))
    yield OnceRow(cls, "get", NONE, (), PLAIN, prepare=lambda: Lazy(raise_it))
    yield from _common(cls, lambda: Lazy(make), _first_word)


def _once_rows(cls: type[Any]) -> Iterator[Row]:
    yield OnceRow(cls, "__call__", NONE, PLAIN, EXTRA, prepare=lambda: once(make))
    yield OnceRow(cls, "__call__", NONE, (), PLAIN, prepare=lambda: once(raise_it))
    yield from _common(cls, lambda: once(make), _first_word)


def _filled() -> OnceMap[Any, Any]:
    target = OnceMap(make_for)
    target.get(KEY)
    return target


def _once_map_rows(cls: type[Any]) -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA, **more: Any) -> Row:
        return OnceRow(cls, name, signature, good, bad, **{"prepare": _filled, "seen": _contents, **more})

    unhashable = ((), (1, 2), ([],), (Opaque(),))
    for name in ("get", "__getitem__"):
        yield row(name, "(self, key, /)", ((KEY,), (5,), (Token(),)), unhashable)
        yield row(name, "(self, key, /)", (), ((5,),), prepare=lambda: OnceMap(fails))
    pops = ((KEY,), (KEY, None), (5, "default"))
    yield row("pop", "(self, key, /, *default)", pops, ((), (5,), ([],), (1, 2, 3)))
    yield row("clear", NONE)
    yield row("__len__", NONE)
    yield row("__contains__", "(self, key, /)", ((KEY,), (5,)), unhashable)
    yield from _common(cls, _filled, _contents)


def _used() -> ThreadLocal[Any]:
    target: ThreadLocal[Any] = ThreadLocal(make)
    target.set(BIG)
    return target


def _thread_local_rows(cls: type[Any]) -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA, **more: Any) -> Row:
        return OnceRow(cls, name, signature, good, bad, **{"prepare": _used, "seen": _values, **more})

    yield row("get", NONE)
    yield row("get", NONE, prepare=lambda: ThreadLocal(make))
    yield row("get", NONE, (), PLAIN, prepare=lambda: ThreadLocal(raise_it))
    yield row("set", VALUE, ((BIG,), (Token(),)), ((), (1, 2)))
    yield row("set", VALUE, ((BIG,),), (), prepare=lambda: ThreadLocal(make))
    yield row("items", NONE)
    folds = ((max, 0), (lambda total, value: total, BIG))
    yield row("fold", "(self, /, fn, initial)", folds, ((), (max,), (5, 5), (lambda a, b: fails(a), 0)))
    yield from _common(cls, _used, _values)


_NAMED = frozenset({"name"})
ONCE_OFFERS = (
    Offer(Lazy, "(factory, name=None)", _lazy_rows, ((make,),), _NAMED),
    Offer(once, "(fn, /)", _once_rows, ((make,),)),
    Offer(OnceMap, "(factory, name=None)", _once_map_rows, ((make_for,),), _NAMED),
    Offer(
        ThreadLocal,
        "(factory, combine=None, name=None)",
        _thread_local_rows,
        ((make,), (make, max)),
        _NAMED,
    ),
)
