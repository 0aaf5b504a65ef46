"""Every kind of synchronisation orders; and without it the same program is reported."""

import pytest
from check import programs_of_raddle, programs_of_stdlib
from check.synchronised import Program, rules

_PROGRAMS = [
    pytest.param(program, id=f"{of}: {name}")
    for of, programs in (("stdlib", programs_of_stdlib.PROGRAMS), ("raddle", programs_of_raddle.PROGRAMS))
    for name, program in programs.items()
]


@pytest.mark.parametrize("program", _PROGRAMS)
def test_orders(program: Program) -> None:
    assert rules(lambda touch: program(touch, True)) == set()


@pytest.mark.parametrize("program", _PROGRAMS)
def test_control_without_it_the_program_is_reported(program: Program) -> None:
    assert rules(lambda touch: program(touch, False)) == {"RD101"}
