"""Reads ThreadSanitizer's reports; tells those of raddle from those of the interpreter and libraries."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

BEGINNING = r"^(?:WARNING: |==\d+==ERROR: )ThreadSanitizer: "

# Stacks that say where something came from, not who did wrong.
BACKGROUND = ("Location is", "Thread T", "As if synchronized", "Mutex M")

# Python's own files, in its source tree as compiled and as installed headers.
PYTHON_FILE = re.compile(
    r"(^|/)(Objects|Python|Modules|Parser|Include|Programs)/[\w/.]+\.(c|h)\b|/include/python3\."
)
RADDLE_FILE = re.compile(r"(^|/)(include/raddle|src/bindings|src/core)/")
# From here on upwards somebody's Python code runs: what is above called the interpreter, not the memory.
EVALUATION = re.compile(r"\b_PyEval_EvalFrameDefault\b")


@dataclass(frozen=True)
class Report:
    """One report: its text, and its one-line summary."""

    text: str
    summary: str


def split(text: str) -> list[Report]:
    """The reports in a log file. A crash begins in another way than a race, and has to be seen as well."""
    found = []
    for match in re.finditer(BEGINNING + r".*?(?=^={18}$|\Z)", text, re.MULTILINE | re.DOTALL):
        summary = re.search(r"^SUMMARY: (.*)$", match[0], re.MULTILINE)
        found.append(Report(match[0].rstrip(), summary[1] if summary else match[0].splitlines()[0]))
    return found


def stacks(report: str) -> list[list[str]]:
    """The frames of the stacks that took part, innermost first; background stacks are left out."""
    found: list[list[str]] = []
    relevant = True
    for line in report.splitlines():
        frame = re.match(r"\s+#(\d+) (.*)", line)
        if frame is None:
            if line.strip():
                relevant = not line.strip().startswith(BACKGROUND)
        elif relevant:
            if frame[1] == "0":
                found.append([])
            found[-1].append(frame[2])
    return found


def is_raddles(report: str) -> bool:
    """Whether in one of the stacks the first frame outside Python's own files is raddle's."""
    return any(_first_outside_python(stack) for stack in stacks(report))


def _first_outside_python(frames: Iterable[str]) -> bool:
    for frame in frames:
        if EVALUATION.search(frame):
            return False
        if RADDLE_FILE.search(frame):
            return True
        if PYTHON_FILE.search(frame) or _is_runtime(frame):
            continue
        # A template of the C++ library that is compiled into the extension is raddle's doing.
        return "_raddle." in frame
    return False


def _is_runtime(frame: str) -> bool:
    """The sanitizer's own malloc, memcpy and others have no file, or one of the compiler's runtime."""
    has_file = re.search(r" \S+:\d+", frame)
    return "compiler-rt/" in frame or ("_raddle." not in frame and not has_file)


def read(folder: Path) -> tuple[list[Report], int]:
    """raddle's distinct reports in a folder of logs, and the number of all the others."""
    own: dict[str, Report] = {}
    others = 0
    for log in sorted(folder.iterdir()):
        for report in split(log.read_text(errors="replace")):
            if is_raddles(report.text):
                own.setdefault(report.summary, report)
            else:
                others += 1
    return list(own.values()), others
