"""The checks that run nothing of raddle: style, types, layers."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .console import Command, Word, say, shown
from .environment import Environment
from .paths import BUILD, ROOT


@dataclass(frozen=True)
class Check:
    """One check: a line of the list, and its command."""

    title: str
    command: Command


def checks(environment: Environment) -> list[Check]:
    """All checks, in the order in which they are run."""
    python = environment.python
    typed = [
        folder
        for folder in ("python/raddle", "tools/dev", "benchmarks/python", "examples", "tests/typing")
        if _has_python(folder)
    ]
    mypy: list[Word] = [python, "-m", "mypy", "--strict", "--cache-dir", BUILD / "mypy"]
    ruff: list[Word] = [python, "-m", "ruff"]
    # A tree without .git, such as an unpacked archive, has no .gitignore that ruff would heed.
    style: list[Word] = ["--cache-dir", BUILD / "ruff", "--config", 'extend-exclude = ["build"]']
    clang_format: list[Word] = [environment.programs / "clang-format", "--dry-run", "-Werror", *_cpp_files()]
    return [
        Check("ruff check", [*ruff, "check", "--output-format", "concise", *style, "."]),
        Check("ruff format", [*ruff, "format", "--check", *style, "."]),
        # One run each: every folder may have a __main__.py, and one run takes a module name once.
        *(Check(f"mypy --strict {folder}", [*mypy, folder]) for folder in typed),
        Check("clang-format", clang_format),
        Check("includes", [python, "tools/check_includes.py"]),
        Check("links", [python, "tools/check_links.py"]),
        Check("stubs", [python, "-m", "mypy.stubtest", "raddle._raddle"]),
    ]


def run(environment: Environment) -> bool:
    """Runs all checks, prints OK or what is wrong for each; whether all are well."""
    well = True
    for check in checks(environment):
        done = subprocess.run(
            check.command,
            cwd=ROOT,
            env=environment.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(f"{check.title:<32} {'OK' if done.returncode == 0 else 'failed'}", flush=True)
        if done.returncode != 0:
            well = False
            print(done.stdout, file=sys.stdout, flush=True)
    if not well:
        programs = shown(environment.programs)
        say(f"to repair style, type:  {programs}/ruff format .   and   {programs}/clang-format -i FILE")
    return well


def _has_python(folder: str) -> bool:
    return any((ROOT / folder).rglob("*.py"))


def _cpp_files() -> list[Path]:
    tops = (ROOT / top for top in ("include", "src", "tests/cpp", "examples/cpp"))
    return sorted(path for top in tops for path in top.rglob("*") if path.suffix in (".hpp", ".cpp"))
