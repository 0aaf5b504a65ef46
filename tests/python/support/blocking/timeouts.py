"""Time limits, and wake-ups that come at the same moment."""

import threading
import time
from typing import Any

from support.knobs import generator, scaled

from .call import BlockingCall
from .waiters import Waiter, check_nobody_waits, check_state, until_parked

TOLERANCE = 1.0  # How much later than due a call may come back on a busy machine, in seconds.


def expires(call: BlockingCall) -> None:
    """Nobody releases: the call comes back when its time is up, not before, and nothing has changed."""
    for seconds in (0.0, 1e-9, 0.001, 0.06):
        target = call.make()
        start = time.monotonic()
        took = call.try_for(target, seconds)
        elapsed = time.monotonic() - start
        if took:
            raise AssertionError(f"{call} with {seconds} s took what was not there")
        if not seconds <= elapsed < seconds + TOLERANCE:
            raise AssertionError(f"{call} with {seconds} s came back after {elapsed:.3f} s")
        check_state(call, target, call.untouched, "after a timeout")
        check_nobody_waits(call, target)
        call.release(target)
        if call.is_kept:
            if not call.try_for(target, 0):
                raise AssertionError(f"{call} did not take what was there")
            check_state(call, target, call.taken, "after a timeout, a release and a call")


class Aim:
    """Finds the delay at which a release meets a time limit: later after each hit, sooner after each miss."""

    def __init__(self, call: BlockingCall, column: str, seconds: float) -> None:
        self.seconds = seconds
        self.delay = seconds
        self.hits = self.misses = 0
        self._random = generator(column, call.name)

    def note(self, hit: bool) -> None:
        self.hits += hit
        self.misses += not hit
        step = self._random.uniform(0, 0.1) * self.seconds
        self.delay = max(0.0, self.delay + (step if hit else -step))

    def check(self) -> None:
        if self.hits + self.misses >= 30 and min(self.hits, self.misses) < 3:
            raise AssertionError(f"no race: {self.hits} calls in time, {self.misses} too late")


def race(call: BlockingCall) -> None:
    """One call and one release when its time is up: it takes what was released, or leaves it, never half."""
    aim = Aim(call, "timeout.race", 0.002)
    rounds = scaled(100)
    barrier = threading.Barrier(2)
    targets: list[Any] = [call.make() for _ in range(rounds)]

    def release_each() -> None:
        for target in targets:
            barrier.wait()
            time.sleep(aim.delay)
            call.release(target)
            barrier.wait()

    threading.Thread(target=release_each, daemon=True).start()
    taken, released = call.taken, call.released
    for target in targets:
        barrier.wait()
        took = call.try_for(target, aim.seconds)
        barrier.wait()
        if took:
            check_state(call, target, taken, "that came in time")
        elif call.is_kept:
            check_state(call, target, released, "that came too late")
        aim.note(took)
    aim.check()


def two_waiters(call: BlockingCall) -> None:
    """A call with a time limit beside one without: what the first is too late for must reach the second."""
    aim = Aim(call, "timeout.two_waiters", 0.005)
    for turn in range(scaled(40)):
        target = call.make()
        if turn % 3 == 0:
            unlimited, limited = Waiter(call, target), Waiter(call, target, aim.seconds)
        else:  # Wake-ups go to the one that came first: more often that with the limit.
            limited, unlimited = Waiter(call, target, aim.seconds), Waiter(call, target)
        while not limited.started:
            time.sleep(0)
        time.sleep(max(0.0, limited.started + aim.delay - time.monotonic()))
        call.release(target)
        took = limited.finish("its time is up")
        if took and not call.frees_all:
            until_parked(call, target, unlimited.thread)  # and does not return: one release, one call
            check_state(call, target, call.taken, "beside another one")
            call.release(target)
        unlimited.finish(f"released; the call beside it {'took another release' if took else 'timed out'}")
        check_nobody_waits(call, target)
        aim.note(took)
    aim.check()
