"""Probes: what each tells the engine, seen by what is found; and that they do nothing else to a program."""

import array
import gc
import os
import re
import subprocess
import sys
import textwrap
import threading
import types
import weakref
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from raddle._raddle import checker
from raddle.check._ops import Flag, Guard, Link, Op

sys.path.insert(0, str(Path(__file__).parent))
from probing import (
    DATA,
    Probe,
    Thread,
    checking,
    guard,
    one_after_the_other,
    sites,
    spec,
)


class Plain:
    def __init__(self) -> None:
        self.x = 0


class Slotted:
    __slots__ = ("x",)

    def __init__(self) -> None:
        self.x = 0


class ByClass:
    x = 0


class Metaclass(type):
    pass


class OfMetaclass(metaclass=Metaclass):
    x = 0


class Inherits(Plain):
    pass


class WithGetattr:
    def __init__(self) -> None:
        self.x = 0

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def make_function() -> Callable[[], None]:
    def function() -> None:
        pass

    function.x = 0  # type: ignore[attr-defined]
    return function


def make_module() -> types.ModuleType:
    module = types.ModuleType("made")
    module.x = 0  # type: ignore[attr-defined]
    return module


OBJECTS: dict[str, Callable[[], Any]] = {
    "instance": Plain,
    "slot": Slotted,
    "inherited": Inherits,
    "class": lambda: type("Made", (), {"x": 0}),
    "class of a metaclass": lambda: Metaclass("Made", (), {"x": 0}),
    "default in the class": lambda: type("Made", (), {"x": 0})(),
    "with __getattr__": WithGetattr,
    "module": make_module,
    "function": make_function,
    "namespace": lambda: types.SimpleNamespace(x=0),
}


def update(op: Op = Op.ATTR_UPDATE) -> Callable[[Any], None]:
    (probe,) = sites(spec(op, "x"))

    def work(o: Any) -> None:
        probe(o).x += 1

    return work


def read_then_write() -> Callable[[Any], None]:
    read, write = sites(spec(Op.ATTR_READ, "x"), spec(Op.ATTR_WRITE, "x", links=(DATA,)))

    def work(o: Any) -> None:
        value = read(o).x + 1
        write(o, value).x = value

    return work


def update_in_two() -> Callable[[Any], None]:
    begin, end = sites(spec(Op.ATTR_UPDATE_BEGIN, "x"), spec(Op.UPDATE_END, extra=0))

    def work(o: Any) -> None:
        begin(o).x += end(int("1"))

    return work


def by_name() -> Callable[[Any], None]:
    read, write = sites(spec(Op.GETATTR), spec(Op.SETATTR, links=(DATA,)))
    name = "".join(["x"])

    def work(o: Any) -> None:
        value = getattr(read(o, name), name) + 1
        setattr(write(o, name, value), name, value)

    return work


UPDATES = {
    "update": update,
    "read and write": read_then_write,
    "update in two": update_in_two,
    "by name": by_name,
}


@pytest.mark.parametrize("how", UPDATES)
@pytest.mark.parametrize("kind", OBJECTS)
class TestAttributes:
    def test_unordered_updates_are_found(self, kind: str, how: str) -> None:
        o, work = OBJECTS[kind](), UPDATES[how]()
        with checking() as run:
            one_after_the_other(lambda: work(o), lambda: work(o))
        assert run.rules() == {"RD101"}
        assert o.x == 2

    def test_ordered_ones_are_not(self, kind: str, how: str) -> None:
        o, work = OBJECTS[kind](), UPDATES[how]()
        with checking() as run:
            one_after_the_other(lambda: work(o), lambda: work(o), ordered=True)
        assert run.rules() == set()

    def test_other_objects_are_others(self, kind: str, how: str) -> None:
        objects, work = (OBJECTS[kind](), OBJECTS[kind]()), UPDATES[how]()
        with checking() as run:
            one_after_the_other(*[lambda o=o: work(o) for o in objects])
        assert run.rules() == set()


# --- Items. ---

CONTAINERS: dict[str, tuple[Callable[[], Any], Any]] = {
    "dict": (lambda: {"k": 0}, "k"),
    "dict by number": (lambda: {7: 0}, 7),
    "dict by tuple": (lambda: {(1, "a"): 0}, (1, "a")),
    "dict by object": (lambda: {Plain(): 0}, None),
    "defaultdict": (lambda: defaultdict(int, {"k": 0}), "k"),
    "defaultdict that makes it": (lambda: defaultdict(int), "k"),
    "OrderedDict": (lambda: OrderedDict(k=0), "k"),
    "Counter": (lambda: Counter(k=0), "k"),
    "Counter that lacks it": (Counter, "k"),
    "list": (lambda: [0, 0], 1),
    "list from its end": (lambda: [0, 0], -1),
    "deque": (lambda: deque([0, 0]), 1),
    "bytearray": (lambda: bytearray(2), 1),
    "array": (lambda: array.array("i", [0, 0]), 1),
}


def item_update() -> Callable[[Any, Any], None]:
    (probe,) = sites(spec(Op.ITEM_UPDATE))

    def work(c: Any, k: Any) -> None:
        probe(c, k)[k] += 1

    return work


def item_read_then_write() -> Callable[[Any, Any], None]:
    read, write = sites(spec(Op.ITEM_READ), spec(Op.ITEM_WRITE, links=(DATA,)))

    def work(c: Any, k: Any) -> None:
        value = read(c, k)[k] + 1
        write(c, k, value)[k] = value

    return work


