"""Barrier: rounds, what breaks one, actions; what the tables and the matrix do not show."""

import os
import signal
import threading
from threading import BrokenBarrierError
from types import FrameType
from typing import Any

import pytest
from raddle import AtomicInt, Barrier
from support.interpreter import needs_fork
from support.knobs import scaled
from support.threads import parallelize
from support.waiting_queues import until


class Party(threading.Thread):
    """A thread that arrives once."""

    def __init__(self, barrier: Barrier, *timeout: float) -> None:
        super().__init__(daemon=True)
        self._barrier, self._timeout = barrier, timeout
        self.result: Any = None
        self.start()

    def run(self) -> None:
        try:
            self.result = self._barrier.wait(*self._timeout)
        except Exception as error:
            self.result = type(error)

    def finish(self) -> Any:
        self.join(30)
        assert not self.is_alive()
        return self.result


def arrived(barrier: Barrier, n: int) -> None:
    until(lambda: barrier.n_waiting == n)


def test_rounds_have_an_action_each_and_indexes() -> None:
    parties, rounds = 3, scaled(300)
    actions: list[int] = []
    barrier = Barrier(parties, action=lambda: actions.append(barrier.n_waiting))
    indexes = AtomicInt()

    def work(number: int) -> None:
        for turn in range(rounds):
            indexes.increment(barrier.wait())
            assert len(actions) == turn + 1
            second.wait()

    second = Barrier(parties)
    parallelize(work, parties)
    assert actions == [parties] * rounds
    assert indexes == rounds * (0 + 1 + 2)
    assert barrier.n_waiting == 0


def test_a_time_limit_breaks_it_until_reset() -> None:
    barrier = Barrier(3, timeout=0.01)
    patient = Party(barrier, 30)
    arrived(barrier, 1)
    with pytest.raises(BrokenBarrierError):
        barrier.wait()  # with the barrier's own limit
    assert patient.finish() is BrokenBarrierError
    assert barrier.broken
    assert repr(barrier).endswith(": broken>")
    with pytest.raises(BrokenBarrierError):
        barrier.wait(30)
    barrier.reset()
    assert not barrier.broken
    crew = [Party(barrier, 30) for _ in range(3)]
    assert sorted(party.finish() for party in crew) == [0, 1, 2]


@pytest.mark.parametrize("breaks", [False, True])
def test_reset_and_abort_end_the_round(breaks: bool) -> None:
    barrier = Barrier(3)
    crew = [Party(barrier), Party(barrier)]
    arrived(barrier, 2)
    barrier.abort() if breaks else barrier.reset()
    assert [party.finish() for party in crew] == [BrokenBarrierError] * 2
    assert barrier.broken == breaks
    assert barrier.n_waiting == 0


def test_an_action_that_raises_breaks_it() -> None:
    barrier = Barrier(2, action=lambda: 1 / 0)
    party = Party(barrier)
    arrived(barrier, 1)
    with pytest.raises(ZeroDivisionError):
        barrier.wait()
    assert party.finish() is BrokenBarrierError
    assert barrier.broken


def test_who_comes_while_the_action_runs_waits() -> None:
    acting, go_on = threading.Event(), threading.Event()

    def action() -> None:
        acting.set()
        go_on.wait(30)

    barrier = Barrier(2, action)
    crew = [Party(barrier, 30), Party(barrier, 30)]
    acting.wait(30)
    late = [Party(barrier, 30), Party(barrier, 30)]
    assert barrier.n_waiting == 2
    assert all(party.is_alive() for party in (*crew, *late))
    go_on.set()
    assert sorted(party.finish() for party in crew) == [0, 1]
    assert sorted(party.finish() for party in late) == [0, 1]


def test_the_action_may_use_the_barrier() -> None:
    seen: list[Any] = []

    def action() -> None:
        seen.append((barrier.n_waiting, barrier.broken, repr(barrier).endswith(": waiters=2/2>")))
        barrier.abort()

    barrier = Barrier(2, action)
    party = Party(barrier, 30)
    arrived(barrier, 1)
    with pytest.raises(BrokenBarrierError):
        barrier.wait(30)
    assert party.finish() is BrokenBarrierError
    assert seen == [(2, False, True)]


class LeaveError(Exception):
    """Raised by a handler."""


def _leave(number: int, frame: FrameType | None) -> None:
    raise LeaveError


@pytest.mark.parametrize("company", ["alone", "first", "last"])
def test_an_interrupt_breaks_it_for_all(company: str) -> None:
    barrier = Barrier(3)
    others = [Party(barrier)] if company == "last" else []
    arrived(barrier, len(others))

    def disturb() -> None:
        arrived(barrier, len(others) + 1)
        if company == "first":
            others.append(Party(barrier))
            arrived(barrier, 2)
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, _leave)
    try:
        helper = threading.Thread(target=disturb)
        helper.start()
        with pytest.raises(LeaveError):
            barrier.wait()
        helper.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert [party.finish() for party in others] == [BrokenBarrierError] * len(others)
    assert barrier.broken


@needs_fork
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_in_a_handler_inside_it_counts_the_forking_thread_alone() -> None:
    barrier = Barrier(3)
    parent = os.getpid()
    children: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        pid = os.fork()
        if pid != 0:
            children.append(pid)
            return
        signal.alarm(20)
        if barrier.n_waiting != 1:
            os._exit(2)
        for _ in range(2):
            threading.Thread(target=barrier.wait, daemon=True).start()

    other = Party(barrier)
    arrived(barrier, 1)

    def disturb() -> None:
        arrived(barrier, 2)
        os.kill(os.getpid(), signal.SIGUSR1)
        until(lambda: bool(children))
        barrier.wait()

    before = signal.signal(signal.SIGUSR1, handle)
    helper = threading.Thread(target=disturb)
    try:
        helper.start()
        index = barrier.wait()
    finally:
        signal.signal(signal.SIGUSR1, before)
    if os.getpid() != parent:
        os._exit(0 if index == 1 and barrier.n_waiting == 0 else 3)
    helper.join()
    assert other.finish() == 0
    assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0


def test_numbers_of_parties() -> None:
    for parties in (0, -1, -(2**70)):
        with pytest.raises(ValueError, match="parties must be >= 1"):
            Barrier(parties)
    with pytest.raises(OverflowError):
        Barrier(2**63)
    assert Barrier(2**63 - 1).parties == 2**63 - 1
    barrier = Barrier(1, name="alone")
    assert [barrier.wait(), barrier.wait(0)] == [0, 0]
    assert (barrier.name, Barrier.__new__(Barrier).wait()) == ("alone", 0)
