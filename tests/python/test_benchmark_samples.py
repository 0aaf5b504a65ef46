"""The benchmark harness: samples, by threads in roles, and many of them."""

import gc
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from python.harness import cli, cores, measure, tables
from python.harness.bars import judge
from python.harness.figures import median_of_notes
from python.harness.loops import compiled, source
from python.harness.measure import Plan, ask, calibrate
from python.harness.model import EMPTY_LOOP, Bar, Question, Ref, Role, Row, Sample
from python.harness.sample import Subject, take
from support.benchmarks import COUNTING, LAST, RIGHT, WRONG, Counter, last_of, literal, silent, subject

needs_affinity = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this system has no affinity"
)


# One sample.


@pytest.mark.parametrize("threads", [1, 2])
def test_a_wrong_count_is_found(threads: int) -> None:
    taken = take(subject(WRONG), cores.usable()[:1] * threads, 3)
    calls = 30 * threads
    assert taken.wrong == f"expected {calls}, found {2 * calls}"


def test_a_right_count_is_not_called_wrong() -> None:
    assert take(subject(RIGHT), cores.usable()[:1], 3).wrong == ""


def test_the_call_is_written_out_ten_times_and_runs_so_often() -> None:
    assert source(RIGHT.roles[0]).count("        obj.increment()\n") == 10
    counter = Counter()
    (loop,) = compiled(RIGHT)
    start, end, last = loop(counter, 0, 7)
    assert counter.value == 70
    assert start <= end
    assert last is None


@needs_affinity
def test_every_thread_has_a_core_of_its_own() -> None:
    threads = min(2, len(cores.usable()))
    expected = [{core} for core in cores.usable()[:threads]]
    assert last_of("__import__('os').sched_getaffinity(0)", threads) == f"expected , found {expected}"


def test_the_collector_rests_during_a_sample_and_goes_on_after_it() -> None:
    assert gc.isenabled()
    assert last_of("__import__('gc').isenabled()", 1) == "expected , found [False]"
    assert gc.isenabled()


def test_a_lone_thread_makes_its_object_itself_and_several_do_not() -> None:
    ident = "__import__('threading').get_ident()"
    row = Row(LAST.name, "who", lambda: [__import__("threading").get_ident()], "pass", read=id)
    row = replace(row, after=f"last = obj[0] == {ident}")
    placed = cores.usable()[:1]
    assert take(subject(row, LAST), placed, 1).wrong == "expected , found [True]"
    assert take(subject(row, LAST), placed * 2, 1).wrong == "expected , found [False, False]"


def fail() -> Any:
    raise ZeroDivisionError("planted")


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("part", [{"make": fail}, {"call": "1 / 0"}, {"bind": "1 / 0"}, {"after": "1 / 0"}])
def test_a_failure_in_a_thread_is_not_lost(part: dict[str, Any], threads: int) -> None:
    broken = subject(replace(RIGHT, **part))
    with pytest.raises(ZeroDivisionError):
        take(broken, cores.usable()[:1] * threads, 1)


@needs_affinity
def test_a_thread_that_cannot_be_placed_does_not_hang_the_others() -> None:
    with pytest.raises(OSError, match="Invalid argument"):
        take(subject(RIGHT), [cores.usable()[0], 10**6], 1)


@needs_affinity
def test_siblings_of_a_core_come_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for core, siblings in enumerate(["0,1", "0,1", "2-3", "2-3"]):
        topology = tmp_path / f"cpu{core}" / "topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(siblings + "\n")
    monkeypatch.setattr(cores, "TOPOLOGY", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3, 2, 1, 0})
    assert cores.usable() == [0, 2, 1, 3]


# Threads in roles.

MEETING = Question("test.meeting", "who did what where", lambda finish: ("", list(finish.last)))


def test_threads_play_the_roles_in_turn() -> None:
    row = Row(MEETING.name, "roles", object, "pass", read=id, after="last = f'first {thread}'")
    row = replace(row, others=[Role("pass", after="last = f'second {thread}'")])
    taken = take(subject(row, MEETING), cores.usable()[:1] * 4, 1)
    assert taken.wrong == "expected , found ['first 0', 'second 1', 'first 2', 'second 3']"


def test_a_question_says_on_which_cores_its_threads_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "usable", lambda: [7, 3])
    assert Plan().placements(MEETING) == [[7], [7, 3]]
    assert Plan().placements(replace(MEETING, places=(0, 1, 1, 0))) == [[7, 3, 3, 7]]
    assert Plan().placements(replace(MEETING, places=(0, 2))) == []


