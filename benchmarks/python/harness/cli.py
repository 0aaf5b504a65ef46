"""The command line: chooses the questions, asks them, prints, writes, and makes the exit code."""

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

from . import tables
from .bars import judge
from .interpreter import description, gil_enabled
from .measure import Plan, ask
from .model import Answer, Bar, Group, Question
from .registry import BenchmarkError, Rivals, find_groups, find_rivals

FEWEST_ROUNDS = 5

# Enough to run every line and to check every result. The times mean nothing.
SMOKE = Plan(rounds=1, sample_seconds=0.0005, retries=0)


def main(argv: Sequence[str]) -> int:
    """0; 1 for a wrong result or, with --check, a broken promise; 2 for a request that makes no sense."""
    try:
        options = parser().parse_args(argv)
        return run(options, tables.console())
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="bench", description="Measures raddle and its rivals in one process.")
    made.add_argument(
        "names", nargs="*", metavar="NAME", help="a group (atomics) or one question (atomics.get); none: all"
    )
    made.add_argument("--json", type=Path, metavar="FILE", help="write all samples for pyperf into FILE")
    made.add_argument("--check", action="store_true", help="exit with 1 when a bar is missed or not measured")
    made.add_argument("--list", action="store_true", help="print the questions and end")
    rounds = f"samples of each row: {FEWEST_ROUNDS} or more (default %(default)s)"
    made.add_argument("--rounds", type=_rounds, default=Plan.rounds, metavar="N", help=rounds)
    made.add_argument(
        "--smoke", action="store_true", help="tiny samples: does everything run and count right?"
    )
    return made


def run(options: argparse.Namespace, console: Console) -> int:
    """Everything after the options."""
    chosen = choose(find_groups(), options.names)
    if options.list:
        for question, _ in chosen:
            console.print(f"{question.name}: {question.title}")
        return 0
    if options.json is not None and not options.json.absolute().parent.is_dir():
        raise BenchmarkError(f"The folder of {options.json} does not exist; make it first.")
    if options.json is not None and find_spec("pyperf") is None:
        raise BenchmarkError("Writing the samples needs pyperf. To have it: pip install pyperf")
    rivals = find_rivals()
    head(rivals, console)
    plan = SMOKE if options.smoke else Plan(rounds=options.rounds)
    answers = measure([question for question, _ in chosen], rivals, plan, console)
    verdicts = judge([bar for _, bars in chosen for bar in bars], answers, gil=gil_enabled())
    if verdicts:
        console.print(tables.bars_table(verdicts))
    wrong = tables.wrong_lines(answers)
    console.print(*wrong, sep="\n", end="\n" if wrong else "")
    if options.json is not None:
        from .export import write  # Needs pyperf, which nothing else does.

        write(options.json, answers, rivals.versions)
        console.print(
            f"All samples are in {options.json}. To compare two: python -m pyperf compare_to OLD NEW"
        )
    missed = options.check and any(verdict.counts_as_failure for verdict in verdicts)
    return 1 if wrong or missed else 0


def choose(known: Sequence[Group], names: Sequence[str]) -> list[tuple[Question, list[Bar]]]:
    """The questions that the names stand for, in their own order; each with the bars about it."""
    everything = {question.name: (group, question) for group in known for question in group.questions}
    for name in names:
        if name not in everything and name not in {group.name for group in known}:
            choices = ", ".join([*(group.name for group in known), *everything])
            raise BenchmarkError(f"There is no group or question named {name}. There are: {choices}.")
    return [
        (question, [bar for bar in group.bars if bar.subject.question == question.name])
        for group, question in everything.values()
        if not names or group.name in names or question.name in names
    ]


def head(rivals: Rivals, console: Console) -> None:
    """What is measured on what, and who is missing."""
    versions = ", ".join(f"{name} {number}" for name, number in sorted(rivals.versions.items()))
    for line in [*description(), f"versions: {versions}"]:
        console.print(line)
    for name in rivals.absent:
        console.print(
            f"absent: {name} is not installed, so its rows are missing. To have them: pip install {name} "
            "(the versions to compare with are in pyproject.toml)",
            style="yellow",
        )
    console.print()


def measure(questions: Sequence[Question], rivals: Rivals, plan: Plan, console: Console) -> list[Answer]:
    """Asks every question and prints its table when it is answered."""
    answers: list[Answer] = []
    for question in questions:
        rows = [row for row in rivals.rows if row.question == question.name]
        with console.status("") as status:
            measured = ask(question, rows, plan, lambda text: status.update(text))
        console.print(tables.question_table(question, measured))
        answers += measured
    return answers


def _rounds(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < FEWEST_ROUNDS:
        raise argparse.ArgumentTypeError(f"a median needs at least {FEWEST_ROUNDS} rounds, not {text}")
    return number
