"""Running a column in a process of its own."""

import subprocess

import pytest

from support.interpreter import needs_fork, needs_own_gil, needs_testcapi
from support.process import check_program, run_program

from .call import BlockingCall
from .columns import Column

PATIENCE = 10.0
NEEDS = {
    "fork": needs_fork,
    "no_memory": needs_testcapi,
    "subinterpreter.own_gil": needs_own_gil,
    "subinterpreter.legacy": needs_testcapi,
}


def needs(column: str) -> list[pytest.MarkDecorator]:
    """The marks of the tests of that column."""
    return [mark for name, mark in NEEDS.items() if column.startswith(name)]


def check_column(column: Column, call: BlockingCall) -> None:
    """Fails unless all is well. The program ends by itself before the time limit here, and says why."""
    output = check_program("blocking", column.name, call.name, str(PATIENCE), timeout=5 * PATIENCE)
    if output != column.output:
        raise AssertionError(f"the output is {output!r}, not {column.output!r}")


def complaints(column: str, call: str, patience: float) -> str | None:
    """What a column says of a call; None if all is well."""
    try:
        done = run_program("blocking", column, call, str(patience), timeout=5 * patience)
    except subprocess.TimeoutExpired:
        return "the process does not end"
    if done.returncode == 0 and not done.stderr:
        return None
    return f"exit status {done.returncode}\n{done.stderr}"
