"""The rows about signals between threads, for the adapters: the same code for all rivals."""

from collections.abc import Callable
from functools import partial
from time import sleep
from typing import Any

from . import locks
from ._apart import not_in_turn
from .harness.model import Role, Row

Make = Callable[[], Any]


def permits(name: str, make: Callable[[int], Any]) -> Row:
    """A semaphore of one permit, which is free."""
    call, after = "obj.acquire()\nobj.release()", "last = [obj.acquire(False), obj.acquire(False)]"
    return Row(locks.SEMAPHORE, name, lambda: make(1), call, id, after=after)


class Pair:
    """Two events, for there and for back."""

    def __init__(self, make: Make) -> None:
        self.ping, self.pong = make(), make()

    def release(self) -> None:
        """Lets threads go on that wait for either."""
        self.ping.set()
        self.pong.set()

    def verdict(self) -> str:
        """What is wrong with them."""
        self.ping.clear()
        self.pong.clear()
        return not_in_turn(self.ping, self.pong)


def events(name: str, make: Make) -> list[Row]:
    """All questions about events."""
    bind = "ping, pong = obj.ping, obj.pong"
    serve, answer = (
        "ping.set()\npong.wait()\npong.clear()",
        Role("ping.wait()\nping.clear()\npong.set()", bind),
    )
    call = "obj.set()\nobj.wait()\nobj.clear()"
    after = "obj.set()\nlast = [obj.wait()]\nobj.clear()\nlast.append(obj.is_set())"
    return [
        Row(locks.EVENT, name, make, call, id, after=after),
        *(
            Row(
                question,
                name,
                partial(Pair, make),
                serve,
                Pair.verdict,
                bind,
                others=[answer],
                release=Pair.release,
            )
            for question in (locks.PING_PONG, locks.PING_PONG_ONE_CORE)
        ),
    ]


class Parked:
    """A condition, and how many threads have begun to wait for it since the last notifications."""

    def __init__(self, cond: Any) -> None:
        self.cond = cond
        self.waiting = 0

    def until_all_wait(self) -> None:
        """Returns when all waiters are asleep. Nobody else counts until the next notification."""
        while self.waiting < locks.WAITERS:
            sleep(0.0002)
        self.waiting = 0
        sleep(0.0005)

    def release(self) -> None:
        """Lets everybody go on."""
        self.waiting = locks.WAITERS
        with self.cond:
            self.cond.notify_all()


NOTIFY = """\
obj.until_all_wait()
with cond:
    began = clock()
    for _ in waiters: cond.notify()
    note(clock() - began)"""
NOTIFIER = f"cond, waiters = obj.cond, range({locks.WAITERS})\nnotes = []\nnote = notes.append"
WAIT = "with cond:\n    obj.waiting += 1\n    cond.wait()"


def notified(name: str, make: Make) -> Row:
    """A condition that many threads wait for."""
    waiters = [Role(WAIT, bind="cond = obj.cond")] * locks.WAITERS
    return Row(
        locks.NOTIFY,
        name,
        lambda: Parked(make()),
        NOTIFY,
        id,
        NOTIFIER,
        "last = notes",
        others=waiters,
        release=Parked.release,
    )


def meetings(name: str, make: Callable[[int], Any]) -> list[Row]:
    """A barrier for two."""
    bind, call, after = "total = 0", "total += obj.wait()", "last = total"
    return [
        Row(question, name, lambda: make(2), call, id, bind, after, release=lambda obj: obj.abort())
        for question in (locks.BARRIER, locks.BARRIER_ONE_CORE)
    ]
