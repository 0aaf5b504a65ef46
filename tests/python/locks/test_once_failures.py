"""What a factory raises, as the threads see it that waited for it."""

import threading
import traceback
from typing import Any

import pytest
from raddle import Lazy
from raddle._failures import copy_for_this_thread, record
from support.gate import Gate, start_run, wait_in


def raised(error: Exception) -> Exception:
    """The error, with a traceback."""
    try:
        raise error
    except Exception as caught:
        return caught


def copied(error: Exception) -> Any:
    return copy_for_this_thread(record(error))


def test_it_is_another_object_with_the_same_contents() -> None:
    error = raised(ValueError("bad", 7))
    error.add_note("a note")
    error.attribute = ["shared"]  # type: ignore[attr-defined]
    error.__cause__ = KeyError("cause")
    error.__context__ = KeyError("context")
    twin = copied(error)
    assert twin is not error
    assert type(twin) is ValueError
    assert twin.args == error.args
    assert twin.attribute is error.attribute  # type: ignore[attr-defined]
    assert twin.__cause__ is error.__cause__
    assert twin.__context__ is error.__context__
    assert twin.__suppress_context__ is error.__suppress_context__ is True
    assert twin.__traceback__ is error.__traceback__
    assert twin.__notes__[0] == "a note"
    assert "this thread waited for it" in twin.__notes__[1]
    assert error.__notes__ == ["a note"]


class Strict(Exception):
    """Cannot be made from its args, which is what copying tries."""

    def __init__(self, code: int, *, reason: str) -> None:
        super().__init__(f"{reason} ({code})")
        self.code = code


class Uncopyable(Exception):
    def __reduce__(self) -> Any:
        raise TypeError("no copies")


class Single(Exception):
    def __copy__(self) -> "Single":
        return self


class Changeling(Exception):
    def __copy__(self) -> Exception:
        return ValueError("another one")


class Exclusive(Exception):
    made = 0

    def __new__(cls, *args: Any) -> "Exclusive":
        cls.made += 1
        if cls.made > 1:
            raise RuntimeError("only one")
        return super().__new__(cls, *args)


class Slotted(OSError):
    __slots__ = ("extra",)


@pytest.mark.parametrize(
    "error",
    [
        Strict(5, reason="broken"),
        Uncopyable("a", "b"),
        Single("s"),
        Changeling("c"),
        Exclusive("x"),
        Slotted(2, "No such file", "name"),
        OSError(2, "No such file", "name"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
        KeyError("key"),
        StopIteration(7),
        ImportError("no", name="module", path="path"),
        ExceptionGroup("several", [ValueError(1), KeyError(2)]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_class_can_be_copied(error: Exception) -> None:
    twin = copied(raised(error))
    assert twin is not error
    assert type(twin) is type(error)
    assert twin.args == error.args
    assert str(twin) == str(error)
    own = {name: value for name, value in vars(twin).items() if name != "__notes__"}
    assert own == vars(error)
    assert traceback.extract_tb(twin.__traceback__)[-1].name == "raised"


def test_notes_that_are_no_list_are_left_out() -> None:
    error = ValueError()
    error.__notes__ = "not a list"  # type: ignore[assignment]
    assert len(copied(error).__notes__) == 1


def test_the_traceback_leads_through_the_waiting_thread_into_the_factory() -> None:
    gate = Gate()
    lazy = Lazy(gate)
    runner, first = start_run(lazy, gate)
    crew, others = wait_in(lazy, 2)
    gate.ends.put(ZeroDivisionError("in the factory"))
    for thread in (runner, *crew):
        thread.join()
    for error in (*first, *others):
        names = [entry.name for entry in traceback.extract_tb(error.__traceback__)]
        assert names[-1] == "__call__"
        assert "outcome" in names
    assert not hasattr(first[0], "__notes__")
    assert all(runner.name in error.__notes__[0] for error in others)


def test_a_failure_that_cannot_be_recorded_makes_who_waits_run_the_factory() -> None:
    class Hopeless(Exception):
        @property
        def __cause__(self) -> BaseException:  # type: ignore[override]
            raise RuntimeError("hopeless")

    gate = Gate()
    lazy = Lazy(gate)
    runner, first = start_run(lazy, gate)
    crew, others = wait_in(lazy, 1)
    gate.ends.put(Hopeless())
    gate.began.get(timeout=20)
    gate.ends.put("value")
    for thread in (runner, *crew):
        thread.join()
    assert [type(error) for error in first] == [Hopeless]
    assert others == ["value"]


def test_many_threads_raise_and_change_their_own() -> None:
    """Tracebacks, causes and notes of one thread's exception are no other thread's."""
    for _ in range(20):
        gate = Gate()
        lazy = Lazy(gate)
        runner, first = start_run(lazy, gate)
        crew, others = wait_in(lazy, 4)
        gate.ends.put(LookupError("shared"))
        for thread in (runner, *crew):
            thread.join()
        errors = [*first, *others]
        barrier = threading.Barrier(len(errors))

        def raise_again(error: Exception, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            for turn in range(50):
                try:
                    raise error.with_traceback(None) from KeyError(turn)
                except LookupError:
                    error.add_note(str(turn))

        again = [threading.Thread(target=raise_again, args=(error,)) for error in errors]
        for thread in again:
            thread.start()
        for thread in again:
            thread.join()
        assert {len(error.__notes__) for error in errors} == {50, 51}
