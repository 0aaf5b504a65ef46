"""The tests of the tests: a sound call passes every column, and every column finds a planted fault."""

import pytest
from support.blocking import table
from support.blocking.broken import CONTROLS, Control, SoundQueue
from support.blocking.columns import COLUMNS, Column
from support.blocking.run import check_column, complaints, needs

SOUND = table.find(f"broken.{SoundQueue.__name__}")
# Seconds. Most faults are found by their hanging; on a busy machine something else may seem to hang first,
# and the waits of `threading`, on which these queues stand, can miss a signal that comes just before their
# sleep.
PATIENCE = (0.5, 5.0, 5.0, 5.0, 5.0)


@pytest.mark.slow_under_tsan
@pytest.mark.parametrize(
    "column", [pytest.param(c, id=str(c), marks=needs(c.name)) for c in COLUMNS if c.applies_to(SOUND)]
)
def test_a_sound_call_passes(column: Column) -> None:
    check_column(column, SOUND)


@pytest.mark.slow_under_tsan
@pytest.mark.parametrize("control", [pytest.param(c, id=str(c), marks=needs(c.column)) for c in CONTROLS])
def test_a_fault_is_found(control: Control) -> None:
    for patience in PATIENCE:
        found = complaints(control.column, f"broken.{control.cls.__name__}", patience)
        assert found is not None, "the fault was not found"
        if control.complaint in found:
            return
    pytest.fail(f"not what was expected:\n{found}")


def test_every_column_has_a_control() -> None:
    assert {control.column for control in CONTROLS} == {column.name for column in COLUMNS}
