"""What the harness must know of a call that may wait."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class BlockingCall:
    """One blocking call, described by an object in which it must wait.

    `release`, `state` and `waiters` are called in any thread, also in signal handlers and finalisers inside
    the call; none of them waits.
    """

    name: str
    # An object in which the call waits.
    make: Callable[[], Any]
    # The call without a time limit: operator.methodcaller() or a builtin. No function of Python, so that no
    # signal is handled between its end and the arrival of its result.
    block: Callable[[Any], Any]
    # Lets one call return; where there is none, the next one does not have to wait.
    release: Callable[[Any], object]
    # What shows whether a call has taken effect: equal before and after one that has not.
    state: Callable[[Any], Hashable]
    # How many threads wait. Without it the harness looks whether the system says that they sleep.
    waiters: Callable[[Any], int] | None = None

    # The call with a limit in seconds, and what it gives when time is up: an exception it raises or a value.
    timed: Callable[[Any, float], Any] | None = None
    too_late: Any = None
    # One round that several threads may do at once, which sometimes waits and always ends.
    use: Callable[[Any], object] | None = None

    # For what makes a thread an owner: what it does after the call, so that it can end; the state is that
    # after it. A lock: gives it back, so that a release lets one after the other return (frees_all).
    settle: Callable[[Any], object] | None = None
    # For what fork() frees because the thread that had it has vanished in the child: has it held again there.
    renew: Callable[[Any], object] | None = None

    # release() lets all who wait return: they wait for something that is not taken, or that all give back.
    frees_all: bool = False
    # A release() while nobody waits is kept for the next one.
    is_kept: bool = True
    # Columns, or groups of columns, that do not apply, each with the reason.
    without: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.timed is None and ("timeout" not in self.without or self.use is None):
            raise TypeError(f"{self.name} has no time limit: say why in `without`, and give `use`")

    def __str__(self) -> str:
        return self.name

    def try_for(self, target: Any, seconds: float) -> bool:
        """The call with a time limit; whether it has taken effect."""
        if self.timed is None:
            raise TypeError(f"{self.name} has no time limit")
        is_error = isinstance(self.too_late, type) and issubclass(self.too_late, Exception)
        try:
            result = self.timed(target, seconds)
        except Exception as error:
            if is_error and type(error) is self.too_late:
                return False
            raise
        took = is_error or type(result) is not type(self.too_late) or bool(result != self.too_late)
        if took:
            self.after_call(target)
        return took

    def do(self, target: Any) -> None:
        """The call without a time limit."""
        self.block(target)
        self.after_call(target)

    def after_call(self, target: Any) -> None:
        """What the thread that has made the call must do next."""
        if self.settle is not None:
            self.settle(target)

    def in_child(self, target: Any) -> None:
        """What the child of a fork() must do first."""
        if self.renew is not None:
            self.renew(target)

    def round(self, target: Any) -> None:
        """One round of `use`."""
        if self.use is not None:
            self.use(target)
        else:
            self.try_for(target, 0.0002)
            self.release(target)

    def after(self, *steps: Callable[[Any], object]) -> Hashable:
        """The state of an object with which this was done."""
        twin = self.make()
        for step in steps:
            step(twin)
        return self.state(twin)

    @property
    def untouched(self) -> Hashable:
        """The state of an object in which calls wait or have ended without effect."""
        return self.after()

    @property
    def released(self) -> Hashable:
        """The state of an object that the next call takes without waiting."""
        return self.after(self.release)

    @property
    def taken(self) -> Hashable:
        """The state of an object whose one release was met by one call."""
        if not self.is_kept:
            return self.untouched
        return self.after(self.release, self.do)
