"""Running a program without and with rewriting, for tests that compare the two."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

from check.identity import START

HERE = Path(__file__).parent
Done = subprocess.CompletedProcess[str]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))


def plain(folder: Path, *words: str, flags: tuple[str, ...] = (), given: str = "") -> Done:
    command = [sys.executable, *flags, *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, input=given, timeout=250, check=False
    )


def watched(folder: Path, *words: str, flags: tuple[str, ...] = (), given: str = "") -> Done:
    """With probes that do nothing: identity.py. Its options come first."""
    inherited = os.environ.get("PYTHONPATH", "")
    paths = f"{HERE}{os.pathsep}{inherited}" if inherited else str(HERE)  # empty: the current folder
    command = [sys.executable, *flags, *START, *words]
    environment = os.environ | {"PYTHONPATH": paths}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        input=given,
        timeout=250,
        check=False,
    )


def same(folder: Path, *words: str, flags: tuple[str, ...] = (), given: str = "") -> Done:
    """Runs it both ways and compares; the result's `stderr` is what --count tells."""
    one = plain(folder, *words, flags=flags, given=given)
    other = watched(folder, "--count", *words, flags=flags, given=given)
    errors, _, count = other.stderr.rstrip("\n").rpartition("\n")
    if " probes, " not in count:  # the interpreter has taken its place
        errors, count = other.stderr, ""
    assert without_addresses(other.stdout) == without_addresses(one.stdout), other.stderr
    assert without_addresses(errors.rstrip("\n")) == without_addresses(one.stderr.rstrip("\n"))
    assert other.returncode == one.returncode
    other.stderr = count
    return other


def probes(done: Done) -> int:
    """How many the program had."""
    return int(done.stderr.split(" probes")[0].split()[-1])


def without_addresses(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x", text)