def item_by_its_key() -> Callable[[Any, Any], None]:
    read, write = sites(
        spec(Op.ITEM_READ, flags=Flag.RETURNS_KEY),
        spec(Op.ITEM_WRITE, flags=Flag.RETURNS_KEY, links=(DATA,)),
    )

    def work(c: Any, k: Any) -> None:
        c[write(k, c)] = c[read(k, c)] + 1

    return work


def item_update_in_two() -> Callable[[Any, Any], None]:
    begin, end = sites(spec(Op.ITEM_UPDATE_BEGIN), spec(Op.UPDATE_END, extra=0))

    def work(c: Any, k: Any) -> None:
        begin(c, k)[k] += end(int("1"))

    return work


def item_in_pieces() -> Callable[[Any, Any], None]:
    c_read, k_read, c_write, k_write = sites(
        spec(Op.ITEM_OBJECT),
        spec(Op.ITEM_KEY, extra=(0, int(Op.ITEM_READ))),
        spec(Op.ITEM_OBJECT),
        spec(Op.ITEM_KEY, extra=(2, int(Op.ITEM_WRITE)), links=((1, Link.DATA, Guard.NONE),)),
    )

    def work(c: Any, k: Any) -> None:
        value = c_read(c)[k_read(k)] + 1
        c_write(c)[k_write(k)] = value

    return work


def item_update_in_pieces() -> Callable[[Any, Any], None]:
    of, key, end = sites(
        spec(Op.ITEM_OBJECT),
        spec(Op.ITEM_KEY, extra=(0, int(Op.ITEM_UPDATE_BEGIN))),
        spec(Op.UPDATE_END, extra=1),
    )

    def work(c: Any, k: Any) -> None:
        of(c)[key(k)] += end(int("1"))

    return work


ITEM_UPDATES = {
    "update": item_update,
    "read and write": item_read_then_write,
    "key first": item_by_its_key,
    "update in two": item_update_in_two,
    "in pieces": item_in_pieces,
    "update in pieces": item_update_in_pieces,
}


@pytest.mark.parametrize("how", ITEM_UPDATES)
@pytest.mark.parametrize("kind", CONTAINERS)
class TestItems:
    def test_unordered_updates_are_found(self, kind: str, how: str) -> None:
        make, key = CONTAINERS[kind]
        c, work = make(), ITEM_UPDATES[how]()
        key = next(iter(c)) if key is None else key
        with checking() as run:
            one_after_the_other(lambda: work(c, key), lambda: work(c, key))
        assert "RD101" in run.rules()
        assert c[key] == 2

    def test_ordered_ones_are_not(self, kind: str, how: str) -> None:
        make, key = CONTAINERS[kind]
        c, work = make(), ITEM_UPDATES[how]()
        key = next(iter(c)) if key is None else key
        with checking() as run:
            one_after_the_other(lambda: work(c, key), lambda: work(c, key), ordered=True)
        assert run.rules() == set()


@pytest.mark.parametrize(
    "keys", [("a", "b"), (1, 2), (-1, -2), (b"a", "a"), ((1, 2), (2, 1)), (0.5, 1), (None, 0)]
)
def test_other_keys_are_others(keys: tuple[Any, Any]) -> None:
    c, work = dict.fromkeys(keys, 0), item_update()
    with checking() as run:
        one_after_the_other(*[lambda k=k: work(c, k) for k in keys])
    assert run.rules() == set()


@pytest.mark.parametrize(
    "keys", [("ab", "".join(["a", "b"])), (1, True), (1, 1.0), (-1, -1.0), (2**70, 2**70 + 0)]
)
def test_equal_keys_are_one(keys: tuple[Any, Any]) -> None:
    c, work = {keys[0]: 0}, item_update()
    with checking() as run:
        one_after_the_other(*[lambda k=k: work(c, k) for k in keys])
    assert run.rules() == {"RD101"}


# --- Variables. ---

GLOBALS = {
    "update": ("x += U(1)", (spec(Op.GLOBAL_UPDATE, "x"),)),
    "read and write": (
        "x = W(R(x) + 1)",
        (spec(Op.GLOBAL_READ, "x"), spec(Op.GLOBAL_WRITE, "x", links=(DATA,))),
    ),
    "update in two": (
        "B(); x += E(int('1'))",
        (spec(Op.GLOBAL_UPDATE_BEGIN, "x"), spec(Op.UPDATE_END, extra=0)),
    ),
}
NAMES = {"update": "U", "read and write": "RW", "update in two": "BE"}


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("how", GLOBALS)
def test_globals(how: str, ordered: bool) -> None:
    text, specs = GLOBALS[how]
    module: dict[str, Any] = {"__name__": "made", "x": 0}
    module.update(zip(NAMES[how], sites(*specs, module=module), strict=True))
    exec(f"def work():\n    global x\n    {text}", module)
    with checking() as run:
        one_after_the_other(module["work"], module["work"], ordered=ordered)
    assert run.rules() == (set() if ordered else {"RD101"})
    assert module["x"] == 2


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("how", GLOBALS)
def test_cells(how: str, ordered: bool) -> None:
    text, specs = GLOBALS[how]
    as_cells = tuple((one[0] + 5 if one[0] != Op.UPDATE_END else one[0], *one[1:]) for one in specs)
    module: dict[str, Any] = dict(zip(NAMES[how], sites(*as_cells), strict=True))
    exec(
        f"def make():\n    x = 0\n    def work():\n        nonlocal x\n        {text}\n"
        "    def get(): return x\n    return work, get",
        module,
    )
    work, get = module["make"]()
    other, _ = module["make"]()
    with checking() as run:
        one_after_the_other(work, other)
        assert run.rules() == set()
        one_after_the_other(work, work, ordered=ordered)
    assert run.rules() >= (set() if ordered else {"RD101"})
    assert get() == 3


