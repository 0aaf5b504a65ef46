"""Interpreters with a GIL of their own, two at a time."""

import pytest
from support.interpreter import needs_own_gil
from support.knobs import scaled
from support.process import check_program


@needs_own_gil
@pytest.mark.slow_under_tsan
def test_interpreters_come_and_go() -> None:
    assert check_program("subinterpreters", str(scaled(15))) == "done\n"
