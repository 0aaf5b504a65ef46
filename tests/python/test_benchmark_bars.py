"""The benchmark harness: bars and figures are judged right."""

import io
from dataclasses import replace
from typing import Any

import pytest
from python.harness import cli, tables
from python.harness.bars import State, judge
from python.harness.measure import ask
from python.harness.model import Answer, Bar, Figure, Question, Ref, Row, Sample
from rich.console import Console
from support.benchmarks import literal, silent

# Bars.

OURS, THEIRS = literal("ours", 1, [10, 20, 30]), literal("theirs", 1, [20, 20, 20])
TIME = Bar("time", Ref("q", "ours", 1), Ref("q", "theirs", 1), "time at most", 1.0)
THROUGHPUT = replace(TIME, kind="throughput at least")


@pytest.mark.parametrize(
    ("bar", "state"),
    [
        (TIME, State.HELD),
        (replace(TIME, limit=0.99), State.MISSED),
        (THROUGHPUT, State.HELD),
        (replace(THROUGHPUT, limit=1.01), State.MISSED),
    ],
)
def test_a_bar_compares_the_median_of_the_rounds(bar: Bar, state: State) -> None:
    (verdict,) = judge([bar], [OURS, THEIRS], gil=False)
    assert verdict.state is state
    assert verdict.ratio == pytest.approx(1.0)
    assert verdict.counts_as_failure == (state is State.MISSED)


def test_ratios_pair_the_rounds() -> None:
    (verdict,) = judge(
        [TIME], [literal("ours", 1, [1, 10, 100]), literal("theirs", 1, [2, 20, 200])], gil=False
    )
    assert [verdict.ratio, verdict.low, verdict.high] == pytest.approx([0.5, 0.5, 0.5])


def test_throughput_counts_all_threads() -> None:
    scaling = Bar("scaling", Ref("q", "ours", 2), Ref("q", "ours", 1), "throughput at least", 1.8)
    perfect = [literal("ours", 2, [10, 10, 10]), literal("ours", 1, [10, 10, 10])]
    (verdict,) = judge([scaling], perfect, gil=False)
    assert verdict.ratio == pytest.approx(2.0)


def test_a_bar_without_its_rival_is_not_measured() -> None:
    (verdict,) = judge([TIME], [OURS], gil=False)
    assert verdict.state is State.NOT_MEASURED
    assert verdict.reason == "missing: theirs by 1 thread"
    assert verdict.counts_as_failure


def test_a_bar_for_other_interpreters_is_no_failure() -> None:
    for bar, gil in ((TIME, True), (replace(TIME, gil=True), False)):
        (verdict,) = judge([bar], [OURS, THEIRS], gil=gil)
        assert verdict.state is State.NOT_HERE
        assert not verdict.counts_as_failure


def test_a_wrong_result_holds_no_bar() -> None:
    (verdict,) = judge(
        [TIME], [literal("ours", 1, [1], wrong="planted"), literal("theirs", 1, [9])], gil=False
    )
    assert verdict.state is State.MISSED
    assert "ours is WRONG: planted" in verdict.reason


# Figures.

SHARE = Figure(lambda finish: min(finish.last) / 100, "% of the cake", scale=100, is_time=False)
SHARED = Question("test.share", "who gets what", lambda finish: (None, None), places=(0, 0), figure=SHARE)


def shared(*percents: int) -> Answer:
    """An answer whose figures are these."""
    samples = [Sample(2, 1000, percent * 10.0, 1.0, overlap=0.5) for percent in percents]
    return Answer("q", "ours", ["call"], 2, samples, SHARE)


def test_a_question_can_ask_for_something_else_than_a_time() -> None:
    row = Row(SHARED.name, "ours", object, "pass", read=id, after="last = 30 + thread")
    (answer,) = ask(SHARED, [row], cli.SMOKE, silent)
    assert answer.values == pytest.approx([0.3])
    assert answer.figure is SHARE


@pytest.mark.parametrize(("kind", "limit"), [("figure at least", 25), ("figure at most", 35)])
def test_a_bar_can_be_about_a_figure(kind: Any, limit: float) -> None:
    bar = Bar("share", Ref("q", "ours", 2), None, kind, limit)
    (verdict,) = judge([bar], [shared(20, 30, 50)], gil=False)
    assert (verdict.state, verdict.unit) == (State.HELD, "% of the cake")
    assert [verdict.ratio, verdict.low, verdict.high] == pytest.approx([30, 20, 50])
    (verdict,) = judge(
        [replace(bar, limit=limit - 10 if limit > 30 else 31)], [shared(20, 30, 50)], gil=False
    )
    assert verdict.state is State.MISSED


def test_tables_show_figures_in_their_unit() -> None:
    output = Console(width=160, record=True, file=io.StringIO())
    output.print(tables.question_table(SHARED, [shared(0, 0, 50)]))
    bar = Bar("fair share", Ref("q", "ours", 2), None, "figure at least", 25)
    output.print(tables.bars_table(judge([bar], [shared(20, 30, 50)], gil=False)))
    text = output.export_text()
    assert "ns per" not in text
    assert "flatters" not in text
    assert "0.0..50.0" in text
    assert "% of the cake >= 25" in text


def test_figures_are_exported() -> None:
    pytest.importorskip("pyperf", reason="the dependency group 'bench', for ./dev bench, is not installed")
    from python.harness.export import suite

    (exported,) = suite([shared(20, 30, 50)], {})
    assert exported.get_metadata()["figure"] == "% of the cake"
    assert exported.get_unit() == "integer"
    assert exported.get_values() == pytest.approx((0.2, 0.3, 0.5))
