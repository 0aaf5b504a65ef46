"""Run a program unmodified and report what goes wrong between its threads.

Lost updates, check-then-act, containers changed under an iteration, and more: `raddle check --explain RULE`
tells what a rule means. The report goes to standard error when the program has ended; its output and exit
code stay what they are.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from raddle.cli._errors import OK, CommandError

if TYPE_CHECKING:
    from raddle.reports.check_findings import Check

HELP = "run a program and report races between its threads"
FOUND = 66  # exit code with --exit-code when errors were found, as Go's race detector has it

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def prepare(parser: argparse.ArgumentParser) -> None:
    parser.usage = (
        "raddle check [options] script.py [args ...]\n"
        "       raddle check [options] -m module [args ...]\n"
        "       raddle check --explain RULE"
    )
    parser.add_argument(
        "--exit-code",
        action="store_true",
        help=f"exit with {FOUND} if errors were found, else as the program does",
    )
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="of the report (default: text)"
    )
    parser.add_argument(
        "--output", metavar="FILE", type=Path, help="write the report to FILE instead of standard error"
    )
    parser.add_argument(
        "--strict", action="store_true", help="also report plain accesses that nothing orders (RD301)"
    )
    parser.add_argument(
        "--include",
        metavar="PATTERN",
        action="append",
        default=[],
        help="also look into modules of this name, of the standard library too: 'json.*'; may be repeated",
    )
    parser.add_argument(
        "--exclude",
        metavar="PATTERN",
        action="append",
        default=[],
        help="do not look into modules with such a name; may be repeated",
    )
    parser.add_argument(
        "--memory",
        metavar="SIZE",
        type=_size,
        help="most memory for what is known of the program's data, such as 200M or 2G (default: 512M)",
    )
    parser.add_argument(
        "--baseline",
        metavar="FILE",
        type=Path,
        help="accept the findings in FILE and report only new ones; where there is no such file, "
        "accept what is found now and write it",
    )
    parser.add_argument(
        "--explain",
        metavar="RULE",
        help="tell what a rule means, with a program that breaks it and the repair",
    )
    parser.add_argument(
        "-m", dest="module", action="store_true", help="what follows is a module, with its arguments"
    )
    parser.add_argument(
        "program",
        nargs=argparse.REMAINDER,
        metavar="script.py [args ...]",
        help="the program and its arguments",
    )


def run(args: argparse.Namespace) -> int:
    if args.explain is not None:
        return _explain(args.explain)
    program = args.program[1:] if args.program[:1] == ["--"] else args.program
    if not program:
        raise CommandError(
            "check: name a script, or -m and a module. Type raddle check --help for the options."
        )
    from raddle.check import _parent

    if args.output is not None and not args.output.absolute().parent.is_dir():
        raise CommandError(
            f"--output {args.output}: the folder {args.output.parent} does not exist. Create it first."
        )
    try:
        check, ended = _parent.run(
            program,
            module=args.module,
            strict=args.strict,
            memory=args.memory,
            include=args.include,
            exclude=args.exclude,
            baseline=args.baseline,
            meanwhile=_make_ready,
        )
    except _baseline_error() as error:  # looked up when there is an error
        raise CommandError(str(error)) from error
    _report(check, args)
    if args.exit_code and check.errors:
        return FOUND
    return ended.leave()


def _baseline_error() -> type[Exception]:
    from raddle.check._baseline import BaselineError

    return BaselineError


def _make_ready() -> None:
    """Import what the report needs, which takes a while."""
    from raddle.check import _baseline, _log, _source
    from raddle.cli import _output
    from raddle.reports import check, check_json

    del _baseline, _log, _source, _output, check, check_json


def _report(check: Check, args: argparse.Namespace) -> None:
    import json
    import sys
    from contextlib import nullcontext

    from rich.console import RenderableType

    from raddle.cli._output import print_report
    from raddle.reports import check as text
    from raddle.reports.check_json import as_json

    if args.format == "json":
        report: RenderableType = json.dumps(as_json(check), indent=2)
    else:
        report = text.as_text(check)
    try:
        with args.output.open("w", encoding="utf-8") if args.output else nullcontext(sys.stderr) as file:
            print_report(report, file)
    except OSError as error:
        raise CommandError(f"--output {args.output}: cannot be written: {error.strerror}") from error


def _explain(name: str) -> int:
    from rich.markdown import Markdown

    from raddle.check._pages import page
    from raddle.cli._output import print_report
    from raddle.reports.check_rules import RULES

    rule = RULES.get(name.upper())
    if rule is None:
        raise CommandError(f"--explain {name}: there is no such rule. There are: {', '.join(RULES)}.")
    print_report(Markdown(page(rule.id)))
    return OK


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+)([kmg]?)i?b?", text.strip().lower())
    if not found or int(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"give a size such as 200M or 2G, not {text!r}")
    return int(found[1]) * _UNITS[found[2]]
