"""The same calls on the stdlib's queues and on raddle's: the same results, exceptions and signatures."""

import inspect
import queue
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import raddle
import raddle.queue
from support.awkward import Converts, raiser

NAMES = ["Queue", "LifoQueue", "PriorityQueue"]
NAN, FOREVER = float("nan"), 1e300
needs_shutdown = pytest.mark.skipif(
    sys.version_info < (3, 13), reason="the stdlib's queues shut down since 3.13"
)
Script = Callable[[Any], object]


def outcome(script: Script, target: Any, with_message: bool) -> object:
    try:
        return script(target)
    except Exception as error:
        return (type(error), str(error)) if with_message else type(error)


def same(name: str, script: Script, *, size: int = 2, with_message: bool = True) -> object:
    ours, theirs = (getattr(module, name)(size) for module in (raddle, queue))
    result = outcome(script, ours, with_message)
    assert result == outcome(script, theirs, with_message)
    assert (ours.qsize(), ours.unfinished_tasks) == (theirs.qsize(), theirs.unfinished_tasks)
    return result


def filled(script: Script) -> Script:
    def run(target: Any) -> object:
        target.put(1)
        target.put(2)
        return script(target)

    return run


TIMEOUTS = [
    None,
    0,
    0.0,
    -0.0,
    False,
    1e-9,
    5e-324,
    Fraction(1, 1000),
    -1,
    -0.5,
    Fraction(-1, 3),
    float("-inf"),
    "1",
    1j,
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("timeout", TIMEOUTS, ids=repr)
def test_timeouts(name: str, timeout: Any) -> None:
    with_message = not isinstance(timeout, (str, complex))
    if timeout is not None:
        same(name, lambda q: q.get(True, timeout), with_message=with_message)
        same(name, filled(lambda q: q.put(3, True, timeout)), with_message=with_message)
    same(name, lambda q: q.get(False, timeout))
    same(name, filled(lambda q: q.put(3, False, timeout)))
    same(
        name,
        filled(lambda q: [q.get(timeout=timeout), q.get(block=True, timeout=timeout)]),
        with_message=with_message,
    )
    same(name, lambda q: q.put(3, timeout=timeout), with_message=with_message)
    assert same(name, lambda q: q.put(3, True, timeout), size=0) is None


@pytest.mark.parametrize("timeout", [FOREVER, float("inf"), 9e9, 10**30, sys.float_info.max])
@pytest.mark.parametrize("name", NAMES)
def test_the_longest_timeouts(name: str, timeout: Any) -> None:
    """Where nothing has to wait; the stdlib cannot wait so long, raddle's wait for ever."""
    same(name, lambda q: q.put(1, timeout=timeout))
    same(name, filled(lambda q: q.get(timeout=timeout)))


@pytest.mark.parametrize("name", [*NAMES, "SimpleQueue"])
@pytest.mark.parametrize("timeout", [10**400, Decimal("NaN"), NAN])
def test_timeouts_that_are_no_number_of_seconds(name: str, timeout: Any) -> None:
    target = getattr(raddle, name)()
    with pytest.raises((ValueError, OverflowError)):
        target.get(timeout=timeout)
    with pytest.raises(queue.Empty):
        target.get(block=False, timeout=timeout)


@pytest.mark.parametrize("name", [*NAMES, "SimpleQueue"])
@pytest.mark.parametrize("timeout", [0.03, Fraction(3, 100), Decimal("0.03"), Converts(0.03)], ids=repr)
def test_waits_as_long_as_it_should(name: str, timeout: Any) -> None:
    target = getattr(raddle, name)()
    start = time.monotonic()
    with pytest.raises(queue.Empty):
        target.get(timeout=timeout)
    assert 0.03 <= time.monotonic() - start < 10


SCRIPTS: dict[str, Script] = {
    "empty, no waiting": lambda q: q.get_nowait(),
    "full, no waiting": filled(lambda q: q.put_nowait(3)),
    "block is the truth of any object": filled(lambda q: (q.put(3, []), q.put(3, block=""))),
    "block that is true waits": lambda q: q.get("yes", 0),
    "block without truth": lambda q: q.get(Converts(True, raiser(ZeroDivisionError))),
    "block without truth, to put": lambda q: q.put(1, Converts(True, raiser(ZeroDivisionError))),
    "by keyword": lambda q: (q.put(item=1, block=True, timeout=None), q.get(timeout=None, block=True)),
    "task_done too often": lambda q: (q.put(1), q.task_done(), q.task_done()),
    "task_done before get": lambda q: (q.put(1), q.task_done(), q.join(), q.qsize(), q.get()),
    "join of nothing": lambda q: q.join(),
    "full and empty": filled(lambda q: (q.full(), q.empty(), q.get(), q.full(), q.get(), q.empty())),
    "lowered": filled(lambda q: (setattr(q, "maxsize", 1), q.full(), q.get(), q.full(), q.put_nowait(3))),
    "raised": filled(lambda q: (setattr(q, "maxsize", 3), q.full(), q.put_nowait(3), q.full(), q.qsize())),
    "unbounded now": filled(lambda q: (setattr(q, "maxsize", 0), q.put_nowait(3), q.full(), q.maxsize)),
    "negative": filled(lambda q: (setattr(q, "maxsize", -5), q.put_nowait(3), q.full(), q.maxsize)),
}
SHUTDOWN_SCRIPTS: dict[str, Script] = {
    "put": lambda q: (q.shutdown(), q.put(1)),
    "put_nowait": lambda q: (q.shutdown(), q.put_nowait(1)),
    "get": lambda q: (q.shutdown(), q.get()),
    "get_nowait": lambda q: (q.shutdown(), q.get_nowait()),
    "rest": filled(lambda q: (q.shutdown(), q.get(), q.get_nowait(), q.is_shutdown, q.empty())),
    "end": filled(lambda q: (q.shutdown(), q.get(), q.get(), q.get(True, 5))),
    "full and shut down": filled(lambda q: (q.shutdown(), q.put(3, False))),
    "immediate": filled(lambda q: (q.shutdown(immediate=True), q.qsize(), q.unfinished_tasks, q.get())),
    "immediate later": filled(lambda q: (q.shutdown(), q.shutdown(True), q.qsize(), q.join(), q.get())),
    "not immediate any more": filled(lambda q: (q.shutdown(True), q.shutdown(), q.is_shutdown, q.get())),
    "tasks": filled(lambda q: (q.get(), q.shutdown(True), q.unfinished_tasks, q.task_done(), q.join())),
    "tasks too often": filled(lambda q: (q.shutdown(True), q.task_done())),
    "truth of immediate": filled(lambda q: (q.shutdown([]), q.qsize(), q.shutdown("x"), q.qsize())),
    "twice": lambda q: (q.shutdown(), q.shutdown(), q.is_shutdown),
    "before it": lambda q: q.is_shutdown,
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_scripts(name: str, script: Script) -> None:
    same(name, script)


@needs_shutdown
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("script", SHUTDOWN_SCRIPTS.values(), ids=SHUTDOWN_SCRIPTS)
def test_scripts_with_shutdown(name: str, script: Script) -> None:
    same(name, script)


ORDERS: dict[str, Script] = {
    "put": lambda q: (q.shutdown(), q.put(1, True, -1)),
    "put, no number": lambda q: (q.shutdown(), q.put(1, True, "1")),
    "put, no truth": lambda q: (q.shutdown(), q.put(1, Converts(True, raiser(ZeroDivisionError)))),
    "get": lambda q: (q.shutdown(), q.get(True, -1)),
    "get, no number": lambda q: (q.shutdown(), q.get(True, "1")),
}


@needs_shutdown
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("script", ORDERS.values(), ids=ORDERS)
def test_shutdown_is_looked_at_before_the_arguments(name: str, script: Script) -> None:
    same(name, script)


SIMPLE: dict[str, Script] = {
    "empty": lambda q: q.get_nowait(),
    "block=False": lambda q: q.get(False, -1),
    "negative": lambda q: q.get(True, -1),
    "negative, with an item": lambda q: (q.put(1), q.get(timeout=-0.5)),
    "zero": lambda q: q.get(timeout=0),
    "put ignores": lambda q: (
        q.put(1, False, -1),
        q.put(2, True, "x"),
        q.get(),
        q.get(),
        q.empty(),
        q.qsize(),
    ),
    "by keyword": lambda q: (
        q.put(item=1, block=True, timeout=None),
        q.put_nowait(item=2),
        q.get(block=True),
    ),
    "no such": lambda q: q.full(),
}


@pytest.mark.parametrize("script", SIMPLE.values(), ids=SIMPLE)
def test_scripts_on_a_simple_queue(script: Script) -> None:
    with_message = script is not SIMPLE["no such"]
    results = [outcome(script, module.SimpleQueue(), with_message) for module in (raddle, queue)]
    assert results[0] == results[1]


@pytest.mark.parametrize("name", NAMES)
def test_put_nowait_by_keyword(name: str) -> None:
    same(name, lambda q: (q.put_nowait(item=1), q.get()))


def parameters(function: Any) -> list[tuple[str, object]]:
    """Names and defaults, without self; what can be given by name."""
    found = list(inspect.signature(function).parameters.values())
    assert [one.name for one in found if one.kind is one.POSITIONAL_ONLY] in ([], ["self"])
    return [(one.name, one.default) for one in found if one.name != "self"]


@pytest.mark.parametrize("name", [*NAMES, "SimpleQueue"])
def test_signatures(name: str) -> None:
    theirs = getattr(queue, name)
    public = {method for method in dir(theirs) if not method.startswith("_")}
    for method in public:
        ours = getattr(getattr(raddle, name), method)
        assert parameters(ours) == parameters(getattr(theirs, method)), method
    assert public <= set(dir(getattr(raddle, name)))


def test_the_module_has_the_same_names() -> None:
    assert set(queue.__all__) <= set(raddle.queue.__all__)
    assert raddle.queue.Empty is queue.Empty
    assert raddle.queue.Full is queue.Full
    if sys.version_info >= (3, 13):
        assert raddle.queue.ShutDown is queue.ShutDown is raddle.ShutDown
    for name in [*NAMES, "SimpleQueue", "ShutDown"]:
        assert getattr(raddle.queue, name) is getattr(raddle, name)


def test_instances_have_the_same_attributes() -> None:
    ours, theirs = raddle.Queue(3), queue.Queue(3)
    public = {name for name in dir(theirs) if not name.startswith("_")}
    missing = {name for name in public if not hasattr(ours, name)}
    assert missing == {"queue", "mutex", "not_empty", "not_full", "all_tasks_done"}
