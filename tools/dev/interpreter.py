"""The interpreters that raddle is tested on: a free-threaded one, found or built, and one with the GIL."""

import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import cpython_build
from .console import DevError, capture, say
from .packages import Need

NAMES = ("python3.15t", "python3.14t", "python3.13t")

# Run by candidates: prints what they are. Must parse on any Python, to get an answer out of a wrong one too.
PROBE = """
import json, sys, sysconfig
missing = []
for name in ("ctypes", "ensurepip", "ssl", "venv", "zlib"):
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
print(json.dumps({
    "implementation": sys.implementation.name,
    "version": list(sys.version_info[:3]),
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "gil_enabled": getattr(sys, "_is_gil_enabled", lambda: True)(),
    "include": sysconfig.get_path("include"),
    "missing": missing,
}))
"""


def free_threaded_problem(facts: dict[str, object], has_headers: bool) -> str:
    """Why an interpreter with these facts cannot be the free-threaded one; empty if it can."""
    if facts["implementation"] != "cpython":
        return f"it is {facts['implementation']}, not CPython"
    version = facts["version"]
    assert isinstance(version, list)
    if tuple(version) < (3, 13):
        return f"it is Python {'.'.join(map(str, version))}; 3.13 or later is needed"
    if not facts["free_threaded"]:
        return "it has the GIL: it was not built with --disable-gil"
    if facts["gil_enabled"]:
        return "its GIL is turned on"
    missing = facts["missing"]
    assert isinstance(missing, list)
    if missing:
        return f"it lacks the standard modules {', '.join(map(str, missing))}"
    return "" if has_headers else f"its header Python.h is missing (it belongs into {facts['include']})"


def problem_of(program: Path) -> str:
    """Asks an interpreter what it is; why it cannot be used, empty if it can."""
    # PYTHON_GIL=1 in the user's shell would make every candidate look wrong.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    answer = capture([program, "-c", PROBE], env=env, timeout=60)
    if answer is None:
        return "it does not run"
    try:
        facts = json.loads(answer)
    except json.JSONDecodeError:
        return "it is no Python"
    return free_threaded_problem(facts, (Path(facts["include"]) / "Python.h").is_file())


def candidates() -> Iterator[Path]:
    """Free-threaded interpreters that the machine may have already, best first."""
    for name in NAMES:
        yield from _on_path(name)
        yield from _under_pyenv(name)
    yield from cpython_build.finished(cpython_build.FREE_THREADED.name)
    yield from _known_to_uv()


def _on_path(name: str) -> Iterator[Path]:
    for folder in os.get_exec_path():
        program = Path(folder) / name
        # pyenv's shims start whatever version is selected at the moment; its versions have their own turn.
        if Path(folder).name != "shims" and os.access(program, os.X_OK):
            yield program.absolute()


def _under_pyenv(name: str) -> list[Path]:
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = (path for path in versions.glob(f"*/bin/{name}") if os.access(path, os.X_OK))
    return sorted(
        found, key=lambda path: cpython_build.version_numbers(path.parent.parent.name), reverse=True
    )


def _known_to_uv() -> Iterator[Path]:
    if shutil.which("uv"):
        for name in NAMES:
            command = [
                "uv",
                "python",
                "find",
                "--no-project",
                "--no-python-downloads",
                name.removeprefix("python"),
            ]
            answer = capture(command, timeout=20)
            if answer:
                yield Path(answer.strip())


def find(known_good: Iterable[str]) -> Path | None:
    """The free-threaded interpreter to use, without building or downloading one.

    `known_good` are identities that were asked before; asking takes a tenth of a second each.
    """
    chosen = os.environ.get("RADDLE_PYTHON")
    if chosen:
        program = Path(shutil.which(chosen) or chosen).absolute()
        problem = "" if identity(program) in known_good else problem_of(program)
        if problem:
            raise DevError(f"RADDLE_PYTHON is {chosen}, which cannot be used: {problem}.")
        return program
    return next((path for path in candidates() if identity(path) in known_good or not problem_of(path)), None)


def install_with_uv() -> Path | None:
    """A free-threaded interpreter from uv, where there is a uv and its downloads can be reached."""
    if not shutil.which("uv"):
        return None
    say("asking uv for a free-threaded Python")
    if capture(["uv", "python", "install", "3.14t"], timeout=180) is None:
        say("uv could not install one; going on without it")
        return None
    return next((path for path in _known_to_uv() if not problem_of(path)), None)


def identity(program: Path) -> str:
    """Tells whether an interpreter is still the one it was: its path, and size and time of the file."""
    try:
        state = program.stat()
    except OSError:
        return f"{program} (missing)"
    return f"{program} {state.st_size} {state.st_mtime_ns}"


def with_gil() -> Path:
    """The machine's own Python, which runs this tool, for the tests with a GIL."""
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise DevError(
            "a Python with a GIL is needed too, and the only python3 found is free-threaded.\n"
            "On Debian or Ubuntu type:  sudo apt-get install python3 python3-venv python3-dev"
        )
    # Inside a virtual environment: the interpreter that it was made from, which does not vanish with it.
    base = getattr(sys, "_base_executable", None) or sys.executable
    return Path(base if sys.prefix != sys.base_prefix else sys.executable)


def gil_needs() -> tuple[Need, ...]:
    """What Debian splits from its Python: headers, and the module that makes environments."""
    if Path(sys.base_prefix) != Path("/usr"):
        return ()
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return Need(f"{name}-dev"), Need(f"{name}-venv")


def check_headers_with_gil() -> None:
    """Refuses a Python that extensions cannot be built for."""
    include = Path(sysconfig.get_path("include"))
    if not (include / "Python.h").is_file():
        raise DevError(
            f"{sys.executable} has no header Python.h in {include}.\n"
            "Please install the development files of this Python, or put another python3 first on PATH."
        )