def test_a_global_is_its_modules_attribute_and_item() -> None:
    module = make_module()
    attribute, item, variable = sites(
        spec(Op.ATTR_UPDATE, "x"), spec(Op.ITEM_UPDATE), spec(Op.GLOBAL_UPDATE, "x"), module=module.__dict__
    )
    updates: list[Callable[[], None]] = [
        lambda: attribute(module).__dict__.update(x=1),
        lambda: item(module.__dict__, "x").update(x=2),
        lambda: variable(1),
    ]
    for first in updates:
        for second in updates:
            with checking() as run:
                one_after_the_other(first, second)
            assert run.rules() == {"RD101"}


# --- Containers as a whole. ---


def looping(make_container: Callable[[], Any], flags: int = Flag.NONE) -> tuple[Any, Callable[[], None]]:
    begin, end = sites(spec(Op.ITER, flags=flags), spec(Op.ITER_END, extra=0))
    c = make_container()

    def work() -> None:
        for _ in begin(c):
            pass
        end()

    return c, work


def calling(name: str, *args: Any) -> Callable[[Any], None]:
    (probe,) = sites(spec(Op.METHOD, name))

    def work(c: Any) -> None:
        getattr(probe(c, *args[:1]), name)(*args)

    return work


CHANGES: dict[str, tuple[Callable[[], Any], Callable[[], Callable[[Any], None]]]] = {
    "list.append": (lambda: [1], lambda: calling("append", 2)),
    "list.pop": (lambda: [1], lambda: calling("pop")),
    "list.sort": (lambda: [1], lambda: calling("sort")),
    "list.clear": (lambda: [1], lambda: calling("clear")),
    "list.insert": (lambda: [1], lambda: calling("insert", 0, 1)),
    "dict.update": (lambda: {1: 1}, lambda: calling("update", {2: 1})),
    "dict.pop": (lambda: {1: 1}, lambda: calling("pop", 1)),
    "dict.setdefault": (lambda: {1: 1}, lambda: calling("setdefault", 2, 3)),
    "dict.popitem": (lambda: {1: 1}, lambda: calling("popitem")),
    "OrderedDict.move_to_end": (lambda: OrderedDict(a=1, b=1), lambda: calling("move_to_end", "a")),
    "set.add": (lambda: {1}, lambda: calling("add", 2)),
    "set.discard": (lambda: {1}, lambda: calling("discard", 1)),
    "set.pop": (lambda: {1}, lambda: calling("pop")),
    "deque.append": (lambda: deque([1]), lambda: calling("append", 2)),
    "deque.popleft": (lambda: deque([1]), lambda: calling("popleft")),
    "defaultdict read": (lambda: defaultdict(int, a=1), lambda: reading("b")),
    "dict store": (lambda: {1: 1}, lambda: storing(2)),
    "dict delete": (lambda: {1: 1}, lambda: deleting(1)),
    "list delete": (lambda: [1], lambda: deleting(0)),
}


def reading(key: Any) -> Callable[[Any], None]:
    (probe,) = sites(spec(Op.ITEM_READ))
    return lambda c: probe(c, key)[key]


def storing(key: Any) -> Callable[[Any], None]:
    (probe,) = sites(spec(Op.ITEM_WRITE))

    def work(c: Any) -> None:
        probe(c, key)[key] = 5

    return work


def deleting(key: Any) -> Callable[[Any], None]:
    (probe,) = sites(spec(Op.ITEM_DELETE))

    def work(c: Any) -> None:
        del probe(c, key)[key]

    return work


QUIET: dict[str, tuple[Callable[[], Any], Callable[[], Callable[[Any], None]]]] = {
    "dict store where something is": (lambda: {1: 1}, lambda: storing(1)),
    "list store": (lambda: [1], lambda: storing(0)),
    "set.add of what is there": (lambda: {1}, lambda: calling("add", 1)),
    "set.discard of what is not": (lambda: {1}, lambda: calling("discard", 2)),
    "dict.update of what is there": (lambda: {1: 1}, lambda: calling("update", {1: 2})),
    "dict.setdefault of what is there": (lambda: {1: 1}, lambda: calling("setdefault", 1, 2)),
    "dict.get": (lambda: {1: 1}, lambda: calling("get", 1)),
    "dict.keys": (lambda: {1: 1}, lambda: calling("keys")),
    "list.index": (lambda: [1], lambda: calling("index", 1)),
    "list.copy": (lambda: [1], lambda: calling("copy")),
    "defaultdict read of what is there": (lambda: defaultdict(int, a=1), lambda: reading("a")),
}


@pytest.mark.parametrize("flags", [Flag.NONE, Flag.C_LOOP])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_during_a_loop_is_found(change: str, flags: Flag) -> None:
    make, make_change = CHANGES[change]
    work = make_change()
    c, loop = looping(make, flags)
    with checking() as run:
        one_after_the_other(loop, lambda: work(c))
    assert run.rules() == {"RD104"}
    other, loop = looping(make, flags)
    with checking() as run:
        one_after_the_other(lambda: work(other), loop)
    assert run.rules() == {"RD104"}


@pytest.mark.parametrize("change", QUIET)
def test_what_changes_no_structure_is_not(change: str) -> None:
    make, make_change = QUIET[change]
    work = make_change()
    c, loop = looping(make)
    with checking() as run:
        one_after_the_other(loop, lambda: work(c))
        one_after_the_other(lambda: work(c), loop)
    assert run.rules() == set()


def test_a_copy_in_one_step_is_not() -> None:
    work = calling("append", 1)
    c, loop = looping(lambda: [1], Flag.C_COPY)
    with checking() as run:
        one_after_the_other(loop, lambda: work(c))
    assert run.rules() == set()


