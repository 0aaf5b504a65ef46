"""The tour's report from literal findings: table, sentences and JSON."""

import json
from dataclasses import asdict, replace

import pytest
from raddle.reports import tour as report
from raddle.reports import tour_json
from raddle.reports.findings import Environment, Measurement, Pinning, Run, Totals, Tour
from rich.console import Console

FREE = Environment("1.2.3", "CPython", "3.13.9", "/bin/python", True, False, Pinning.IMMORTAL, 2, 2)
RIGHT = Totals(files=1_700, lines=900_000, words=2_947_113, bytes=34_000_000)
SHORT = Totals(files=1_700, lines=899_999, words=2_000_000, bytes=33_999_900)


def measured(
    name: str, seconds: float, totals: Totals = RIGHT, *, threads: int = 2, **changes: object
) -> Measurement:
    """Three runs around the given seconds with all cores busy, the last of which counted the given totals."""
    runs = (
        Run(RIGHT, seconds * 3, seconds * 3 * threads),
        Run(RIGHT, seconds / 2, seconds / 2 * threads),
        Run(totals, seconds, seconds * threads),
    )
    plain = Measurement(
        name=name,
        title=f"the {name}",
        shows=f"what {name} shows",
        must_be_right=True,
        pinned=False,
        handed=False,
        threads=threads,
        runs=runs,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


TOUR = Tour(
    environment=FREE,
    path="/lib/[python]",
    threads=2,
    reference=measured("serial", 1.0, threads=1),
    others=(
        measured("plain", 2.0, SHORT, must_be_right=False),
        measured("lock", 8.0),
        measured("fast", 0.5, pinned=True),
        measured("even", 1.02),
    ),
)


def lines_of(tour: Tour) -> list[str]:
    console = Console(width=80, markup=False, highlight=False, emoji=False)
    with console.capture() as capture:
        console.print(report.as_text(tour))
    return [line.rstrip() for line in capture.get().splitlines()]


def words_of(tour: Tour) -> str:
    return " ".join(" ".join(lines_of(tour)).split())


def with_others(*others: Measurement) -> Tour:
    return replace(TOUR, others=others)


def test_table_has_a_row_for_each_variant() -> None:
    shown = lines_of(TOUR)
    assert [line for line in shown if line.endswith(("x", "Speed"))] == [
        "  Variant      Result   Words counted   Updates lost   Seconds   Speed",
        "  the serial   right        2,947,113              0      1.00   1.00x",
        "  the plain    WRONG        2,000,000        947,114      2.00   0.50x",
        "  the lock     right        2,947,113              0      8.00   0.12x",
        "  the fast     right        2,947,113              0      0.50   2.00x",
        "  the even     right        2,947,113              0      1.02   0.98x",
    ]


def test_heading_tells_what_was_counted_and_where() -> None:
    shown = words_of(TOUR)
    assert "raddle 1.2.3, CPython 3.13.9 (free-threaded build, GIL off)" in shown
    assert "1,700 .py files, 900,000 lines, 2,947,113 words and 34,000,000 bytes with 2 threads." in shown
    assert "Folder: /lib/[python]" in shown


def test_heading_names_those_that_share_no_numbers() -> None:
    shared = "Each file, line and word added 1 to a number that all threads share"
    assert f"{shared}. Folder" in words_of(TOUR)
    handed = with_others(
        measured("one", 1.0, handed=True), measured("two", 1.0, handed=True), measured("lock", 8.0)
    )
    assert f"{shared}, but for the one and the two. Folder" in words_of(handed)


def test_sentences_follow_from_the_numbers() -> None:
    shown = words_of(TOUR)
    assert (
        "the plain Lost 947,114 of 3,848,813 updates (24.6 %): "
        "1 line, 947,113 words and 100 bytes too few. Took 2.0 times as long as the serial."
    ) in shown
    assert "the lock Lost nothing. Took 8.0 times as long as the serial." in shown
    assert "the fast Lost nothing. 2.0 times as fast as the serial." in shown
    assert "the even Lost nothing. About as fast as the serial." in shown
    assert shown.endswith("Always right, and faster than the serial: the fast.")


def test_nothing_is_praised_when_nothing_was_faster() -> None:
    shown = words_of(with_others(measured("lock", 8.0), measured("atomic", 1.5)))
    assert shown.endswith("Nothing that is always right was faster than the serial in this run.")


def test_a_fast_variant_that_may_be_wrong_is_not_praised() -> None:
    shown = words_of(with_others(measured("plain", 0.2, must_be_right=False)))
    assert "the plain Lost nothing this time, by luck: nothing promises it. 5.0 times as fast" in shown
    assert shown.endswith("Nothing that is always right was faster than the serial in this run.")


def test_one_thread_is_not_called_lucky() -> None:
    shown = words_of(with_others(measured("plain", 1.0, must_be_right=False, threads=1)))
    assert "luck" not in shown


def test_a_broken_promise_is_told_in_place_of_the_praise() -> None:
    tour = with_others(measured("lock", 8.0), measured("fast", 0.5, SHORT))
    assert [one.name for one in tour.broken] == ["fast"]
    assert "the fast must be right and was WRONG. This is a bug" in words_of(tour)
    assert "Always right" not in words_of(tour)


def test_too_much_is_wrong_as_well() -> None:
    tour = with_others(measured("fast", 0.5, replace(RIGHT, words=RIGHT.words + 5, bytes=RIGHT.bytes - 1)))
    assert [one.name for one in tour.broken] == ["fast"]
    assert "the fast Wrong: 1 byte too few; 5 words too many." in words_of(tour)
    assert "the fast WRONG 2,947,118 - 0.50 2.00x" in words_of(tour)


def test_a_reference_that_disagrees_with_itself_is_broken() -> None:
    tour = replace(TOUR, reference=measured("serial", 1.0, SHORT, threads=1), others=(measured("lock", 8.0),))
    assert [one.name for one in tour.broken] == ["serial"]
    assert "the serial must be right and was WRONG" in words_of(tour)


def test_one_wrong_run_of_several_is_wrong() -> None:
    runs = (Run(SHORT, 1.0, 1.0), Run(RIGHT, 1.0, 1.0), Run(RIGHT, 1.0, 1.0))
    tour = with_others(measured("fast", 1.0, runs=runs))
    assert [one.name for one in tour.broken] == ["fast"]
    assert tour.worst(tour.others[0]) == SHORT


def test_a_disturbed_run_says_so() -> None:
    waiting = replace(TOUR.reference, runs=(Run(RIGHT, seconds=2.0, cpu_seconds=1.7),))
    assert "Other programs kept the cores busy" in words_of(replace(TOUR, reference=waiting))
    assert "Other programs" not in words_of(TOUR)


def test_threads_that_shared_a_core_are_a_disturbed_run() -> None:
    alone = tuple(
        replace(one, runs=tuple(replace(run, cpu_seconds=run.seconds) for run in one.runs))
        for one in TOUR.others
    )
    assert TOUR.threads > 1
    assert "Other programs kept the cores busy" in words_of(replace(TOUR, others=alone))


def test_rounds_are_explained() -> None:
    assert "Each ran 3 times: worst result, median time. Speed is relative to the serial." in words_of(TOUR)
    once = replace(TOUR, reference=replace(TOUR.reference, runs=TOUR.reference.runs[-1:]))
    assert "Each ran once. Speed is relative to the serial." in words_of(once)


def test_a_few_lost_updates_are_not_rounded_to_none() -> None:
    tour = with_others(measured("plain", 1.0, replace(RIGHT, words=RIGHT.words - 1), must_be_right=False))
    assert "Lost 1 of 3,848,813 updates (under 0.1 %): 1 word too few." in words_of(tour)


def test_times_too_short_to_compare_are_not_compared() -> None:
    tour = replace(TOUR, reference=measured("serial", 0.001), others=(measured("lock", 0.0),))
    shown = words_of(tour)
    assert "Too short to compare speeds" in shown
    assert "times as" not in shown
    assert "the lock right 2,947,113 0 0.00 -" in shown
    assert shown.endswith("Everything that must be right was right.")


def test_pinning_is_explained_where_it_happens() -> None:
    assert "Pinned with raddle.pin before sharing: the fast." in words_of(TOUR)
    assert "Pinned" not in words_of(with_others(measured("lock", 8.0)))
    gil = replace(FREE, free_threaded_build=False, gil_enabled=True, pinning=Pinning.NOTHING)
    assert "Pinned" not in words_of(replace(TOUR, environment=gil))


@pytest.mark.parametrize(
    ("free", "advice"), [(True, "unset PYTHON_GIL"), (False, "with a free-threaded Python, such as")]
)
def test_the_gil_is_announced(free: bool, advice: str) -> None:
    tour = replace(TOUR, environment=replace(FREE, free_threaded_build=free, gil_enabled=True))
    assert "The GIL is on: one thread runs Python code at a time" in words_of(tour)
    assert advice in words_of(tour)
    assert "The GIL is on" not in words_of(TOUR)


def test_everything_fits_80_columns() -> None:
    long_names = with_others(
        measured(
            "plain", 2.0, Totals(0, 0, 0, 0), must_be_right=False, title="x" * 18, shows="many words " * 20
        )
    )
    for line in lines_of(long_names) + lines_of(replace(TOUR, path="/long" * 50)):
        assert len(line) <= 80


def test_json_schema_is_stable() -> None:
    data = tour_json.as_json(TOUR)
    assert json.loads(json.dumps(data)).keys() == data.keys()
    assert list(data) == ["schema", "environment", "path", "threads", "rounds", "passed", "variants"]
    assert data["schema"] == 1
    assert data["rounds"] == 3
    assert data["passed"] is True
    variants = data["variants"]
    assert isinstance(variants, list)
    assert variants[1] == {
        "name": "plain",
        "title": "the plain",
        "shows": "what plain shows",
        "must_be_right": False,
        "pinned": False,
        "handed": False,
        "threads": 2,
        "runs": (
            {"totals": asdict(RIGHT), "seconds": 6.0, "cpu_seconds": 12.0},
            {"totals": asdict(RIGHT), "seconds": 1.0, "cpu_seconds": 2.0},
            {"totals": asdict(SHORT), "seconds": 2.0, "cpu_seconds": 4.0},
        ),
        "totals": {"files": 1_700, "lines": 899_999, "words": 2_000_000, "bytes": 33_999_900},
        "seconds": 2.0,
        "reference": False,
        "right": False,
        "updates_lost": 947_114,
        "short_by": {"files": 0, "lines": 1, "words": 947_113, "bytes": 100},
        "speed": 0.5,
    }
    assert [one["reference"] for one in variants] == [True, False, False, False, False]
