"""The report of `raddle check`, its JSON, comments that silence and baselines, from literal findings."""

import json
from pathlib import Path
from typing import Any

import pytest
from raddle.check import _baseline, _log, _source
from raddle.check._pages import page
from raddle.reports import check as report
from raddle.reports.check_findings import Check, Evidence, Severity
from raddle.reports.check_json import as_json
from raddle.reports.check_rules import RULES
from rich.console import Console

BANK = """\
class Account:
    def deposit(self, amount):
        self.balance += amount

    def reset(self):
        with self.lock:
            self.balance = 0
"""


def access(file: Path, line: int, column: int, end: int, kind: str, **more: Any) -> dict[str, Any]:
    function = "deposit" if line == 3 else "reset"
    stack = [[str(file), 40, "main"], [str(file), line, function]]
    return {
        "site_file": str(file),
        "line": line,
        "column": column,
        "end_line": line,
        "end_column": end,
        "kind": kind,
        "stack": stack,
        "locks": [],
        "value": None,
    } | more


def lost_update(file: Path, **more: Any) -> dict[str, Any]:
    lock = {"name": "Lock", "stack": [[str(file), 6, "reset"]]}
    return {
        "rule": "RD101",
        "evidence": "can happen",
        "count": 3,
        "location": {
            "kind": "attribute",
            "name": "balance",
            "object": "<Account 'bob'>",
            "expression": "self.balance",
        },
        "sides": [
            {
                "thread": 1,
                "thread_name": "worker-1",
                "thread_created": [[str(file), 50, "main"]],
                "accesses": [
                    access(file, 3, 8, 20, "read", value="None"),
                    access(file, 3, 8, 20, "write"),
                ],
            },
            {
                "thread": 2,
                "thread_name": "worker-2",
                "thread_created": [[str(file), 51, "main"]],
                "accesses": [access(file, 7, 12, 24, "write", locks=[lock])],
            },
        ],
    } | more


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    file = tmp_path / "bank.py"
    file.write_text(BANK)
    return file


def checked(folder: Path, *lines: dict[str, Any], end: bool = True) -> Check:
    log = folder / "log"
    records: list[dict[str, Any]] = [{"begin": {"raddle": "1", "python": "3"}, "process": 7}]
    records += [{"finding": line, "process": 7} for line in lines]
    if end:
        coverage = {
            "modules": ["__main__", "bank"],
            "extensions": ["numpy"],
            "unseen": [["old", "no source"]],
        }
        records.append(
            {
                "end": {"findings": [], "summary": {"threads": 3, "cells": 9}, "coverage": coverage},
                "process": 7,
            }
        )
    log.write_text("".join(json.dumps(record) + "\n" for record in records))
    return _log.read(log, "bank.py", _source.line)


def shown(check: Check) -> str:
    console = Console(width=200, highlight=False, emoji=False, markup=False)
    with console.capture() as capture:
        console.print(report.as_text(check))
    return capture.get()


