"""The command line of ./dev: the verbs, and the one place that turns errors into exit statuses."""

import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from . import verbs
from .console import DevError

VERBS: dict[str, Callable[[Sequence[str]], int]] = {
    "demo": verbs.demo,
    "python": verbs.python,
    "test": verbs.test,
    "lint": verbs.check,
    "tsan": verbs.tsan,
    "bench": verbs.bench,
    "build": verbs.build,
    "setup": verbs.set_up,
}


def usage() -> str:
    """The help text: one line per verb, out of the verbs' own descriptions."""
    lines = [f"  {name:<8} {function.__doc__}" for name, function in VERBS.items()]
    return "\n".join(
        [
            "Usage: ./dev VERB [ARGUMENTS]",
            "",
            *lines,
            "  help     this text",
            "",
            "Each verb first sets up what is missing: packages, interpreters, environments, the build.",
            "RADDLE_PYTHON names the free-threaded interpreter to use; else one is found, or built once.",
        ]
    )


def main(arguments: Sequence[str]) -> int:
    """Runs a verb; the exit status of the whole command."""
    # Not argparse: what follows the verb belongs to pytest, Python or the demo, word by word.
    name, *rest = arguments or ["help"]
    if name in ("help", "-h", "--help"):
        print(usage())
        return 0
    if name not in VERBS:
        print(f"dev: there is no verb '{name}'.\n\n{usage()}", file=sys.stderr)
        return 2
    # By default these end Python at once, and what it started would go on.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        return VERBS[name](rest)
    except DevError as error:
        sys.stdout.flush()
        print(f"dev: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _end(number: int, frame: FrameType | None) -> None:
    """Leaves through every `finally`, with the status that shells give to a program ended by this signal."""
    raise SystemExit(128 + number)
