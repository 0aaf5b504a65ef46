"""The command line: `python -m raddle COMMAND`, or `raddle COMMAND`.

Each module of this package whose name has no leading underscore is one command. It offers `HELP` (one line),
`prepare(parser)` (adds its options) and `run(args) -> int` (does the work, returns the exit code). A command
imports what it needs inside `run`, so that `--help` and `--version` stay quick.

This file is the only place where errors become exit codes; `_errors` lists the codes.
"""

import argparse
import importlib
import io
import os
import pkgutil
import sys
from collections.abc import Sequence
from types import ModuleType

from raddle.cli import _errors


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        _print_any_name()
        try:
            parser = _parser()
            args = parser.parse_args(argv)
            if not hasattr(args, "run"):
                parser.print_help(sys.stderr)
                return _errors.USAGE
            return int(args.run(args))
        finally:
            sys.stdout.flush()  # after --help as well: here a reader that went away can still be answered for
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return _errors.INTERRUPTED
    except BrokenPipeError:
        _discard_stdout()
        return _errors.READER_GONE
    except _errors.CommandError as error:
        print(f"raddle: {error}", file=sys.stderr)
        return _errors.USAGE


def _parser() -> argparse.ArgumentParser:
    import raddle

    parser = argparse.ArgumentParser(
        prog="raddle",
        description="raddle keeps the threads of a Python program apart and in order.",
        epilog="Options of one command: raddle COMMAND --help. "
        "Where the script raddle is not installed, type: python -m raddle COMMAND",
    )
    parser.add_argument("--version", action="version", version=f"raddle {raddle.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND")
    for command in _commands():
        name = command.__name__.rpartition(".")[2]
        sub = commands.add_parser(name, help=command.HELP, description=command.__doc__)
        command.prepare(sub)
        sub.set_defaults(run=command.run)
    return parser


def _commands() -> list[ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}") for name in names if not name.startswith("_")]


def _print_any_name() -> None:
    """Let file names that the terminal's encoding lacks come out escaped instead of as an error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _discard_stdout() -> None:
    """Nobody reads standard output any more: the interpreter's last flush must not complain about it."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
