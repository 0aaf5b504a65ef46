"""Calls probes by hand as rewritten code would, in logical threads that nothing orders unless a test does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from raddle._raddle import checker
from raddle.check._ops import Flag, Guard, Link, Op

Probe = Callable[..., Any]
Spec = tuple[Any, ...]


def spec(
    op: Op,
    name: str | None = None,
    *,
    flags: int = Flag.NONE,
    guards: Guard = Guard.NONE,
    links: tuple[tuple[int, Link, Guard], ...] = (),
    extra: object = None,
) -> Spec:
    words = [(site, int(link), int(guard)) for site, link, guard in links]
    return (
        int(op),
        name,
        1,
        0,
        1,
        9,
        f"expression of {op.name}",
        int(flags),
        int(guards),
        tuple(words),
        extra,
    )


def sites(*specs: Spec, module: dict[str, Any] | None = None) -> list[Probe]:
    """Probes for these sites, each on a line of its own."""
    numbered = [(*one[:2], line, 0, line, 9, *one[6:]) for line, one in enumerate(specs, 1)]
    made: list[Probe] = checker.sites(
        "probed.py", {"__name__": "probed"} if module is None else module, numbered
    )
    return made


DATA = (0, Link.DATA, Guard.NONE)


def guard(site: int, expects: Guard) -> tuple[int, Link, Guard]:
    return (site, Link.GUARD, expects)


class Run:
    """A run of the checker: what it found as it went on, and at the end."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []
        self.end: dict[str, Any] = {}

    def rules(self) -> set[str]:
        return {one["rule"] for one in self.found} | {one["rule"] for one in self.end.get("findings", ())}


@contextmanager
def checking(
    *,
    memory: int = 64 << 20,
    strict: bool = False,
    on_finding: Callable[[dict[str, Any]], object] | None = None,
) -> Iterator[Run]:
    run = Run()

    def found(finding: dict[str, Any]) -> None:
        run.found.append(finding)
        if on_finding is not None:
            on_finding(finding)

    checker.start(memory=memory, strict=strict, on_finding=found)
    try:
        yield run
    finally:
        run.end = checker.finish()


class Thread:
    """Runs functions in a logical thread of its own, one after the other, each when it is asked to."""

    def __init__(self, name: str = "other", after: object = None) -> None:
        self._name, self._after = name, after
        self.error: BaseException | None = None

    def run(self, function: Callable[[], object]) -> Any:
        """Do it; returns a token of the thread's end."""
        token: list[Any] = []

        def body() -> None:
            checker.thread_begin(self._after, self._name)
            try:
                function()
            except BaseException as error:
                self.error = error
            token.append(checker.thread_end())

        thread = threading.Thread(target=body)
        thread.start()
        thread.join()
        if self.error is not None:
            raise self.error
        return token[0]


def one_after_the_other(*functions: Callable[[], object], ordered: bool = False) -> None:
    """Each in a thread of its own; ordered for the checker only if asked for."""
    token: object = None
    for number, function in enumerate(functions):
        token = Thread(f"worker {number}", token if ordered else None).run(function)
