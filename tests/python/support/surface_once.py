"""The rows of Lazy, once, OnceMap and ThreadLocal in the table of public methods."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from raddle import Lazy, OnceMap, ThreadLocal, once

from .rows import BIG, EXTRA, NO_SIGNATURE, NONE, PLAIN, VALUE, Arguments, Opaque, Row, Token, fails

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


ONCE_CONSTRUCTIONS: dict[type[Any], tuple[Arguments, ...]] = {
    Lazy: ((make,),),
    once: ((make,),),
    OnceMap: ((make_for,),),
    ThreadLocal: ((make,), (make, max)),
}
ONCE_CLASSES: tuple[type[Any], ...] = tuple(ONCE_CONSTRUCTIONS)


def _first_word(target: Any) -> str:
    return repr(target).split()[0]


def _values(target: ThreadLocal[Any]) -> str:
    return repr([value for _, value in target.items()])


def _contents(target: OnceMap[Any, Any]) -> str:
    return f"{len(target)} {KEY in target}"


@dataclass(frozen=True)
class OnceRow(Row):
    """A method of an object that `prepare` has made."""

    prepare: Callable[[], Any] = object
    seen: Callable[[Any], str] = _first_word
    raises: tuple[type[Exception], ...] = (TypeError, ValueError, ZeroDivisionError, KeyError, RuntimeError)

    @property
    def once(self) -> bool:
        return True

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


def _lazy_rows() -> Iterator[Row]:
    yield OnceRow(Lazy, "get", NONE, PLAIN, EXTRA, prepare=lambda: Lazy(make))
    yield OnceRow(Lazy, "get", NONE, (), PLAIN, prepare=lambda: Lazy(raise_it))
    yield from _common(Lazy, lambda: Lazy(make), _first_word)


def _once_rows() -> Iterator[Row]:
    yield OnceRow(once, "__call__", NONE, PLAIN, EXTRA, prepare=lambda: once(make))
    yield OnceRow(once, "__call__", NONE, (), PLAIN, prepare=lambda: once(raise_it))
    yield from _common(once, lambda: once(make), _first_word)


def _filled() -> OnceMap[Any, Any]:
    target = OnceMap(make_for)
    target.get(KEY)
    return target


def _once_map_rows() -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA, **more: Any) -> Row:
        return OnceRow(OnceMap, name, signature, good, bad, **{"prepare": _filled, "seen": _contents, **more})

    unhashable = ((), (1, 2), ([],), (Opaque(),))
    for name in ("get", "__getitem__"):
        yield row(name, "(self, key, /)", ((KEY,), (5,), (Token(),)), unhashable)
        yield row(name, "(self, key, /)", (), ((5,),), prepare=lambda: OnceMap(fails))
    pops = ((KEY,), (KEY, None), (5, "default"))
    yield row("pop", "(self, key, /, *default)", pops, ((), (5,), ([],), (1, 2, 3)))
    yield row("clear", NONE)
    yield row("__len__", NONE)
    yield row("__contains__", "(self, key, /)", ((KEY,), (5,)), unhashable)
    yield from _common(OnceMap, _filled, _contents)


def _used() -> ThreadLocal[Any]:
    target: ThreadLocal[Any] = ThreadLocal(make)
    target.set(BIG)
    return target


def _thread_local_rows() -> Iterator[Row]:
    def row(name: str, signature: str, good: Any = PLAIN, bad: Any = EXTRA, **more: Any) -> Row:
        return OnceRow(ThreadLocal, name, signature, good, bad, **{"prepare": _used, "seen": _values, **more})

    yield row("get", NONE)
    yield row("get", NONE, prepare=lambda: ThreadLocal(make))
    yield row("get", NONE, (), PLAIN, prepare=lambda: ThreadLocal(raise_it))
    yield row("set", VALUE, ((BIG,), (Token(),)), ((), (1, 2)))
    yield row("set", VALUE, ((BIG,),), (), prepare=lambda: ThreadLocal(make))
    yield row("items", NONE)
    folds = ((max, 0), (lambda total, value: total, BIG))
    yield row("fold", "(self, /, fn, initial)", folds, ((), (max,), (5, 5), (lambda a, b: fails(a), 0)))
    yield from _common(ThreadLocal, _used, _values)


def once_rows() -> Iterator[Row]:
    yield from _lazy_rows()
    yield from _once_rows()
    yield from _once_map_rows()
    yield from _thread_local_rows()
