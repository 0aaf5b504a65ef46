"""Counts of tests out of JUnit XML, as ctest and pytest write it."""

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree


@dataclass
class Result:
    """What one suite came to."""

    suite: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)
    skips: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.skipped

    def fail(self, what: str) -> None:
        """Adds a failure that is no test's."""
        self.failed += 1
        self.failures.append(what)


def read(path: Path, suite: str) -> Result:
    """Counts a report. Raises ParseError or OSError where there is no whole one."""
    result = Result(suite)
    for case in ElementTree.parse(path).iter("testcase"):
        _count(case, result)
    return result


def _count(case: ElementTree.Element, result: Result) -> None:
    # ctest repeats the name as the class's; pytest leaves the class of a module that failed to load empty.
    name = ".".join(dict.fromkeys(part for part in (case.get("classname"), case.get("name")) if part))
    skipped = case.find("skipped")
    if case.find("failure") is not None or case.find("error") is not None:
        result.fail(name)
    elif skipped is not None or case.get("status") in ("notrun", "disabled"):
        reason = ((skipped.get("message") if skipped is not None else "") or "").strip()
        if was_skipped_on_purpose(case.get("status"), reason):
            result.skipped += 1
            result.skips.append(f"{name}: {reason or 'no reason given'}")
        else:
            result.fail(f"{name} (not run: {reason or 'no reason given'})")
    else:
        result.passed += 1


def was_skipped_on_purpose(status: str | None, reason: str) -> bool:
    """ctest calls a test whose program is missing `notrun`, like one that said it is to be skipped."""
    return status != "notrun" or reason.startswith("SKIP_")


def settle(path: Path, suite: str, status: int | None, *, may_be_empty: bool) -> Result:
    """The result of a runner that ended with this exit status (None: it was stopped after its time limit).

    A runner that died, or failed without a failed test, counts as one failed test under the suite's name.
    """
    try:
        result = read(path, suite)
    except (OSError, ElementTree.ParseError):
        result = Result(suite)
        result.fail(f"{suite}: {_ending(status)} without a report")
        return result
    if status != 0 and not result.failed and not (may_be_empty and result.total == 0):
        result.fail(f"{suite}: {_ending(status)}")
    elif result.total == 0 and not may_be_empty:
        result.fail(f"{suite}: no test was found")
    return result


def _ending(status: int | None) -> str:
    if status is None:
        return "the runner did not end within its time limit"
    if status < 0:
        return f"the runner was killed by signal {-status}"
    return f"the runner ended with exit status {status}"


def table(results: list[Result]) -> str:
    """One line per suite, columns aligned."""
    rows = [("suite", "passed", "failed", "skipped", "seconds")]
    rows += [(r.suite, str(r.passed), str(r.failed), str(r.skipped), f"{r.seconds:.1f}") for r in results]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(cells)
        )
        for cells in (list(zip(row, widths, strict=True)) for row in rows)
    )


def last_line(results: list[Result]) -> str:
    """The line that other programs read."""
    passed, failed, skipped = (
        sum(getattr(r, name) for r in results) for name in ("passed", "failed", "skipped")
    )
    return f"{passed} passed, {failed} failed, {skipped} skipped"


def succeeded(results: list[Result]) -> bool:
    """Whether nothing failed and something ran."""
    return not any(r.failed for r in results) and any(r.passed for r in results)
