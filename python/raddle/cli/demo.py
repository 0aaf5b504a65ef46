"""Count the files, lines, words and bytes of the standard library with threads: first wrong, then right.

Each line and each word is one update of a number that all threads share. The same work is done by one thread,
by threads with a plain +=, with threading.Lock and with raddle's counters, and by threads that get the lines
from a queue, the standard library's and raddle's. A table compares result and time. At the end,
`raddle check` looks at the plain += and says what is wrong with it.
Exit code: 0 if every variant that must be right was right, 1 if one was not.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from raddle.cli import _errors, _json
from raddle.reports.check_findings import Check

HELP = "count the standard library with threads: what goes wrong, and what it costs to be right"
MOST_THREADS = 256
MOST_ROUNDS = 99


def prepare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--path",
        metavar="DIR",
        type=Path,
        help="count the .py files below DIR instead of those of the standard library",
    )
    parser.add_argument(
        "--threads",
        metavar="N",
        type=_up_to(MOST_THREADS),
        help="how many threads share the work (default: one per core)",
    )
    parser.add_argument(
        "--rounds",
        metavar="N",
        type=_up_to(MOST_ROUNDS),
        default=3,
        help="how often each variant runs (default: 3)",
    )
    _json.add_option(parser)


def run(args: argparse.Namespace) -> int:
    from raddle.cli._environment import environment
    from raddle.cli._output import print_report
    from raddle.demo import corpus, variants
    from raddle.demo.crew import CrewError
    from raddle.demo.progress import Progress
    from raddle.demo.tour import Plan, run_tour
    from raddle.reports import tour, tour_json

    _json.check_target(args.json)
    found = environment()
    plan = Plan(threads=args.threads or found.usable_cores, rounds=args.rounds)
    try:
        with Progress() as progress:
            texts = corpus.standard_library() if args.path is None else corpus.folder(args.path)
            result = run_tour(found, texts, variants.load(), plan, progress)
    except (corpus.CorpusError, CrewError) as error:
        raise _errors.CommandError(str(error)) from error
    if args.json is not None:
        _json.write(tour_json.as_json(result), args.json)
    if args.json != _json.STDOUT:
        print_report(tour.as_text(result))
        print_report(tour.what_check_says(_check_of_plain()))
    return _errors.WRONG if result.broken else _errors.OK


def _check_of_plain() -> Check:
    """What `raddle check` finds in the variant that adds without protection."""
    from raddle.check import _parent

    return _parent.run(["raddle.demo.checked"], module=True, include=["raddle.demo.variants.plain"])[0]


def _up_to(most: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        if text.isdecimal() and 1 <= int(text) <= most:
            return int(text)
        raise argparse.ArgumentTypeError(f"give a whole number from 1 to {most}, not {text!r}")

    return whole_number
