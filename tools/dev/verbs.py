"""What each verb of ./dev does. A verb takes its arguments and returns the exit status."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn

from . import cpython_build, interpreter, junit, lint, packages, provision, suites, tsan_reports
from .console import DevError, say, shown
from .environment import Environment
from .packages import COMPILER, CPP_TESTS
from .paths import BUILD, ROOT
from .provision import Request, prepare

TSAN_TIME_LIMIT = 3600.0  # Seconds; code under ThreadSanitizer is ten times slower.


def demo(arguments: Sequence[str]) -> int:
    """raddle's guided tour, on the free-threaded interpreter"""
    environment = provision.free_threaded()
    prepare([Request(environment)])
    become(environment, ["-m", "raddle", "demo", *arguments])


def python(arguments: Sequence[str]) -> int:
    """the project's free-threaded Python, with raddle and pip"""
    environment = provision.free_threaded()
    prepare([Request(environment)])
    become(environment, arguments)


def bench(arguments: Sequence[str]) -> int:
    """the benchmarks; --gil as the first argument: on the GIL interpreter"""
    if not (ROOT / "benchmarks" / "python" / "__main__.py").is_file():
        raise DevError("this checkout has no benchmarks/python.")
    gil = list(arguments[:1]) == ["--gil"]
    environment = provision.with_gil() if gil else provision.free_threaded()
    prepare([Request(environment, provision.bench_groups(rivals=not gil))])
    become(environment, [ROOT / "benchmarks" / "python", *arguments[1 if gil else 0 :]])


def build(arguments: Sequence[str]) -> int:
    """build and install raddle in the free-threaded and the GIL environment"""
    none_expected("build", arguments)
    environments = [provision.free_threaded(interpreter.gil_needs()), provision.with_gil()]
    prepare([Request(environment) for environment in environments])
    for environment in environments:
        say(f"raddle is ready in {shown(environment.path)} ({environment.interpreter})")
    return 0


def test(arguments: Sequence[str]) -> int:
    """all tests; with arguments for pytest: only the Python tests, with these arguments"""
    return _chosen_tests(arguments) if arguments else _all_tests()


def _all_tests() -> int:
    needs = [*CPP_TESTS, *packages.clang().needs, *COMPILER, *interpreter.gil_needs()]
    free, gil = provision.free_threaded(needs), provision.with_gil()
    prepare([Request(free, raddle=False), Request(gil, raddle=False)], needs)
    results = [
        _attempt(suite.title, partial(_cpp, suite, free)) for suite in suites.cpp_suites(packages.clang())
    ]
    for environment, title in _python_suites(free, gil):
        for suite in suites.PYTHON_SUITES:
            results.append(_attempt(title + suite.title, partial(_python, environment, title, suite)))
    return 0 if suites.show(results) else 1


def _attempt(title: str, run: Callable[[], junit.Result]) -> junit.Result:
    """A suite that cannot even be built is one failure; the other suites still run."""
    try:
        return run()
    except DevError as error:
        print(f"\n{title}: {error}\n", flush=True)
        result = junit.Result(title)
        result.fail(f"{title}: could not be built")
        return result


def _cpp(suite: suites.CppSuite, tools: Environment) -> junit.Result:
    with provision.checkout_lock():
        return suites.run_cpp(suite, tools)


def _python(environment: Environment, title: str, suite: suites.PythonSuite) -> junit.Result:
    prepare([Request(environment)])
    with provision.checkout_lock():
        return suites.run_python(environment, title, suite)


def _chosen_tests(arguments: Sequence[str]) -> int:
    free, gil = provision.free_threaded(interpreter.gil_needs()), provision.with_gil()
    prepare([Request(free), Request(gil)])
    chosen = _python_suites(free, gil)
    results = [suites.run_python_openly(environment, title, arguments) for environment, title in chosen]
    return 0 if suites.show(results) else 1


def _python_suites(free: Environment, gil: Environment) -> list[tuple[Environment, str]]:
    return [(free, "Python, free-threaded"), (gil, "Python, GIL")]


def tsan(arguments: Sequence[str]) -> int:
    """the Python tests with interpreter and raddle under ThreadSanitizer (builds both; takes long)"""
    environment = provision.thread_sanitizer()
    prepare([Request(environment)])
    reports = BUILD / "tsan"
    with provision.checkout_lock():
        if reports.exists():
            shutil.rmtree(reports)
        reports.mkdir(parents=True)
        instrumented = replace(
            environment, env=(*environment.env, ("TSAN_OPTIONS", _tsan_options(environment, reports)))
        )
        selection = suites.PythonSuite("", "pytest", ("-m", "not slow_under_tsan", *arguments))
        result = suites.run_python(instrumented, "Python, ThreadSanitizer", selection, TSAN_TIME_LIMIT)
        own, others = tsan_reports.read(reports)
    for report in own:
        print(f"\n{report.text}", flush=True)
        result.fail(report.summary)
    say(f"ThreadSanitizer: {len(own)} different reports about raddle, {others} about other code")
    return 0 if suites.show([result]) else 1


def _tsan_options(environment: Environment, reports: Path) -> str:
    settings = {
        # By the interpreter's developers, of its own functions. Without it each object that takes the address
        # of one that AtomicRef looked at is a report: the interpreter fills in its header by plain stores.
        "suppressions": cpython_build.tsan_suppressions(environment.interpreter.parent.parent),
        "log_path": reports / "report",
        # The reports decide, not the exit status of whatever process the tests start.
        "exitcode": 0,
        # Tests fork while other threads run.
        "die_after_fork": 0,
        "history_size": 7,
        "external_symbolizer_path": Path(packages.clang().tools) / "llvm-symbolizer",
    }
    return " ".join(f"{name}={value}" for name, value in settings.items())


def check(arguments: Sequence[str]) -> int:
    """style, types, stubs and layers"""
    none_expected("lint", arguments)
    environment = provision.with_gil()
    prepare([Request(environment, [*provision.GROUPS, "lint"])])
    return 0 if lint.run(environment) else 1


def set_up(arguments: Sequence[str]) -> int:
    """interpreters and environments only; every other verb does it too"""
    none_expected("setup", arguments)
    environments = [provision.free_threaded(interpreter.gil_needs()), provision.with_gil()]
    prepare([Request(environment, raddle=False) for environment in environments])
    for environment in environments:
        say(f"{shown(environment.path)} is ready ({environment.interpreter})")
    return 0


def none_expected(verb: str, arguments: Sequence[str]) -> None:
    """Refuses arguments where there are none, rather than ignoring a typing error."""
    if arguments:
        raise DevError(f"./dev {verb} takes no arguments; it got: {' '.join(arguments)}")


def become(environment: Environment, arguments: Sequence[str | Path]) -> NoReturn:
    """Replaces this process by the environment's Python: signals, terminal and exit status are its own."""
    command = [str(word) for word in environment.command(*arguments)]
    os.execvpe(command[0], command, environment.variables())
