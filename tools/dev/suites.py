"""Running the test suites: C++ by ctest, Python by pytest; each yields a Result."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import junit
from .console import Command, jobs, new_log, run_logged, say, shown, step, tail
from .cpython_build import without_randomisation
from .environment import Environment
from .packages import Clang
from .paths import BUILD, ROOT

REPORTS = BUILD / "junit"
TIME_LIMIT = 1800.0  # Seconds for one suite; a suite that hangs then fails instead of stopping everything.


@dataclass(frozen=True)
class CppSuite:
    """A CMake preset, built and run by ctest."""

    title: str
    preset: str
    compiler: str | None = None
    wrapper: tuple[str, ...] = ()
    path: str = ""


def cpp_suites(clang: Clang) -> list[CppSuite]:
    """The C++ tests as shipped, and under the sanitizers."""
    randomised_off = without_randomisation()
    return [
        CppSuite("C++", "release"),
        CppSuite("C++, ThreadSanitizer", "tsan", clang.cxx, randomised_off, clang.tools),
        CppSuite("C++, AddressSanitizer + UBSan", "asan", clang.cxx, (), clang.tools),
    ]


def run_cpp(suite: CppSuite, tools: Environment) -> junit.Result:
    """Configures, builds and tests one preset with the cmake of an environment."""
    start = time.monotonic()
    env = tools.variables()
    if suite.path:
        env["PATH"] += os.pathsep + suite.path
    log = new_log(f"cpp-{suite.preset}")
    say(f"building the C++ tests: {suite.title} (log: {shown(log)})")
    compiler = [f"-DCMAKE_CXX_COMPILER={suite.compiler}"] if suite.compiler else []
    step(["cmake", "--preset", suite.preset, *compiler], log.stem, env=env)
    folder = BUILD / "cpp" / suite.preset
    step(["cmake", "--build", folder, "--parallel", str(jobs())], log.stem, env=env)

    say(f"testing: {suite.title}")
    report = fresh_report(f"cpp-{suite.preset}")
    # One test at a time: the tests use all cores themselves.
    options: Command = ["--output-on-failure", "--no-tests=error", "--output-junit", report]
    log = new_log(f"ctest-{suite.preset}")
    status = run_logged(
        [*suite.wrapper, "ctest", "--test-dir", folder, *options], log, env=env, timeout=TIME_LIMIT
    )
    return _settle(report, suite.title, status, log, start)


@dataclass(frozen=True)
class PythonSuite:
    """Some of the Python tests."""

    title: str
    name: str
    options: tuple[str, ...]


# Each case of the matrix is a process of its own that mostly waits, so that several can run at a time. The
# others use all cores themselves.
MATRIX = "tests/python/blocking"
PYTHON_SUITES = (
    PythonSuite("", "pytest", (f"--ignore={MATRIX}",)),
    PythonSuite(", blocking calls", "pytest-blocking", ("-n", "3", MATRIX)),
)


def run_python(
    environment: Environment, title: str, suite: PythonSuite, limit: float = TIME_LIMIT
) -> junit.Result:
    """Python tests in an environment, output into a log."""
    start = time.monotonic()
    title, options = title + suite.title, suite.options
    log = new_log(f"{suite.name}-{environment.name}")
    say(f"testing: {title} (log: {shown(log)})")
    report = fresh_report(f"{suite.name}-{environment.name}")
    command = environment.command("-m", "pytest", f"--junitxml={report}", *options)
    status = run_logged(command, log, env=environment.variables(), timeout=limit)
    return _settle(report, title, status, log, start)


def run_python_openly(environment: Environment, title: str, options: Sequence[str]) -> junit.Result:
    """The Python tests that the user chose, on the user's terminal: -s and --pdb work."""
    start = time.monotonic()
    say(f"testing: {title}")
    report = fresh_report(f"pytest-{environment.name}")
    command = environment.command("-m", "pytest", f"--junitxml={report}", *options)
    done = subprocess.run(command, cwd=ROOT, env=environment.variables(), check=False)
    result = junit.settle(report, title, done.returncode, may_be_empty=True)
    result.seconds = time.monotonic() - start
    return result


def fresh_report(name: str) -> Path:
    """The path of a suite's XML, with what an earlier run left removed."""
    report = REPORTS / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    return report


def _settle(report: Path, title: str, status: int | None, log: Path, start: float) -> junit.Result:
    result = junit.settle(report, title, status, may_be_empty=False)
    result.seconds = time.monotonic() - start
    if result.failed:
        print(f"\n{title}: the end of {shown(log)}\n\n{tail(log, 200)}\n", flush=True)
    return result


def show(results: list[junit.Result]) -> bool:
    """Prints what was skipped and why, what failed, the table, and the counts alone on the last line."""
    for result in results:
        for line in result.skips:
            print(f"skipped ({result.suite}): {line}")
    for result in results:
        for line in result.failures:
            print(f"FAILED ({result.suite}): {line}")
    print(f"\n{junit.table(results)}\n")
    if not any(result.total for result in results):
        print("No test was run.")
    print(junit.last_line(results), flush=True)
    return junit.succeeded(results)
