"""A file of findings that were accepted: only new ones are reported.

A finding is known again by its rule, and by file, function and source text of its accesses; not by line
numbers, so that lines may move.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from raddle.check import _source
from raddle.reports.check_findings import Access, Check, Finding

_SCHEMA = 1


class BaselineError(Exception):
    """The text says what is wrong with the file, and what to do."""


def apply(check: Check, path: Path) -> Check:
    """Leave out what the file accepts. Where there is no file, write one that accepts all there is."""
    if not path.exists():
        _write(check, path)
        return replace(check, findings=(), accepted=len(check.findings))
    known = {json.dumps(entry) for entry in _read(path)}
    kept = tuple(found for found in check.findings if json.dumps(_entry(found)) not in known)
    return replace(check, findings=kept, accepted=len(check.findings) - len(kept))


def _write(check: Check, path: Path) -> None:
    entries = sorted((_entry(found) for found in check.findings), key=json.dumps)
    try:
        path.write_text(
            json.dumps({"schema": _SCHEMA, "findings": entries}, indent=1) + "\n", encoding="utf-8"
        )
    except OSError as error:
        raise BaselineError(f"--baseline {path}: cannot be written: {error.strerror}") from error


def _read(path: Path) -> list[Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["schema"] != _SCHEMA:
            raise BaselineError(
                f"--baseline {path}: written by another version of raddle. Delete it to make a new one."
            )
        return list(data["findings"])
    except OSError as error:
        raise BaselineError(f"--baseline {path}: cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise BaselineError(
            f"--baseline {path}: this is no baseline of raddle check. Delete it to make one."
        ) from error


def _entry(found: Finding) -> list[Any]:
    return [found.rule, sorted([_place(access) for access in side.accesses] for side in found.sides)]


def _place(access: Access) -> list[str]:
    text = _source.line(access.file, access.line)
    return [_portable(access.file), access.function, access.kind, " ".join(text.split())]


def _portable(file: str) -> str:
    """The file as seen from here, so that a baseline can be kept with the program and used elsewhere."""
    path = Path(file)
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.name
