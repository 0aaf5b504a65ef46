"""Every allocation of a call fails once: MemoryError and no effect, or the effect."""

import gc
import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from .call import BlockingCall
from .waiters import Waiter, check_nobody_waits, check_state, until_parked

# CPython 3.11 forgets to set an exception when it cannot make room for the name of a class.
REFUSALS = (MemoryError, SystemError) if sys.version_info < (3, 12) else (MemoryError,)
FAILED = "failed for want of memory"


def _injections(make: Callable[[], Any], do: Callable[[Any], Any]) -> Iterator[tuple[Any, Any]]:
    """Does it to new objects with the first, the second, ... allocation failing, until it succeeds.

    Yields the object and what came out. Once a single allocation fails, once all from there on.
    """
    testcapi = importlib.import_module("_testcapi")
    for only_one in (True, False):
        place, failed = 0, True
        while failed:
            target = make()
            outcome: Any = FAILED
            testcapi.set_nomemory(place, place + 1 if only_one else 0)
            try:
                outcome = do(target)
            except REFUSALS:
                pass
            except SystemError as error:
                if not _is_of_the_interpreter(error):
                    raise
            finally:
                testcapi.remove_mem_hooks()
            failed = outcome is FAILED
            yield target, outcome
            place += 1


def _is_of_the_interpreter(error: SystemError) -> bool:
    """CPython forgets the exception when it cannot note a frame in its traceback: the frame is missing there.

    Had the call itself returned without an exception, the function that calls it would be the last one noted.
    """
    entry = error.__traceback__
    while entry is not None and entry.tb_next is not None:
        entry = entry.tb_next
    return entry is not None and entry.tb_frame.f_code is BlockingCall.try_for.__code__


def no_memory(call: BlockingCall) -> None:
    gc.disable()  # A collection at a random moment would shift the counts.
    failures = _timeouts(call) if call.timed is not None else 0
    if call.is_kept:
        failures += _effects(call)
    failures += _wake_ups(call)
    if failures == 0:
        raise AssertionError(f"no allocation of {call} was made to fail")


def _timeouts(call: BlockingCall) -> int:
    """The call has nothing to take."""
    failures = 0
    for target, outcome in _injections(call.make, lambda target: call.try_for(target, 0.001)):
        failures += outcome is FAILED
        if outcome is True:
            raise AssertionError(f"{call} took what was not there")
        check_state(call, target, call.untouched, f"{outcome} in time, with failing allocations")
        check_nobody_waits(call, target)
    return failures


def _effects(call: BlockingCall) -> int:
    """The call has something to take, and takes it or leaves it."""
    released, taken = call.released, call.taken

    def make_released() -> Any:
        target = call.make()
        call.release(target)
        return target

    failures = 0
    for target, outcome in _injections(make_released, call.block):
        failures += outcome is FAILED
        if outcome is not FAILED:
            call.after_call(target)
        expected = released if outcome is FAILED else taken
        check_state(call, target, expected, f"that gave {outcome!r}, with failing allocations")
    return failures


def _wake_ups(call: BlockingCall) -> int:
    """A release that fails leaves the thread that waits where it is; one that does not fail wakes it."""
    crew: list[Waiter] = []

    def make_waited_for() -> Any:
        target = call.make()
        crew.append(Waiter(call, target))
        crew[-1].may_end.acquire()  # It may lack memory for its call, but not for its end.
        until_parked(call, target, crew[-1].thread)
        return target

    failures = 0
    for target, outcome in _injections(make_waited_for, call.release):
        crew[-1].may_end.release()
        failures += outcome is FAILED
        if outcome is FAILED and call.state(target) == call.untouched:
            until_parked(call, target, crew[-1].thread)
            call.release(target)
        expected = call.taken
        try:
            crew[-1].finish("released, with failing allocations")
        except REFUSALS:
            expected = call.released
        check_state(call, target, expected, "released, with failing allocations")
    return failures
