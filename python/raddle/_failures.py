"""What a factory has raised, for the threads that waited for its result.

An exception belongs to the thread that raises it: the interpreter writes tracebacks without a lock. So every
other thread gets a copy of its own, made from one that no thread ever raises.
"""

import copy
import threading
from types import BuiltinFunctionType

Record = tuple[Exception, str]


def record(error: Exception) -> Record:
    """Taken by the thread in which the factory has raised, before it goes on."""
    return _copy_of(
        error
    ), f"The factory ran in {threading.current_thread().name}; this thread waited for it."


def copy_for_this_thread(record: Record) -> Exception:
    """The exception that a waiting thread raises."""
    error, note = record
    twin = _copy_of(error)
    twin.add_note(note)
    return twin


def _copy_of(error: Exception) -> Exception:
    try:
        twin = copy.copy(error)
    except Exception:
        twin = error
    if twin is error or type(twin) is not type(error):
        twin = _remade(error)
    notes = getattr(error, "__notes__", None)
    if isinstance(notes, list):
        twin.__notes__ = list(notes)
    elif notes is not None:
        del twin.__notes__  # add_note() would refuse it
    twin.__cause__ = error.__cause__
    twin.__context__ = error.__context__
    twin.__suppress_context__ = error.__suppress_context__
    return twin.with_traceback(error.__traceback__)


def _remade(error: Exception) -> Exception:
    """The same class and state, without calling what the class does about its creation."""
    for cls in type(error).__mro__:
        new = vars(cls).get("__new__")
        if isinstance(new, BuiltinFunctionType):
            twin: Exception = new(type(error), *error.args)
            twin.__dict__.update(error.__dict__)
            return twin
    raise TypeError(f"cannot copy {error!r}")