def test_a_view_is_a_loop_over_its_dict() -> None:
    d = {1: 1}
    work = storing(2)
    _, loop = looping(lambda: d.items(), Flag.C_COPY)
    with checking() as run:
        one_after_the_other(loop, lambda: work(d))
    assert run.rules() == {"RD104"}


@pytest.mark.parametrize("op", [Op.LEN, Op.TRUTH])
def test_emptiness_then_pop(op: Op) -> None:
    test, act = sites(
        spec(op, guards=Guard.NON_EMPTY), spec(Op.METHOD, "pop", links=(guard(0, Guard.NON_EMPTY),))
    )
    c = [1, 2, 3]

    def work() -> None:
        if test(c):
            act(c).pop()

    with checking() as run:
        one_after_the_other(work, work)
    assert run.rules() == {"RD102"}


def test_emptiness_then_item() -> None:
    test, act, pop = sites(
        spec(Op.TRUTH, guards=Guard.NON_EMPTY),
        spec(Op.ITEM_READ, links=(guard(0, Guard.NON_EMPTY),)),
        spec(Op.METHOD, "pop"),
    )
    c = [1, 2, 3]
    with checking() as run:
        one_after_the_other(lambda: test(c) and act(c, 0)[0], lambda: pop(c).pop())
    assert run.rules() == {"RD102"}


def membership(in_two: bool) -> tuple[Probe, Probe, int]:
    """The probes of `key in container`, and which of them the test is."""
    if not in_two:
        probe, _ = sites(spec(Op.CONTAINS), spec(Op.ENTER))
        return probe, probe, 0
    key, within = sites(spec(Op.CONTAINS_KEY), spec(Op.CONTAINS_IN, extra=0))
    return key, within, 1


def test_presence_then_delete() -> None:
    test, act = sites(
        spec(Op.CONTAINS, guards=Guard.PRESENT), spec(Op.ITEM_DELETE, links=(guard(0, Guard.PRESENT),))
    )
    d = {"k": 1}

    def work() -> None:
        d["k"] = 1
        if "k" in test(d, "k"):
            del act(d, "k")["k"]

    with checking() as run:
        one_after_the_other(work, work)
    assert run.rules() == {"RD102"}


@pytest.mark.parametrize("in_two", [False, True])
def test_absence_then_store(in_two: bool) -> None:
    if in_two:
        key, test, act = sites(
            spec(Op.CONTAINS_KEY),
            spec(Op.CONTAINS_IN, guards=Guard.ABSENT, extra=0),
            spec(Op.ITEM_WRITE, flags=4, links=(guard(1, Guard.ABSENT),)),
        )
    else:
        test, act = sites(
            spec(Op.CONTAINS, guards=Guard.ABSENT),
            spec(Op.ITEM_WRITE, flags=4, links=(guard(0, Guard.ABSENT),)),
        )
    d: dict[str, Any] = {}

    def work() -> None:
        missing = key("k") not in test(d) if in_two else "k" not in test(d, "k")
        if missing:
            act(d, "k")["k"] = []

    with checking() as run:
        one_after_the_other(work, work)
    assert run.rules() == {"RD103"}


def test_hasattr_then_delete() -> None:
    test, act = sites(
        spec(Op.HASATTR, guards=Guard.PRESENT), spec(Op.DELATTR, links=(guard(0, Guard.PRESENT),))
    )
    o = Plain()

    def work() -> None:
        o.x = 1
        if hasattr(test(o, "x"), "x"):
            delattr(act(o, "x"), "x")

    with checking() as run:
        one_after_the_other(work, work)
    assert run.rules() == {"RD102"}


def test_first_write_after_publication() -> None:
    read, write = sites(spec(Op.ATTR_READ, "later"), spec(Op.ATTR_WRITE, "later"))
    o: Any = Plain()

    def late() -> None:
        write(o, 1).later = 1

    def early() -> None:
        with pytest.raises(AttributeError):
            _ = read(o).later

    with checking() as run:
        one_after_the_other(early, late)
    assert run.rules() == {"RD105"}


@pytest.mark.parametrize(
    "make", [lambda: (i for i in range(9)), lambda: iter([1, 2, 3]), lambda: map(str, range(9))]
)
def test_a_shared_iterator_is_found(make: Callable[[], Iterator[Any]]) -> None:
    (probe,) = sites(spec(Op.NEXT))
    it = make()
    with checking() as run:
        one_after_the_other(lambda: next(probe(it)), lambda: next(probe(it)))
    assert run.rules() == {"RD202"}


# --- What elements carry. ---

HANDOFFS = {
    "deque": (deque, "append", "popleft"),
    "list": (list, "append", "pop"),
    "set": (set, "add", "pop"),
}


@pytest.mark.parametrize("in_two", [False, True])
@pytest.mark.parametrize("kind", HANDOFFS)
def test_an_element_orders_who_put_it_and_who_takes_it(kind: str, in_two: bool) -> None:
    make, put_name, take_name = HANDOFFS[kind]
    of, key, put, take, result = sites(
        spec(Op.METHOD_OBJECT, put_name),
        spec(Op.METHOD_KEY, put_name, extra=0),
        spec(Op.METHOD, put_name),
        spec(Op.METHOD, take_name),
        spec(Op.RESULT, extra=3),
    )
    work = update()
    c: Any = make()
    o = Plain()

    def producer() -> None:
        work(o)
        if in_two:
            getattr(of(c), put_name)(key(o))
        else:
            getattr(put(c, o), put_name)(o)

    def consumer() -> None:
        work(result(getattr(take(c), take_name)()))

    with checking() as run:
        one_after_the_other(producer, consumer)
    assert run.rules() == set()
    with checking() as run:
        one_after_the_other(producer, lambda: work(o))
    assert run.rules() == {"RD101"}