def test_a_lost_update_in_words(bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(checked(tmp_path, lost_update(bank))).splitlines() == [
        "error RD101: lost update  Account.balance of <Account 'bob'>  (can happen, seen 3 times)",
        "  worker-1 read it, then wrote what it had made of that:",
        "    bank.py:3 in deposit",
        "         3 | self.balance += amount",
        "           | ^^^^^^^^^^^^ read: None",
        "           | ^^^^^^^^^^^^ write",
        "      held no lock",
        "      from bank.py:40 in main",
        "  worker-2 wrote it:",
        "    bank.py:7 in reset",
        "         7 | self.balance = 0",
        "           | ^^^^^^^^^^^^ write",
        "      held self.lock, taken at bank.py:6 in reset",
        "      from bank.py:40 in main",
        "  thread: worker-1 was made at bank.py:50 in main",
        "  thread: worker-2 was made at bank.py:51 in main",
        "  fix: Hold one lock from the read to the write, in every thread: with self.lock. "
        "For a number, raddle.AtomicInt.increment() does both in one step.",
        "",
        "raddle check: 1 error",
        "Coverage: 2 modules instrumented; 3 threads; not seen into: old (no source); "
        "C extensions, not seen into: numpy.",
        "raddle check --explain RD101 tells what a rule means and how to mend it.",
    ]


@pytest.mark.parametrize(
    ("rule", "kind", "words"),
    [
        ("RD102", "remove", "worker-2 changed it:"),
        ("RD102", "read", "worker-2 looked as well, and may act on it too:"),
        ("RD103", "create", "worker-2 put something there as well:"),
        ("RD103", "missed", "worker-2 looked for it as well:"),
    ],
)
def test_who_only_looked_is_not_said_to_have_changed_something(
    rule: str, kind: str, words: str, bank: Path, tmp_path: Path
) -> None:
    found = lost_update(bank, rule=rule)
    found["sides"][1]["accesses"] = [access(bank, 7, 12, 24, kind)]
    assert words in (line.strip() for line in shown(checked(tmp_path, found)).splitlines())


def test_the_same_places_are_one_finding_whichever_thread_came_first(bank: Path, tmp_path: Path) -> None:
    turned = lost_update(bank, evidence="happened", count=9)
    turned["sides"].reverse()
    (found,) = checked(tmp_path, lost_update(bank), turned).findings
    assert (found.count, found.evidence) == (9, Evidence.HAPPENED)


def test_a_run_that_was_cut_off_says_so(bank: Path, tmp_path: Path) -> None:
    check = checked(tmp_path, lost_update(bank), end=False)
    (tmp_path / "log").open("a").write('{"finding": {"rule": "RD1')  # killed while it wrote
    again = _log.read(tmp_path / "log", "bank.py", _source.line)
    assert again.findings == check.findings
    assert "without its last words" in shown(again)


def test_a_child_of_fork_is_named(bank: Path, tmp_path: Path) -> None:
    check = checked(tmp_path)
    with (tmp_path / "log").open("a") as log:
        log.write(json.dumps({"finding": lost_update(bank), "process": 8}) + "\n")
    (found,) = _log.read(tmp_path / "log", "bank.py", _source.line).findings
    assert found.process == 8
    assert check.findings == ()


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("# raddle: ignore[RD101] only for show", True),
        ("# raddle: ignore[RD201, RD101] only for show", True),
        ("# raddle: ignore[RD101]", False),  # no reason
        ("# raddle: ignore[RD201] only for show", False),
    ],
)
def test_a_comment_with_a_reason_silences_its_rule(comment: str, silent: bool, tmp_path: Path) -> None:
    file = tmp_path / "marked.py"
    file.write_text(BANK.replace("+= amount", f"+= amount  {comment}"))
    (found,) = checked(tmp_path, lost_update(file)).findings
    assert _source.ignores(found) is silent


def test_a_baseline_accepts_what_it_has_even_when_lines_move(bank: Path, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    first = _baseline.apply(checked(tmp_path, lost_update(bank)), path)
    assert (first.findings, first.accepted) == ((), 1)
    moved = tmp_path / "later" / "bank.py"
    moved.parent.mkdir()
    moved.write_text(BANK)
    other = lost_update(moved)
    other["sides"][1]["accesses"][0]["line"] = other["sides"][1]["accesses"][0]["end_line"] = 3
    check = _baseline.apply(checked(tmp_path, lost_update(moved), other), path)
    assert len(check.findings) == 1
    assert check.accepted == 1


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 99, "findings": []}'])
def test_a_file_that_is_no_baseline_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(content)
    with pytest.raises(_baseline.BaselineError, match="baseline"):
        _baseline.apply(checked(tmp_path), path)


def test_json_names_everything(bank: Path, tmp_path: Path) -> None:
    data = json.loads(json.dumps(as_json(checked(tmp_path, lost_update(bank)))))
    (finding,) = data["findings"]
    assert data["schema"] == 1
    assert finding["name"] == "lost update"
    assert finding["severity"] == "error"
    assert finding["sides"][0]["accesses"][0]["value"] == "None"
    assert finding["sides"][1]["accesses"][0]["locks"][0]["name"] == "self.lock"


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_has_a_page_with_a_wrong_and_a_right_program(rule: Any) -> None:
    text = page(rule.id)
    assert text.startswith(f"# {rule.id}: {rule.name}\n")
    assert text.count("```python\n# wrong") == 1
    assert text.count("```python\n# right") == 1


def test_severities_are_ordered_as_they_weigh() -> None:
    assert list(Severity) == [Severity.ERROR, Severity.WARNING, Severity.NOTE]
