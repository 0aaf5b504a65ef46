"""Show what raddle runs on: version, interpreter, GIL, reference counts, cores."""

import argparse

from raddle.cli import _errors, _json

HELP = "show version, interpreter, GIL state and cores"


def prepare(parser: argparse.ArgumentParser) -> None:
    _json.add_option(parser)


def run(args: argparse.Namespace) -> int:
    from raddle.cli._environment import environment
    from raddle.cli._output import print_report
    from raddle.reports import info

    _json.check_target(args.json)
    found = environment()
    if args.json is not None:
        _json.write(info.as_json(found), args.json)
    if args.json != _json.STDOUT:
        print_report(info.as_text(found))
    return _errors.OK
