"""Makes each allocation of each method of a class fail, one after the other.

Every call must raise MemoryError or succeed, and must leave the object as it was or as success leaves it.
Prints how many allocations were made to fail for each method. Runs alone in a process because the counter
of allocations is the process's.
"""

import gc
import importlib
import importlib.machinery
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import raddle

from support.knobs import SCALE, generator
from support.rows import Arguments, Row
from support.surface import constructions, rows_of
from support.surface_atomics import ATOMICS
from support.surface_queues import QUEUES

_testcapi = importlib.import_module("_testcapi")
HOARD = [float(number) + 0.5 for number in range(1000)]  # Empties the interpreter's store of ready floats.
# CPython 3.11 forgets to set an exception when it cannot make room for the name of a class.
REFUSALS = (MemoryError, SystemError) if sys.version_info < (3, 12) else (MemoryError,)


def injections(call: Callable[[], object], only_one: bool, step: int = 1) -> Iterator[Any]:
    """Does the call again and again, failing its first allocation, its second, ... until it succeeds.

    Either one allocation fails or all from there on. Yields MemoryError or, at last, the result. With a step
    the first is one of so many, by chance, and the next ones follow at this distance.
    """
    place = generator("no_memory", only_one).randrange(step)
    while True:
        outcome: Any = MemoryError
        failed = True
        _testcapi.set_nomemory(place, place + 1 if only_one else 0)
        try:
            outcome = call()
            failed = False
        except REFUSALS:
            pass
        finally:
            _testcapi.remove_mem_hooks()
        yield outcome
        if not failed:
            return
        place += step


def check_method(row: Row, arguments: Arguments, only_one: bool) -> int:
    """Returns how many allocations failed."""
    before = row.state(row.make())
    twin = row.make()
    row.bind(twin)(*arguments)
    after = row.state(twin)
    target = row.make()
    outcomes = injections(lambda: row.bind(target)(*arguments), only_one)
    failures = 0
    for outcome in outcomes:
        failures += outcome is MemoryError
        failed = outcome is MemoryError
        allowed = {before, after} if failed and row.loses else {before} if failed else {after}
        left = row.state(target)
        if left not in allowed:
            faults.append(f"{row}{arguments} gave {outcome!r}, left {left}, not one of {allowed}")
        target = row.make()
    return failures


def shown(made: Any) -> str:
    """What repr() says, without addresses."""
    return re.sub(r"\b0x[0-9a-f]+", "", repr(made))


def check_constructor(cls: type[Any], arguments: Arguments, only_one: bool) -> int:
    expected = shown(cls(*arguments))
    *failures, made = injections(lambda: cls(*arguments), only_one)
    if shown(made) != expected:
        raise AssertionError(f"{cls.__name__}{arguments} made {made!r}")
    return len(failures)


def check_class(name: str) -> None:
    cls = getattr(raddle, name)
    for only_one in (True, False):
        for row in rows_of(cls):
            print(row, sum(check_method(row, arguments, only_one) for arguments in row.good))
        # CPython 3.11 runs in circles if memory is wanting inside an `except`; `once` runs code of Python.
        if cls is raddle.once and not only_one and sys.version_info < (3, 12):
            continue
        for arguments in constructions(cls):
            print(name, check_constructor(cls, arguments, only_one))


def check_module() -> None:
    """The import of the extension module itself, and pin()."""
    spec = importlib.util.find_spec("raddle._raddle")
    if spec is None or spec.loader is None:
        raise AssertionError("raddle._raddle has no loader")
    loader = spec.loader

    def load() -> object:
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
        return module

    for only_one in (True, False):
        # It makes thousands, and each try is an import.
        *failures, module = injections(load, only_one, scaled_step)
        for cls in ATOMICS:
            getattr(module, cls.__name__)(1).get()
        for cls in QUEUES:
            getattr(module, cls.__name__)().put(1)
        print("import", len(failures))
        *failures, _ = injections(lambda: raddle.pin(pinned), only_one)
        print("pin", len(failures))


scaled_step = max(1, round(13 / SCALE))
pinned = raddle.AtomicInt()
faults: list[str] = []
gc.disable()  # A collection at a random moment would shift the counts.
if sys.argv[1] == "module":
    check_module()
else:
    check_class(sys.argv[1])
if faults:
    sys.exit("\n".join(faults))