@pytest.mark.parametrize("kind", HANDOFFS)
def test_many_elements_order_as_well(kind: str) -> None:
    make, put_name, take_name = HANDOFFS[kind]
    put, take, result = sites(spec(Op.METHOD, put_name), spec(Op.METHOD, take_name), spec(Op.RESULT, extra=1))
    work = update()
    c: Any = make()

    def producer() -> None:
        for _ in range(10_000):
            o = Plain()
            work(o)
            getattr(put(c, o), put_name)(o)

    def consumer() -> None:
        for _ in range(len(c)):
            work(result(getattr(take(c), take_name)()))

    with checking() as run:
        one_after_the_other(producer, consumer, producer, consumer)
    assert run.rules() == set()


def test_what_is_changed_after_it_was_given_away() -> None:
    put, take, result = sites(spec(Op.METHOD, "append"), spec(Op.METHOD, "popleft"), spec(Op.RESULT, extra=1))
    work = update()
    c: deque[Plain] = deque()

    def producer() -> None:
        o = Plain()
        put(c, o).append(o)
        work(o)

    with checking() as run:
        one_after_the_other(producer, lambda: work(result(take(c).popleft())))
    assert run.rules() == {"RD101"}


def test_a_default_orders_who_asks_for_it() -> None:
    ask, answer = sites(spec(Op.METHOD, "setdefault"), spec(Op.RESULT, extra=0))
    work = update()
    d: dict[str, Plain] = {}

    def worker() -> None:
        o = Plain()
        work(o)
        work(answer(ask(d, "k").setdefault("k", o)))

    with checking() as run:
        one_after_the_other(worker, lambda: answer(ask(d, "k").setdefault("k", None)))
        one_after_the_other(lambda: answer(ask(d, "k").setdefault("k", None)))
    assert run.rules() == set()


class WithProperty:
    def __init__(self) -> None:
        self.value = 0
        self.lock = threading.Lock()

    @property
    def x(self) -> int:
        with self.lock:
            return self.value

    @x.setter
    def x(self, value: int) -> None:
        with self.lock:
            self.value = value


class Descriptor:
    def __get__(self, o: Any, _: Any) -> Any:
        return 0 if o is None else o.__dict__.get("_x", 0)

    def __set__(self, o: Any, value: Any) -> None:
        o.__dict__["_x"] = value


class WithDescriptor:
    x = Descriptor()


@pytest.mark.parametrize("make", [WithProperty, WithDescriptor])
@pytest.mark.parametrize("how", UPDATES)
def test_an_update_through_a_property_is_two_steps(make: Callable[[], Any], how: str) -> None:
    o, work = make(), UPDATES[how]()
    with checking() as run:
        one_after_the_other(lambda: work(o), lambda: work(o))
    assert run.rules() == {"RD101"}


@pytest.mark.parametrize("make", [WithProperty, WithDescriptor])
def test_a_property_that_is_only_read_and_stored_is_its_own_business(make: Callable[[], Any]) -> None:
    o = make()
    write, read = sites(spec(Op.ATTR_WRITE, "x"), spec(Op.ATTR_READ, "x"))

    def store() -> None:
        write(o).x = 1

    def show() -> Any:
        return read(o).x

    with checking(strict=True) as run:
        one_after_the_other(store, show)
        one_after_the_other(store, store)
    assert run.rules() == set()


# --- What is nobody's business. ---


class Proxy:
    def __init__(self, o: Any) -> None:
        object.__setattr__(self, "_o", o)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_o"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(object.__getattribute__(self, "_o"), name, value)


class Local(threading.local):
    x = 0


@pytest.mark.parametrize("make", [lambda: Proxy(Plain()), Local])
@pytest.mark.parametrize("how", UPDATES)
def test_attributes_that_are_kept_elsewhere_are_left_alone(make: Callable[[], Any], how: str) -> None:
    o, work = make(), UPDATES[how]()
    with checking() as run:
        one_after_the_other(lambda: work(o), lambda: work(o))
    assert run.rules() == set()


class OwnAppend(list[int]):
    def append(self, value: int) -> None:
        super().append(value)


class OwnItems(dict[str, int]):
    def __getitem__(self, key: str) -> int:
        return 0


def test_subclasses_of_containers_are_left_alone() -> None:
    append, store = calling("append", 1), item_update()
    values, items = OwnAppend([1]), OwnItems(k=0)
    _, loop = looping(lambda: values)
    with checking() as run:
        one_after_the_other(loop, lambda: append(values))
        one_after_the_other(*[lambda: store(items, "k")] * 2)
    assert run.rules() == set()


class Noisy:
    """An object that says when its code runs."""

    calls: list[str] = []  # noqa: RUF012

    def __eq__(self, other: object) -> bool:
        self.calls.append("__eq__")
        return self is other

    def __hash__(self) -> int:
        self.calls.append("__hash__")
        return hash("k")

    def __repr__(self) -> str:
        self.calls.append("__repr__")
        return "noisy"

    def __bool__(self) -> bool:
        self.calls.append("__bool__")
        return True

    def __len__(self) -> int:
        self.calls.append("__len__")
        return 1


