"""Small programs with a probe placed by hand: does the checker find that nothing orders the updates?

A program is a function of `touch` and `ordered`: it calls touch() in several threads, and synchronises them
in the way that it is about, or, as the control, leaves that out.
"""

import threading
from collections.abc import Callable
from typing import Any

from raddle._raddle import checker
from raddle.check import _sync
from raddle.check._ops import Op

Touch = Callable[[], None]
Program = Callable[[Touch, bool], None]

PATIENCE = 20.0


class _Shared:
    value = 0


_probe: Any = None


def _make_probe() -> Any:
    global _probe
    if _probe is None:
        spec = (int(Op.ATTR_UPDATE), "value", 1, 0, 1, 1, "shared.value", 0, 0, (), None)
        (_probe,) = checker.sites("program.py", {}, [spec])
    return _probe


def rules(program: Callable[[Touch], None], *, strict: bool = False) -> set[str]:
    """The rules of what is found when the program runs."""
    shared = _Shared()
    probe = _make_probe()

    def touch() -> None:
        probe(shared).value += 1

    touch()
    checker.start(strict=strict)
    _sync.install(checker)
    try:
        program(touch)
    finally:
        end = checker.finish()
        _sync.uninstall()
    return {finding["rule"] for finding in end["findings"]}


def run_together(*functions: Callable[[], object]) -> None:
    """Each in a thread of its own; all are joined."""
    threads = [threading.Thread(target=each, daemon=True) for each in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def one_after_the_other(*functions: Callable[[], object]) -> None:
    """The same, but each begins when the one before has ended, by means that the checker does not see."""
    ended: list[bool] = []

    def run(index: int) -> None:
        wait_until(lambda: len(ended) == index)
        functions[index]()
        ended.append(True)

    run_together(*(lambda index=index: run(index) for index in range(len(functions))))  # type: ignore[misc]


def wait_until(condition: Callable[[], bool]) -> None:
    """By looking again and again, which orders nothing."""
    import time

    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.0005)
