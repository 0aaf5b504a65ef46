"""Every blocking call of raddle, in everything that can happen to it while it waits."""

import pytest
from support.blocking.call import BlockingCall
from support.blocking.columns import COLUMNS, Column
from support.blocking.run import check_column, needs
from support.blocking.table import CALLS

CASES = [
    pytest.param(column, call, id=f"{column}-{call}", marks=needs(column.name))
    for column in COLUMNS
    for call in CALLS
    if column.applies_to(call)
]


@pytest.mark.slow_under_tsan
@pytest.mark.parametrize(("column", "call"), CASES)
def test_blocking_call(column: Column, call: BlockingCall) -> None:
    check_column(column, call)
