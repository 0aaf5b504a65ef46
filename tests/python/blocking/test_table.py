"""Is every blocking call of raddle in the table?"""

import inspect
from collections.abc import Iterator

import pytest
import raddle
from support.blocking.call import BlockingCall
from support.blocking.columns import COLUMNS
from support.blocking.table import CALLS, NEVER_WAIT, SAME_AS


def methods_with_a_timeout() -> Iterator[str]:
    """Class.method of all that says that it may wait."""
    for class_name in raddle.__all__:
        cls = getattr(raddle, class_name)
        if not inspect.isclass(cls):
            continue
        for name, method in inspect.getmembers(cls, callable):
            try:
                parameters = inspect.signature(method).parameters
            except (ValueError, TypeError):
                continue
            if "timeout" in parameters and not name.startswith("_"):
                yield f"{class_name}.{name}"


def test_every_method_that_takes_a_timeout_is_in_the_table() -> None:
    described = {call.name.partition("(")[0] for call in CALLS} | set(NEVER_WAIT)
    assert set(SAME_AS.values()) <= described
    assert sorted(set(methods_with_a_timeout()) - described - set(SAME_AS)) == []
    assert "Queue.get" in set(methods_with_a_timeout())


def test_names_are_different() -> None:
    names = [call.name for call in CALLS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_what_does_not_apply_is_declared(call: BlockingCall) -> None:
    known = {column.name for column in COLUMNS} | {column.group for column in COLUMNS}
    assert set(call.without) <= known
    assert all(call.without.values())
    assert (call.timed is None) == ("timeout" in call.without)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_the_result_of_the_call_is_not_lost_to_a_signal(call: BlockingCall) -> None:
    assert not inspect.isfunction(call.block), "signals are handled inside functions of Python"


def test_a_call_without_limit_must_say_why() -> None:
    with pytest.raises(TypeError, match="say why"):
        BlockingCall("name", list, list.pop, list.clear, len)