def test_a_question_that_takes_more_cores_is_said_to_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "usable", lambda: [7])
    pairs = replace(MEETING, places=(0, 1))
    assert ask(pairs, [RIGHT], cli.SMOKE, silent) == []
    assert "Not asked" in str(tables.question_table(pairs, []).caption)


def test_overlap_and_disturbance_are_not_told_of_threads_that_share_a_core() -> None:
    taken = take(subject(RIGHT), cores.usable()[:1] * 2, 1000)
    assert (taken.overlap, taken.lost) == (1.0, 0.0)


def test_throughput_counts_threads_of_different_roles_once() -> None:
    pair, alone = (replace(literal("pair", 2, [10]), calls=["put", "get"]), literal("alone", 1, [10]))
    assert pair.calls_per_second == pytest.approx(100e6)
    bar = Bar("same", Ref("q", "pair", 2), Ref("q", "alone", 1), "throughput at least", 1.0)
    (verdict,) = judge([bar], [pair, alone], gil=False)
    assert verdict.ratio == pytest.approx(1.0)


def test_what_each_role_calls_stands_below_the_other() -> None:
    answer = replace(literal("pair", 2, [10]), calls=["a\nb", "c\nd"])
    assert tables.code_text(answer) == "   a\n   b\n|| c\n   d"
    assert tables.code_text(replace(answer, calls=["a\nb"])) == "a\nb"


def test_a_call_counts_as_its_items() -> None:
    one = replace(COUNTING, check=lambda finish: (30 * 64, finish.calls))
    taken = take(subject(RIGHT, replace(one, items=64)), cores.usable()[:1], 3)
    assert taken.wrong == ""
    assert taken.seconds_per_call == pytest.approx(taken.seconds / (30 * 64))


def test_threads_can_take_the_times_themselves() -> None:
    timed = Question("test.timed", "median", lambda finish: (None, None), figure=median_of_notes("wake-up"))
    row = Row(
        timed.name, "timed", object, "pass", read=id, others=[Role("pass", after="last = [7000, 5, 9000]")]
    )
    taken = take(subject(row, timed), cores.usable()[:1] * 2, 1)
    assert taken.seconds_per_call == pytest.approx(7e-6)
    (answer,) = ask(replace(timed, places=(0, 0)), [row], cli.SMOKE, silent)
    assert answer.row == "timed"


# Many samples.


def test_rows_take_turns() -> None:
    order: list[str] = []

    def noted(name: str) -> Callable[[], Counter]:
        def make() -> Counter:
            order.append(name)
            return Counter()

        return make

    rows = [replace(RIGHT, name=name, make=noted(name)) for name in "ABC"]
    answers = ask(COUNTING, rows, Plan(rounds=3, sample_seconds=1e-6, max_threads=1, retries=0), silent)
    assert order[-9:] == list("ABCABCABC")
    assert [(answer.row, len(answer.samples)) for answer in answers] == [
        (EMPTY_LOOP, 3),
        *((name, 3) for name in "ABC"),
    ]


def test_samples_are_made_as_long_as_wished(monkeypatch: pytest.MonkeyPatch) -> None:
    def take_in_no_time(subject: Subject, placed: Sequence[int], turns: int) -> Sample:
        return Sample(1, 10 * turns, turns * 1e-4 + 5, turns * 1e-4, 1.0)

    monkeypatch.setattr(measure, "take", take_in_no_time)
    assert calibrate(subject(RIGHT), [0], 0.02) == 200


@pytest.mark.parametrize(("lost", "taken"), [([0.0], 1), ([0.5, 0.0], 2), ([0.5, 0.4, 0.3, 0.2], 3)])
def test_disturbed_samples_are_taken_again(
    monkeypatch: pytest.MonkeyPatch, lost: list[float], taken: int
) -> None:
    samples = [Sample(1, 10, 1.0, 1.0, 1.0, lost=share) for share in lost]
    left = iter(samples)
    monkeypatch.setattr(measure, "take", lambda *arguments: next(left))
    assert measure.take_undisturbed(subject(RIGHT), [0], 1, retries=2) is samples[taken - 1]


@pytest.mark.parametrize(("limit", "counts"), [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (8, [1, 2, 8])])
def test_thread_counts(monkeypatch: pytest.MonkeyPatch, limit: int, counts: list[int]) -> None:
    monkeypatch.setattr(cores, "usable", lambda: list(range(limit)))
    assert Plan().thread_counts() == counts


def test_the_median_and_the_throughput_of_literal_samples() -> None:
    answer = literal("a", 2, [40, 10, 20])
    assert answer.seconds_per_call == pytest.approx(20e-9)
    assert answer.calls_per_second == pytest.approx(100e6)