def test_no_code_of_the_program_runs() -> None:
    probes = all_probes()
    noisy = Noisy()
    holder: Any = Plain()
    holder.name = noisy
    holder.id = noisy
    with checking() as run:
        for container in (
            {noisy: 1},
            {noisy: 1, 3: 1},
            {noisy},
            [noisy],
            OrderedDict({noisy: 1}),
            deque([noisy]),
        ):
            Noisy.calls.clear()
            for probe in probes:
                for key in ("k", noisy, 3):
                    probe(container, key)
                    probe(key, container)
                probe(noisy)
                probe(noisy, "x", noisy)
                probe()
            assert Noisy.calls == []
        work = update()
        one_after_the_other(lambda: work(holder), lambda: work(holder))
        assert Noisy.calls == []
    assert "RD101" in run.rules()


def all_probes() -> list[Probe]:
    partners: dict[Op, object] = {
        Op.UPDATE_END: 4,
        Op.ITEM_KEY: (15, int(Op.ITEM_READ)),
        Op.CONTAINS_IN: 21,
        Op.METHOD_KEY: 26,
        Op.RESULT: 25,
        Op.ITER_END: 29,
        Op.VALUE: 1,
    }
    return sites(*[spec(op, "update" if "METHOD" in op.name else "x", extra=partners.get(op)) for op in Op])


# --- They do not disturb. ---


def test_numbers_are_the_same_in_c() -> None:
    text = (Path(__file__).parents[3] / "src/bindings/check/ops.hpp").read_text(encoding="utf-8")
    listed = {
        name.upper(): int(value) for name, value in re.findall(r"^  (\w+) = (\d+),$", text, re.MULTILINE)
    }
    assert listed == {op.name: op.value for op in Op}
    flags = dict(re.findall(r"unsigned k(\w+) = (\d+);", text))
    assert {name.replace("_", "").upper(): int(value) for name, value in flags.items()} == {
        "VALUEMASK": 7,
        **{flag.name.replace("_", ""): flag.value for flag in Flag if flag.name},
    }


@pytest.mark.parametrize("is_running", [False, True])
def test_every_probe_returns_its_first_argument(is_running: bool) -> None:
    probes = all_probes()

    def look() -> None:
        for probe in probes:
            for args in ([1], (), "x", {"x": 1}, Plain(), Plain, sys, None, range(3)):
                for rest in ((), ("x",), ("x", 1), (args, args, args, args)):
                    assert probe(args, *rest) is args
            assert probe() is None

    if not is_running:
        look()
        return
    with checking():
        look()


def test_an_exception_in_progress_stays() -> None:
    probes = all_probes()
    with checking():
        try:
            raise ValueError("mine")
        except ValueError:
            for probe in probes:
                probe(Plain(), "missing")
            seen = sys.exception()
    assert str(seen) == "mine"
    assert sys.exception() is None


def test_attributes_that_do_not_exist_raise_as_always() -> None:
    (probe,) = sites(spec(Op.ATTR_READ, "missing"))
    with checking(), pytest.raises(AttributeError, match="missing"):
        _ = probe(Plain()).missing


def test_probes_cannot_be_made_and_live_for_ever() -> None:
    (probe,) = sites(spec(Op.ATTR_READ, "x"))
    with pytest.raises(TypeError):
        type(probe)()
    before = sys.getrefcount(probe)
    kept = [probe] * 1000
    assert sys.version_info < (3, 12) or sys.getrefcount(probe) == before
    del kept


@pytest.mark.parametrize(
    "bad",
    [
        (),
        [spec(Op.ATTR_READ, "x")[:5]],
        [(99, *spec(Op.ATTR_READ, "x")[1:])],
        [(0, *spec(Op.ATTR_READ, "x")[1:])],
        [spec(Op.UPDATE_END)],
        [spec(Op.UPDATE_END, extra=7)],
        [spec(Op.ITEM_KEY, extra=0)],
        [spec(Op.ATTR_READ, "x", links=((3, Link.DATA, Guard.NONE),))],
    ],
)
def test_wrong_specifications_are_refused(bad: Any) -> None:
    with pytest.raises((TypeError, ValueError, IndexError)):
        checker.sites("f.py", {}, bad)


def test_start_and_finish_take_turns() -> None:
    with pytest.raises(RuntimeError):
        checker.finish()
    with checking(), pytest.raises(RuntimeError):
        checker.start()
    with pytest.raises(RuntimeError):
        checker.thread_on()


def test_a_thread_that_is_off_tells_nothing() -> None:
    o, work = Plain(), update()

    def quietly() -> None:
        checker.thread_off()
        work(o)
        checker.thread_on()

    with checking() as run:
        one_after_the_other(quietly, lambda: work(o))
        assert run.rules() == set()
        one_after_the_other(lambda: work(o))
    assert run.rules() == {"RD101"}


def test_the_callback_may_run_probed_code() -> None:
    o, work = Plain(), update()
    with checking(on_finding=lambda _: work(o)) as run:
        one_after_the_other(lambda: work(o), lambda: work(o))
    assert run.rules() == {"RD101"}
    assert o.x == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_callback_that_raises_does_not_end_the_program() -> None:
    o, work = Plain(), update()

    def fail(_: object) -> None:
        raise RuntimeError("callback")

    with checking(on_finding=fail) as run:
        one_after_the_other(lambda: work(o), lambda: work(o))
    assert run.rules() == {"RD101"}


# --- Ends of objects. ---


def make_cell_holder() -> Callable[[], None]:
    value = 0

    def work() -> None:
        nonlocal value
        value += CELL(1)

    return work


(CELL,) = sites(spec(Op.CELL_UPDATE, "value"))


def attribute_life(make: Callable[[], Any]) -> Callable[[], int]:
    work = update()

    def live() -> int:
        o = make()
        work(o)
        return id(o)

    return live


def item_life(make: Callable[[], Any], key: Any) -> Callable[[], int]:
    work = item_update()

    def live() -> int:
        c = make()
        work(c, key)
        return id(c)

    return live


