"""Small programs that `raddle check` must report, and programs that it must stay silent about.

RADDLE_TEST_SCALE=20 runs each of them twenty times.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import knobs
from support.check_programs import (
    Expected,
    Found,
    Run,
    Runs,
    difference,
    expectations,
    programs,
    run_checked,
    run_plain,
)

REPORT, SILENT = programs("report"), programs("silent")
RULES = {"RD101", "RD102", "RD103", "RD104", "RD105", "RD201", "RD202"}
QUICK = 0.5  # seconds for a program without the checker
TRIES = 5  # for that: other programs on the machine may delay it

pytestmark = pytest.mark.slow_under_tsan


def ahead(how: Callable[[Path], Run]) -> Callable[[Any], Any]:
    """Tells the fixture that the test will ask for its program to be run like this."""

    def mark(test: Any) -> Any:
        test.how = how
        return test

    return mark


def named(paths: list[Path]) -> Any:
    return pytest.mark.parametrize("program", paths, ids=[path.stem for path in paths])


@named(REPORT + SILENT)
@ahead(run_plain)
def test_a_program_is_right_and_quick_without_the_checker(program: Path, runs: Runs) -> None:
    run = runs.get(run_plain, program)
    assert (run.status, run.errors) == (0, "")
    assert run.output
    for _ in range(TRIES):
        if run.seconds < QUICK:
            break
        run = run_plain(program)
    assert run.seconds < QUICK


@named(REPORT)
@ahead(run_checked)
def test_it_is_reported(program: Path, runs: Runs) -> None:
    expected = expectations(program)
    assert expected
    compare(program, expected, runs)


@named(SILENT)
@ahead(run_checked)
def test_it_stays_silent(program: Path, runs: Runs) -> None:
    assert expectations(program) == []
    compare(program, [], runs)


def compare(program: Path, expected: list[Expected], runs: Runs) -> None:
    """Runs the program under the checker as often as asked for; all of the runs must be right."""
    plain = run_plain(program)
    wrong: list[str] = []
    count = knobs.scaled(1)
    for number in range(1, count + 1):
        run = runs.get(run_checked, program)
        assert (run.status, run.output, run.errors) == (plain.status, plain.output, "")
        wrong += [f"run {number} of {count}: {line}" for line in difference(expected, run.found)]
    assert not wrong, "\n" + "\n".join(wrong)


# The corpus.


def test_there_are_enough_programs_of_every_kind() -> None:
    assert len(REPORT) >= 40
    assert len(SILENT) >= 60
    assert {it.rule for program in REPORT for it in expectations(program)} == RULES
    assert {path.stem for path in REPORT}.isdisjoint(path.stem for path in SILENT)


# The comparison itself can fail.

LOST = Expected("RD101", "Counter.value", "error")
FOUND = Found("RD101", "error", "Counter.value of <Counter>", happened=False)


def test_what_is_as_expected_makes_no_difference() -> None:
    assert difference([LOST], [FOUND, replace(FOUND, happened=True)]) == []
    assert difference([], []) == []


@pytest.mark.parametrize(
    "other",
    [
        replace(FOUND, rule="RD102"),
        replace(FOUND, severity="note"),
        replace(FOUND, location="Counter.size of <Counter>"),
    ],
)
def test_what_is_missing_and_what_is_too_much_are_told(other: Found) -> None:
    (missing,) = difference([LOST], [])
    assert missing == "not reported: RD101 error Counter.value"
    (extra,) = difference([], [FOUND])
    assert extra.startswith("reported for no reason: RD101 error Counter.value of <Counter>")
    assert len(difference([LOST], [other])) == 2
    assert len(difference([LOST], [FOUND, other])) == 1


def test_happened_is_more_than_can_happen() -> None:
    happened = replace(LOST, happened=True)
    assert len(difference([happened], [FOUND])) == 2
    assert difference([happened], [replace(FOUND, happened=True)]) == []


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("# expect: silent\n", []),
        ("# expect: RD101 Counter.value\nimport x\n# expect: RD104 d\n", [LOST]),
        ("# expect: RD103 note happened d['a b']\n", [Expected("RD103", "d['a b']", "note", True)]),
        ("# expect: RD101 Counter.value\n# expect: RD201 x\n", [LOST, Expected("RD201", "x", "warning")]),
    ],
)
def test_expectations_are_read(tmp_path: Path, text: str, meaning: list[Expected]) -> None:
    program = tmp_path / "program.py"
    program.write_text(text)
    assert expectations(program) == meaning


@pytest.mark.parametrize(
    "text", ["", "import x\n# expect: silent\n", "# expect: RD101\n", "# expect: RDx y\n"]
)
def test_a_program_without_expectations_is_refused(tmp_path: Path, text: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(text)
    with pytest.raises(ValueError, match=r"begin|location|rule"):
        expectations(program)
