#!/usr/bin/env python3
"""Checks who includes whom (ARCHITECTURE.md). Exit code 1 and a line per violation."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# A folder of include/raddle may include itself and these.
ALLOWED = {
    "base": set(),
    "diag": {"base"},
    "atomic": {"base"},
    "sync": {"base", "diag", "atomic"},
    "reclaim": {"base", "diag", "atomic", "sync"},
    "queue": {"base", "diag", "atomic", "sync", "reclaim"},
    "map": {"base", "diag", "atomic", "sync", "reclaim"},
    "log": {"base", "diag", "atomic", "sync", "reclaim"},
    "check": {"base", "diag", "atomic", "sync"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
PYTHON_IMPORT = re.compile(r"^\s*(?:from|import)\s+(raddle(?:\.\w+)*)", re.MULTILINE)
STD_ATOMIC = re.compile(r"std::(atomic|memory_order)")


def sources(folder: str, *endings: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in endings)


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[2]  # include/raddle/ROOM/... and src/core/ROOM/...


def core_violations(path: Path) -> list[str]:
    room = room_of(path)
    text = path.read_text()
    found = []
    if room not in ALLOWED:
        return [f"{room} has no place in the order; give it one in tools/check_includes.py"]
    for header in INCLUDE.findall(text):
        if header == "Python.h" or header.startswith("bindings"):
            found.append(f"the core includes {header}")
        elif header.startswith("raddle/"):
            other = header.split("/")[1]
            if other != room and other not in ALLOWED[room]:
                found.append(f"{room} includes {header}")
    if path.name != "atomic.hpp" and STD_ATOMIC.search(text):
        found.append("names std::atomic or std::memory_order; use raddle::atomic and raddle::order")
    return found


def report_violations(path: Path) -> list[str]:
    return [
        f"reports import {module}: a report must be testable without the extension"
        for module in PYTHON_IMPORT.findall(path.read_text())
        if not module.startswith("raddle.reports")
    ]


def main() -> int:
    violations = []
    for folder in ("include/raddle", "src/core"):
        for path in sources(folder, ".hpp", ".cpp"):
            violations += [f"{path.relative_to(ROOT)}: {text}" for text in core_violations(path)]
    for path in sources("python/raddle/reports", ".py"):
        violations += [f"{path.relative_to(ROOT)}: {text}" for text in report_violations(path)]
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