def cell_life() -> int:
    work = make_cell_holder()
    work()
    assert work.__closure__ is not None
    return id(work.__closure__[0])


def set_life() -> int:
    add = calling("add", 1)
    c: set[int] = set()
    for _ in SET_LOOP(c):
        pass
    add(c)
    return id(c)


(SET_LOOP,) = sites(spec(Op.ITER, flags=Flag.C_LOOP))


class Derived(list[int]):
    def __init__(self) -> None:
        super().__init__()
        self.x = 0


class InCycle(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.myself = self


class WithFinaliser(Plain):
    ends = 0

    def __del__(self) -> None:
        type(self).ends += 1


LIVES: dict[str, Callable[[], int]] = {
    "instance": attribute_life(Plain),
    "slot": attribute_life(Slotted),
    "subclass of list": attribute_life(Derived),
    "with a finaliser": attribute_life(WithFinaliser),
    "function": attribute_life(make_function),
    "namespace": attribute_life(lambda: types.SimpleNamespace(x=0)),
    "dict": item_life(lambda: {"k": 0}, "k"),
    "list": item_life(lambda: [0], 0),
    "deque": item_life(lambda: deque([0]), 0),
    "OrderedDict": item_life(lambda: OrderedDict(k=0), "k"),
    "defaultdict": item_life(lambda: defaultdict(int), "k"),
    "Counter": item_life(Counter, "k"),
    "bytearray": item_life(lambda: bytearray(1), 0),
    "array": item_life(lambda: array.array("i", [0]), 0),
    "set": set_life,
    "cell": cell_life,
    "class": attribute_life(lambda: type("Made", (), {"x": 0})),
    "cycle": attribute_life(InCycle),
}


COLLECTED = ("class", "cycle")


@pytest.mark.parametrize("kind", LIVES)
def test_an_address_used_again_is_another_object(kind: str) -> None:
    live = LIVES[kind]
    addresses: list[int] = []
    with checking() as run:
        live()
        for _ in range(30 if kind in COLLECTED else 200):
            if kind in COLLECTED:  # 3.13t does not collect what an ended thread made
                checker.task_begin(None, "task")
                addresses.append(live())
                checker.task_end()
                gc.collect()
            else:
                Thread().run(lambda: addresses.append(live()))
    assert run.rules() == set()
    # Otherwise the test tests nothing. 3.13t takes its time to use the memory of a class again.
    assert kind == "class" or len(set(addresses)) < len(addresses)


def test_generators_end_too() -> None:
    (probe,) = sites(spec(Op.NEXT))

    def live() -> None:
        next(probe(i for i in range(3)))

    with checking() as run:
        for _ in range(200):
            Thread().run(live)
    assert run.rules() == set()


def test_finalisers_weak_references_and_classes_are_as_always() -> None:
    work = update()
    with checking():
        WithFinaliser.ends = 0
        o: Any = WithFinaliser()
        gone: list[str] = []
        reference = weakref.ref(o, lambda _: gone.append("gone"))
        work(o)
        del o
        assert (WithFinaliser.ends, gone, reference()) == (1, ["gone"], None)
        # A class that has been seen and one that has not: assignment compares how their objects end.
        seen: Any = Plain()
        work(seen)
        seen.__class__ = Inherits
        unseen = type("Unseen", (), {})()
        unseen.__class__ = Plain
        assert type(seen) is Inherits
    assert not hasattr(Plain, "__del__")


def test_a_class_that_gets_a_finaliser_later() -> None:
    ends: list[str] = []
    made: Any = type("Made", (), {"x": 0})
    work = update()
    with checking() as run:
        work(made())
        made.__del__ = lambda _: ends.append("end")
        for _ in range(50):
            Thread().run(lambda: work(made()))
    assert len(ends) == 50
    assert run.rules() == set()


def test_deep_nesting_ends_without_overflow() -> None:
    with checking():
        nested: list[Any] = []
        mapping: dict[str, Any] = {}
        for _ in range(200_000):
            nested = [nested]
            mapping = {"k": mapping}
        del nested, mapping


def test_a_class_may_change_under_its_probes() -> None:
    class Base:
        x = 0

    class Changing(Base):
        x = 0

    read, write = sites(spec(Op.ATTR_READ, "x"), spec(Op.ATTR_WRITE, "x"))
    stop = threading.Event()
    objects: list[Any] = [Changing() for _ in range(4)]

    def use() -> None:
        while not stop.is_set():
            for o in objects:
                try:
                    _ = read(o).x
                    write(o).x = 1
                except AttributeError:
                    pass

    with checking():
        threads = [threading.Thread(target=use) for _ in range(2)]
        for thread in threads:
            thread.start()
        for number in range(300):
            Changing.x = property(lambda _: 1) if number % 2 else number  # type: ignore[assignment]
            if number % 3 == 0:
                del Changing.x
                Changing.__bases__ = (type("Other", (Base,), {"x": number}),) if number % 2 else (Base,)
                Changing.x = 0
        stop.set()
        for thread in threads:
            thread.join()


def test_a_changed_class_is_looked_at_again() -> None:
    made: Any = type("Made", (), {})
    o = made()
    o.x = 0
    work = update()
    with checking() as run:
        work(o)
        made.__getattribute__ = lambda self, name: object.__getattribute__(self, name)
        one_after_the_other(lambda: work(o), lambda: work(o))
        assert run.rules() == set()
        del made.__getattribute__
        one_after_the_other(lambda: work(o), lambda: work(o))
    assert run.rules() == {"RD101"}


# --- Many threads, forks, interpreters. ---


def test_a_thousand_threads() -> None:
    shared, work = Plain(), update()
    together = threading.Barrier(1000)
    reads = sites(spec(Op.ATTR_READ, "x"))[0]

    def body() -> None:
        together.wait()
        mine = Plain()
        for _ in range(10):
            work(mine)
            _ = reads(shared).x

    with checking() as run:
        threads = [threading.Thread(target=body) for _ in range(1000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert run.rules() == set()
    assert run.end["summary"]["threads"] >= 1000


def test_threads_that_nobody_announced() -> None:
    o, work = Plain(), update()
    with checking() as run:
        for _ in range(2):
            thread = threading.Thread(target=work, args=(o,))
            thread.start()
            thread.join()
    assert run.rules() == {"RD101"}


def run_program(text: str) -> subprocess.CompletedProcess[str]:
    here = str(Path(__file__).parent)
    program = f"import sys; sys.path.insert(0, {here!r})\n" + textwrap.dedent(text)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_goes_on() -> None:
    done = run_program("""
        import os, threading
        from probing import *
        class Plain: x = 0
        (probe,) = sites(spec(Op.ATTR_UPDATE, "x"))
        o = Plain()
        def work():
            probe(o).x += 1
        stop = threading.Event()
        def churn():
            other = Plain()
            while not stop.is_set():
                probe(other).x += 1
                list(range(10))
        with checking() as run:
            churning = [threading.Thread(target=churn) for _ in range(2)]
            for thread in churning: thread.start()
            work()
            for _ in range(20):
                child = os.fork()
                if child == 0:
                    work()
                    one_after_the_other(work, work)
                    os._exit(0 if run.rules() == {"RD101"} else 3)
                assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            stop.set()
            for thread in churning: thread.join()
        print("parent:", sorted(run.rules()))
    """)
    assert done.stdout == "parent: []\n", done.stderr


def test_a_program_that_ends_while_the_checker_is_at_work() -> None:
    done = run_program("""
        import threading, time
        from probing import *
        class Plain: x = 0
        (probe,) = sites(spec(Op.ATTR_UPDATE, "x"))
        def churn():
            while True:
                o = Plain()
                probe(o).x += 1
                [[]] * 3
        checker.start(memory=1 << 20)
        for _ in range(3): threading.Thread(target=churn, daemon=True).start()
        time.sleep(0.05)
        print("end")
    """)
    assert (done.returncode, done.stdout) == (0, "end\n"), done.stderr


def test_a_memory_limit_is_kept() -> None:
    work = update()
    with checking(memory=1 << 20) as run:
        objects = [Plain() for _ in range(50_000)]
        for o in objects:
            work(o)
    summary = run.end["summary"]
    assert summary["evicted"] > 0
    assert summary["bytes"] <= 2 << 20


def test_other_interpreters_are_refused() -> None:
    interpreters = pytest.importorskip(
        "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    )
    text = textwrap.dedent("""
        from raddle._raddle import checker
        for call in (checker.start, lambda: checker.sites("f", {}, [])):
            try:
                call()
            except RuntimeError as error:
                assert "main interpreter" in str(error)
            else:
                raise SystemExit("not refused")
    """)
    which = interpreters.create()
    try:
        problem = interpreters.run_string(which, text)
    finally:
        interpreters.destroy(which)
    assert problem is None


# --- What a finding says. ---


def test_what_a_finding_says() -> None:
    class Account:
        def __init__(self) -> None:
            self.name = "savings"
            self.x = 0

    work = update()

    def live() -> None:
        o = Account()
        one_after_the_other(lambda: work(o), lambda: work(o))

    with checking() as run:
        live()
    for finding in (run.found[0], run.end["findings"][0]):
        location = finding["location"]
        assert (location["kind"], location["name"], location["object"]) == (
            "attribute",
            "x",
            "<Account name='savings'>",
        )
        assert finding["evidence"] in ("can happen", "happened")
        mine, other = finding["sides"]
        assert {mine["thread_name"], other["thread_name"]} == {"worker 0", "worker 1"}
        for access in (*mine["accesses"], *other["accesses"]):
            assert (access["site_file"], access["line"]) == ("probed.py", 1)
            assert access["stack"][-1][2].endswith("update.<locals>.work")
            assert Path(access["stack"][-1][0]).name == "test_probes.py"


def test_a_call_is_told_apart_from_an_earlier_one() -> None:
    enter, read, write = sites(
        spec(Op.ENTER), spec(Op.ATTR_READ, "x"), spec(Op.ATTR_WRITE, "x", links=((1, Link.DATA, Guard.NONE),))
    )
    o = Plain()

    def work(value: int | None = None) -> None:
        enter()
        if value is None:
            value = read(o).x
        write(o, value).x = value

    def both() -> None:
        work()
        other = Plain()
        write(other, 1).x = 1
        work(5)

    def foreign() -> None:
        write(o, 7).x = 7

    with checking() as run:
        Thread("first").run(lambda: work(5))
        Thread("second").run(lambda: work(5))
        Thread("third").run(foreign)
    assert run.rules() == set()
    with checking() as run:
        one_after_the_other(both, foreign)
    assert run.rules() == {"RD101"}


def test_what_an_exception_leaves_behind_is_not_taken_up() -> None:
    of, key = sites(spec(Op.ITEM_OBJECT), spec(Op.ITEM_KEY, extra=(0, int(Op.ITEM_UPDATE))))
    c = {"k": 0}

    def fail() -> str:
        raise LookupError

    def work(fails: bool) -> None:
        with suppress(LookupError):
            of(c)[key(fail() if fails else "k")] += 1

    with checking() as run:
        for _ in range(500):
            work(True)
        one_after_the_other(lambda: work(False), lambda: work(False))
    assert run.rules() == {"RD101"}
    assert c["k"] == 2
