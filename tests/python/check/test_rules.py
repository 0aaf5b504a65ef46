"""The programs on the pages of the rules: the wrong one is reported under its rule, the right one is not."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from raddle.check._pages import page
from raddle.reports.check_rules import RULES, Rule

_PROGRAM = re.compile(r"```python\n# (wrong|right)[^\n]*\n(.*?)```", re.DOTALL)


def found(rule: Rule, which: str, folder: Path) -> list[str]:
    programs = dict(_PROGRAM.findall(page(rule.id)))
    program = folder / f"{which}.py"
    program.write_text(programs[which])
    report = folder / "report.json"
    options = ["--format", "json", "--output", str(report), *(["--strict"] if rule.id == "RD301" else [])]
    command = [sys.executable, "-m", "raddle", "check", *options, str(program)]
    subprocess.run(command, check=True, capture_output=True, timeout=60, cwd=folder)
    return [finding["rule"] for finding in json.loads(report.read_text())["findings"]]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_wrong_program_of_a_page_is_reported(rule: Rule, tmp_path: Path) -> None:
    assert rule.id in found(rule, "wrong", tmp_path)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_right_program_of_a_page_is_silent(rule: Rule, tmp_path: Path) -> None:
    assert found(rule, "right", tmp_path) == []


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_explain_shows_the_page(rule: str) -> None:
    command = [sys.executable, "-m", "raddle", "check", "--explain", rule.lower()]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert f"{rule}: {RULES[rule].name}" in done.stdout
    assert "wrong" in done.stdout
