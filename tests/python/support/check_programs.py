"""The programs that `raddle check` is judged by: what they expect, how they are run, what came out.

The first lines of a program say what must be found, no more and no less:

    # expect: RD101 Counter.value             rule, and a part of the location in words
    # expect: RD103 note squares              the severity where it is not the rule's usual one
    # expect: RD101 happened Counter.value    it did not only show that it can happen
    # expect: silent                          nothing at all

Several findings may answer to one line: two pairs of places in the program that concern one location.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).resolve().parents[1] / "check" / "programs"
SEVERITIES = ("error", "warning", "note")
HAPPENED = "happened"
HANGS = 60.0  # seconds; a program takes a fraction of one

MARK = "# expect: "
SILENT = "silent"

# Rewritten code is kept in a cache; that of the programs is not left to the user. A copy, because pytest
# changes os.environ while other threads start programs.
_CACHE = Path(tempfile.gettempdir(), f"raddle-check-tests-{os.getuid()}")
ENVIRONMENT = os.environ | {"XDG_CACHE_HOME": str(_CACHE), "NO_COLOR": "1"}


@dataclass(frozen=True)
class Expected:
    """One line of a program."""

    rule: str
    location: str
    severity: str
    happened: bool = False

    def fits(self, finding: "Found") -> bool:
        """Whether this finding is what was meant."""
        return (
            finding.rule == self.rule
            and finding.severity == self.severity
            and self.location in finding.location
            and (finding.happened or not self.happened)
        )

    def __str__(self) -> str:
        return " ".join((self.rule, self.severity, *([HAPPENED] if self.happened else []), self.location))


@dataclass(frozen=True)
class Found:
    """A finding of a run, as far as it matters here."""

    rule: str
    severity: str
    location: str
    happened: bool
    where: str = ""

    def __str__(self) -> str:
        return f"{self.rule} {self.severity} {self.location} ({self.where})"


@dataclass(frozen=True)
class Run:
    """What a program, or its run under the checker, left behind."""

    status: int
    output: str
    errors: str
    seconds: float
    found: Sequence[Found] = ()


def programs(folder: str) -> list[Path]:
    """All programs that must be reported, or all that must stay silent."""
    return sorted((PROGRAMS / folder).glob("*.py"))


def expectations(program: Path) -> list[Expected]:
    """What the first lines of a program expect; empty for silence."""
    texts: list[str] = []
    for line in program.read_text().splitlines():
        if not line.startswith(MARK):
            break
        texts.append(line.removeprefix(MARK))
    if not texts:
        raise ValueError(f"{program.name} does not begin with {MARK!r}")
    return [] if texts == [SILENT] else [_expected(text) for text in texts]


def _expected(text: str) -> Expected:
    rule, *words = text.split(" ")
    severity = words.pop(0) if words and words[0] in SEVERITIES else _usual_severity(rule)
    happened = bool(words) and words[0] == HAPPENED
    location = " ".join(words[1:] if happened else words)
    if not location:
        raise ValueError(f"no location in {text!r}")
    return Expected(rule, location, severity, happened)


def _usual_severity(rule: str) -> str:
    if not (rule.startswith("RD") and rule[2:].isdigit()):
        raise ValueError(f"{rule!r} is no rule")
    return "error" if rule < "RD200" else "warning"


def difference(expected: Iterable[Expected], found: Iterable[Found]) -> list[str]:
    """What is missing and what is too much, in words; empty if all is as expected."""
    expected, found = list(expected), list(found)
    missing = [it for it in expected if not any(it.fits(finding) for finding in found)]
    wrong = [it for it in found if not any(line.fits(it) for line in expected)]
    return [*(f"not reported: {it}" for it in missing), *(f"reported for no reason: {it}" for it in wrong)]


def run_plain(program: Path) -> Run:
    """The program as it is."""
    return _run([sys.executable, "-W", "error", str(program)])


def run_checked(program: Path) -> Run:
    """The program under `raddle check`: the one place that knows how it is called and what it writes."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        options = ["--format", "json", "--output", str(report)]
        run = _run([sys.executable, "-m", "raddle", "check", *options, str(program)])
        if not report.is_file():
            raise AssertionError(f"no report; exit status {run.status}\n{run.output}\n{run.errors}")
        findings = json.loads(report.read_text())["findings"]
    return Run(run.status, run.output, run.errors, run.seconds, [_found(it) for it in findings])


def _found(finding: dict[str, Any]) -> Found:
    accesses = [access for side in finding["sides"] for access in side["accesses"]]
    where = ", ".join(f"{access['kind']} in line {access['line']}" for access in accesses)
    happened = finding["evidence"] == HAPPENED
    return Found(finding["rule"], finding["severity"], finding["location"], happened, where)


def _run(command: Sequence[str]) -> Run:
    start = time.monotonic()
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=HANGS,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr, time.monotonic() - start)


Job = tuple[Callable[[Path], Run], Path]


class Runs:
    """Gives out the run of a program, which has been made ahead where the tests to come are known."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._ahead: dict[Job, Future[Run]] = {}

    def expect(self, how: Callable[[Path], Run], program: Path) -> None:
        """This run will be asked for."""
        self._ahead[how, program] = self._pool.submit(how, program)

    def get(self, how: Callable[[Path], Run], program: Path) -> Run:
        """The run made ahead, or a new one."""
        future = self._ahead.pop((how, program), None) or self._pool.submit(how, program)
        return future.result()
