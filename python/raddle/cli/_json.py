"""The option --json of commands, and where their JSON goes: standard output or a file."""

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path

from raddle.cli._errors import CommandError

STDOUT = "-"


def add_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json",
        metavar="FILE",
        nargs="?",
        const=STDOUT,
        help="write the result as JSON to FILE, beside the report; "
        "without FILE, or with -, to standard output in place of the report",
    )


def check_target(target: str | None) -> None:
    """Refuse a file that cannot be written before any work is done for it."""
    if target is None or target == STDOUT:
        return
    path = Path(target)
    if path.is_dir():
        raise CommandError(f"--json {target}: this is a folder. Name a file, such as {path / 'result.json'}")
    if not path.parent.is_dir():
        raise CommandError(f"--json {target}: the folder {path.parent} does not exist. Create it first.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise CommandError(f"--json {target}: this file cannot be written. Name a file in a folder of yours.")


def write(data: Mapping[str, object], target: str) -> None:
    text = json.dumps(data, indent=2)
    if target == STDOUT:
        print(text)
        return
    try:
        Path(target).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--json {target}: cannot be written: {error.strerror}") from error
