"""Reads the file in which the checked program left what was found; `_writer` says what is in it."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from raddle.check._choice import is_stdlib
from raddle.check._writer import Line
from raddle.reports.check_findings import (
    Access,
    Check,
    Coverage,
    Evidence,
    Finding,
    Frame,
    Guard,
    Held,
    Severity,
    Side,
    Stack,
)
from raddle.reports.check_rules import RULES

# What the engine tells apart, in the words of docs/check.md.
_KINDS = {"append_like": "add", "iterate_begin": "iterate", "iterate_end": "iterate", "advance": "next"}
_HERE = os.path.dirname(__file__) + os.sep


def read(path: Path, program: str, source_line: Callable[[str, int], str]) -> Check:
    """What the program left; `source_line(file, number)` gives a line of source, "" if there is none."""
    findings: dict[tuple[Any, ...], Finding] = {}
    begin: Line = {}
    ends: dict[int, Line] = {}
    main = 0
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        line = _parsed(text)
        process = line.get("process", 0)
        if "begin" in line:
            begin, main = line["begin"], process
        if "finding" in line:
            _add(findings, _finding(line["finding"], None if process == main else process, source_line))
        if "end" in line:
            ends[process] = line["end"]
            for raw in line["end"].get("findings", ()):
                found = _finding(raw, None if process == main else process, source_line)
                _add(findings, found, is_final=True)
    return Check(
        raddle=begin.get("raddle", ""),
        python=begin.get("python", ""),
        program=program,
        folder=os.getcwd(),
        findings=tuple(sorted(findings.values(), key=_order)),
        coverage=_coverage(list(ends.values())),
        complete=main in ends,
    )


def _parsed(text: str) -> Line:
    """A line, or nothing where the program was killed in the middle of writing one."""
    try:
        line = json.loads(text)
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}


def places(found: Finding) -> tuple[Any, ...]:
    """What makes two findings the same: the rule and the places, whichever thread was first."""
    sides = [
        tuple((access.file, access.line, access.column) for access in side.accesses) for side in found.sides
    ]
    return (found.rule, *sorted(sides))


def _add(findings: dict[tuple[Any, ...], Finding], found: Finding, is_final: bool = False) -> None:
    """`is_final`: the count is right, but objects may be gone that could be described when it was found."""
    key = places(found)
    before = findings.get(key)
    if before is not None:
        happened = Evidence.HAPPENED in (before.evidence, found.evidence)
        found = replace(
            before if is_final else found,
            count=max(before.count, found.count),
            evidence=Evidence.HAPPENED if happened else Evidence.CAN_HAPPEN,
            severity=min(before.severity, found.severity, key=list(Severity).index),
        )
    findings[key] = found


def _order(found: Finding) -> tuple[Any, ...]:
    return (list(Severity).index(found.severity), found.rule, places(found))


def _finding(raw: Line, process: int | None, source_line: Callable[[str, int], str]) -> Finding:
    rule = RULES[raw["rule"]]
    location = raw["location"]
    guard = raw.get("guard")
    names = [side.get("thread_name") or "" for side in raw["sides"]]
    numbered = len(set(names)) < len({side["thread"] for side in raw["sides"]})
    return Finding(
        rule=rule.id,
        severity=Severity(raw.get("severity") or rule.severity.value),
        evidence=Evidence(raw["evidence"]),
        count=raw.get("count", 1),
        kind=location["kind"],
        location=_words(location),
        sides=tuple(_side(side, numbered, source_line) for side in raw["sides"]),
        guard=_guard(guard, source_line) if guard else None,
        process=process,
    )


def _words(location: Line) -> str:
    """The location as a reader of the source would call it."""
    name, subject, expression = (location.get(field) or "" for field in ("name", "object", "expression"))
    match location["kind"]:
        case "attribute" if subject:
            return (
                f"{subject[1:].split()[0].rstrip('>')}.{name} of {subject}"
                if subject[0] == "<"
                else f"{subject}.{name}"
            )
        case "attribute" if location.get("group"):
            return str(location["group"])
        case "global":
            return f"global {name}{f' of {subject}' if subject else ''}"
        case "cell" | "closure variable":
            return f"closure variable {name}"
        case "structure":
            return f"the {subject or 'container'} {expression}".rstrip()
        case "iterator":
            return f"the iterator {expression or subject}"
    return expression or name or subject


def _side(raw: Line, numbered: bool, source_line: Callable[[str, int], str]) -> Side:
    """`numbered`: names alone do not tell the threads apart."""
    name = raw.get("thread_name") or f"thread {raw['thread']}"
    if numbered and raw.get("thread_name"):
        name += f" (number {raw['thread']})"
    accesses = tuple(_access(access, source_line) for access in raw["accesses"])
    return Side(name, _stack(raw.get("thread_created")), accesses)


def _access(raw: Line, source_line: Callable[[str, int], str]) -> Access:
    stack = _stack(raw["stack"])
    return Access(
        kind=str(_KINDS.get(raw["kind"], raw["kind"])),
        file=raw["site_file"],
        line=raw["line"],
        column=raw["column"],
        end_line=raw["end_line"],
        end_column=raw["end_column"],
        stack=stack,
        source=source_line(raw["site_file"], raw["line"]),
        locks=tuple(_held(lock, source_line) for lock in raw.get("locks", ())),
        value="None" if raw.get("value") == "None" else None,
    )


def _stack(raw: Any) -> Stack:
    """Without the frames in which the checker started the program."""
    frames = [Frame(file, line, function, is_stdlib(file)) for file, line, function in raw or ()]
    while len(frames) > 1 and frames[0].file.startswith((_HERE, "<string>", "<frozen ")):
        del frames[0]
    return tuple(frames)


_TAKEN = re.compile(r"^\s*(?:async\s+)?with\s+(.+?)(?:\s+as\s+.*)?:|([\w.\[\]'\"]+)\.(?:acquire|__enter__)\(")


def _held(raw: Line, source_line: Callable[[str, int], str]) -> Held:
    taken = _stack(raw.get("stack"))
    return Held(_lock_name(raw.get("name") or "a lock", taken, source_line), taken)


def _lock_name(name: str, taken: Stack, source_line: Callable[[str, int], str]) -> str:
    """What the source calls the lock where it takes it, and what it is."""
    if not taken:
        return name
    found = _TAKEN.search(source_line(taken[-1].file, taken[-1].line))
    return (found[1] or found[2]) if found else name


def _guard(raw: Line, source_line: Callable[[str, int], str]) -> Guard:
    lock = _held(raw.get("lock") or {}, source_line) if isinstance(raw.get("lock"), dict) else None
    return Guard(lock.name if lock else str(raw.get("lock") or raw.get("name")), raw["held"], raw["of"])


def _coverage(ends: list[Line]) -> Coverage:
    seen = [end.get("coverage", {}) for end in ends]
    sums = [end.get("summary", {}) for end in ends]

    def union(field: str) -> tuple[Any, ...]:
        return tuple(
            sorted(
                {tuple(one) if isinstance(one, list) else one for each in seen for one in each.get(field, ())}
            )
        )

    return Coverage(
        modules=union("modules"),
        unseen=union("unseen"),
        extensions=union("extensions"),
        unknown=union("unknown"),
        threads=sum(each.get("threads", 0) for each in sums),
        locations=sum(each.get("cells", 0) for each in sums),
        evicted=sum(each.get("evicted", 0) for each in sums),
        errors=union("errors"),
    )
