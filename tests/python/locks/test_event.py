"""Event and Latch: what they do that the tables and the matrix do not show."""

import threading

import pytest
from raddle import AtomicInt, Event, Latch
from support.blocking.waiters import waiting_in
from support.knobs import scaled
from support.threads import parallelize, run_together
from support.waiting_queues import until


def test_a_set_that_is_cleared_at_once_lets_all_go() -> None:
    event, passed = Event(), AtomicInt()

    def wait() -> None:
        assert event.wait()
        passed.increment()

    for turn in range(scaled(30)):
        crew = [threading.Thread(target=wait) for _ in range(3)]
        for thread in crew:
            thread.start()
        until(lambda: waiting_in(event) == 3)
        event.set()
        event.clear()
        for thread in crew:
            thread.join()
        assert passed == 3 * (turn + 1)
    assert not event.is_set()


def test_news_on_a_flag_that_is_set_are_not_missed() -> None:
    """The consumer clears the flag and then looks: it never sleeps over something."""
    event, last = Event(), scaled(5000)
    news = [0]

    def produce() -> None:
        for number in range(1, last + 1):
            news[0] = number
            event.set()

    def consume() -> None:
        while news[0] != last:
            assert event.wait(30)
            event.clear()

    run_together(produce, consume)


def test_to_and_fro() -> None:
    there, back, rounds = Event(), Event(), scaled(2000)

    def answer() -> None:
        for _ in range(rounds):
            there.wait()
            there.clear()
            back.set()

    def ask() -> None:
        for _ in range(rounds):
            there.set()
            back.wait()
            back.clear()

    run_together(answer, ask)
    assert not there.is_set()
    assert not back.is_set()


def test_results_and_the_old_name() -> None:
    event = Event(name="go")
    assert event.name == "go"
    assert [event.wait(0), event.wait(-1), event.wait(timeout=0.001)] == [False, False, False]
    event.set()
    assert [event.wait(), event.wait(None), event.wait(-1)] == [True, True, True]
    with pytest.warns(DeprecationWarning, match=r"isSet\(\) is deprecated, use is_set\(\) instead"):
        assert event.isSet()
    assert repr(event).startswith("<raddle.Event at 0x")
    assert repr(event).endswith(" name='go': set>")


def test_a_latch_never_goes_up_again() -> None:
    latch = Latch(3)
    latch.count_down(0)
    assert latch.count == 3
    latch.count_down(2)
    assert not latch.wait(0)
    latch.count_down(5)
    assert latch.count == 0
    latch.count_down()
    assert latch.wait()
    assert repr(latch).endswith(": count=0>")
    latch.__init__(7)  # type: ignore[misc]
    assert latch.count == 0


def test_a_latch_refuses_negative_numbers() -> None:
    latch = Latch(1)
    for call in (lambda: Latch(-1), lambda: latch.count_down(-1), lambda: latch.wait(-0.1)):
        with pytest.raises(ValueError, match="must be"):
            call()
    with pytest.raises(OverflowError):
        Latch(2**63)
    assert latch.count == 1


def test_a_latch_shows_what_all_have_done() -> None:
    threads = 4
    for _ in range(scaled(100)):
        latch, done = Latch(threads), [0] * threads

        def work(number: int, latch: Latch = latch, done: list[int] = done) -> None:
            if number < threads:
                done[number] = 1
                latch.count_down()
            else:
                assert latch.wait(30)
                assert sum(done) == threads

        parallelize(work, threads + 2)
