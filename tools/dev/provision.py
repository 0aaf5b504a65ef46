"""From what a verb needs to environments that are ready: interpreters, packages, builds, in that order."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from . import cpython_build, interpreter, packages
from .console import DevError
from .cpython_build import FREE_THREADED
from .environment import Environment, bring_up_to_date, is_current, project, read_stamp
from .lock import exclusive
from .packages import COMPILER, CPYTHON_BUILD, Need
from .paths import BUILD

GROUPS = ("build", "test")


@dataclass(frozen=True)
class Request:
    """An environment that a verb needs, the dependency groups in it, and whether raddle is wanted."""

    environment: Environment
    groups: Sequence[str] = GROUPS
    raddle: bool = True


def free_threaded(needs: Iterable[Need] = ()) -> Environment:
    """The free-threaded environment's description; finds or builds its interpreter.

    `needs` are packages that the verb wants as well: what is missing is then asked for in one list.
    """
    program = interpreter.find(_known_good("free-threaded")) or interpreter.install_with_uv()
    if program is None:
        packages.ensure([*CPYTHON_BUILD, *COMPILER, *interpreter.gil_needs(), *needs])
        program = cpython_build.build(FREE_THREADED)
        problem = interpreter.problem_of(program)
        if problem:
            # Leaving it in the cache would repeat this at every start; without its stamp it is built anew.
            (program.parent.parent / cpython_build.STAMP).unlink()
            raise DevError(f"the CPython that was built here ({program}) cannot be used: {problem}.")
    return Environment("free-threaded", program)


def with_gil() -> Environment:
    """The GIL environment's description."""
    return Environment("gil", interpreter.with_gil())


def thread_sanitizer() -> Environment:
    """The description of the environment whose interpreter and raddle are instrumented by ThreadSanitizer."""
    clang = packages.clang()
    # Of the same version as the reference interpreter where that was built here: fewer differences.
    reference = interpreter.find(_known_good("free-threaded"))
    version = cpython_build.version_of(reference) if reference else None
    flavour = cpython_build.thread_sanitizer(clang.c, clang.cxx)
    packages.ensure([*clang.needs, *CPYTHON_BUILD, *COMPILER])
    finished = cpython_build.finished(flavour.name)
    fitting = [path for path in finished if version in (None, cpython_build.version_of(path))]
    program = fitting[0] if fitting else cpython_build.build(flavour, version)
    defines = "cmake.define.RADDLE_SANITIZE=thread"
    settings = (defines, "cmake.build-type=RelWithDebInfo", "install.strip=false")
    env = {**flavour.env, "CC": clang.c, "CXX": clang.cxx}
    return Environment("tsan", program, settings, tuple(sorted(env.items())), flavour.wrapper)


def prepare(requests: Sequence[Request], needs: Iterable[Need] = ()) -> None:
    """Brings environments up to date; quick, and without waiting for anybody, when they are."""
    packages.ensure(needs)
    outdated = [
        request
        for request in requests
        if not is_current(request.environment, request.groups, raddle=request.raddle)
    ]
    if not outdated:
        return
    gil = any(request.environment.name == "gil" for request in outdated)
    packages.ensure([*COMPILER, *(interpreter.gil_needs() if gil else ())])
    if gil:
        interpreter.check_headers_with_gil()
    with checkout_lock():
        for request in outdated:
            bring_up_to_date(request.environment, request.groups, raddle=request.raddle)


def checkout_lock() -> AbstractContextManager[None]:
    """Held while something under build/ is written."""
    return exclusive(BUILD / "lock", "this checkout")


def bench_groups(*, rivals: bool) -> list[str]:
    """The groups for benchmarks; the rivals are one of their own: not all exist for GIL builds."""
    extra = ["rivals"] if rivals and "rivals" in project()["dependency-groups"] else []
    return [*GROUPS, "bench", *extra]


def _known_good(name: str) -> list[str]:
    state = read_stamp(BUILD / "env" / name).get("environment")
    return [state[0]] if state else []
