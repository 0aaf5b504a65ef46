"""The variants of the tour count right, wrong ones are caught, new files are found."""

import gc
import json
import queue
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import raddle
from raddle import pin
from raddle.cli import main
from raddle.demo import variants
from raddle.demo.crew import Crew
from raddle.demo.hand_over import Desk, HandOver, PieceQueue
from raddle.demo.share import Share
from raddle.demo.variant import Variant
from raddle.reports.findings import Totals

TEXTS = [b"one two  three\n\n \tfour\r\n" * count for count in range(1, 60)] + [
    b"",
    b"no end of line",
    b"\xff \x00\n",
]

NEW_VARIANT = """
from raddle.demo.variants.plain import Plain
from raddle.reports.findings import Totals

class New(Plain):
    order = {order}
    title = "a new one"
    shows = "something new"
    must_be_right = {must_be_right}
    parallel = False

    def totals(self, counters):
        return Totals(counters.files, counters.lines, counters.words - {lost}, counters.bytes)

VARIANT = New()
"""


def independent_totals(texts: list[bytes]) -> Totals:
    return Totals(
        files=len(texts),
        lines=sum(len(text.splitlines()) for text in texts),
        words=sum(len(text.split()) for text in texts),
        bytes=sum(map(len, texts)),
    )


def add_variant(monkeypatch: pytest.MonkeyPatch, folder: Path, source: str) -> None:
    (folder / "new.py").write_text(source)
    monkeypatch.setattr(variants, "__path__", [*variants.__path__, str(folder)])
    monkeypatch.delitem(sys.modules, f"{variants.__name__}.new", raising=False)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    place = tmp_path / "corpus"
    place.mkdir()
    for number, text in enumerate(TEXTS):
        (place / f"{number}.py").write_bytes(text)
    return place


def ignore_progress(done: int) -> None:
    assert done >= 0


def test_the_tour_has_its_variants_in_order() -> None:
    names = [variant.name for variant in variants.load()]
    assert names == [
        "serial",
        "plain",
        "lock",
        "atomic_int",
        "sharded_counter",
        "stdlib_queue",
        "raddle_queue",
    ]


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("variant", variants.load(), ids=lambda one: one.name)
def test_a_variant_counts_every_file_line_word_and_byte(variant: Variant[Any], workers: int) -> None:
    workers = workers if variant.parallel else 1
    run = Crew(variant, TEXTS, workers).run(ignore_progress)
    expected = independent_totals(TEXTS)
    assert run.seconds > 0
    assert run.cpu_seconds > 0
    if variant.must_be_right or workers == 1:
        assert run.totals == expected
    else:
        assert run.totals.words <= expected.words


@pytest.mark.parametrize("variant", variants.load(), ids=lambda one: one.name)
def test_the_texts_of_a_variant_fit_the_table(variant: Variant[Any]) -> None:
    assert len(variant.title) <= 18
    assert "\n" not in variant.shows


def test_a_new_variant_file_is_picked_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_variant(monkeypatch, tmp_path, NEW_VARIANT.format(order=15, must_be_right=True, lost=0))
    assert main(["demo", "--path", str(corpus), "--json"]) == 0
    names = [one["name"] for one in json.loads(capsys.readouterr().out)["variants"]]
    assert names[:3] == ["serial", "plain", "new"]
    assert len(names) == len(set(names)) == len(variants.load())


def test_a_wrong_result_makes_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_variant(monkeypatch, tmp_path, NEW_VARIANT.format(order=15, must_be_right=True, lost=1))
    assert main(["demo", "--path", str(corpus)]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "a new one WRONG" in shown
    assert "a new one must be right and was WRONG" in shown


def test_a_wrong_result_that_is_allowed_keeps_exit_code_0(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_variant(monkeypatch, tmp_path, NEW_VARIANT.format(order=15, must_be_right=False, lost=1))
    assert main(["demo", "--path", str(corpus)]) == 0
    assert "a new one WRONG" in " ".join(capsys.readouterr().out.split())


def test_every_round_runs_every_variant(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--path", str(corpus), "--rounds", "4", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["rounds"] == 4
    assert [len(one["runs"]) for one in data["variants"]] == [4] * len(variants.load())


def test_a_variant_file_without_a_variant_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    add_variant(monkeypatch, tmp_path, "")
    with pytest.raises(TypeError, match=r"new\.py needs a line VARIANT"):
        variants.load()


class Failing(Variant[list[str]]):
    """One worker fails while the others wait for more lines than there will ever be."""

    order, title, shows = 0, "failing", "fails"

    def make(self) -> list[str]:
        return []

    def count(self, counters: list[str], share: Share) -> None:
        text = b"line\n" * 2000
        if next(iter(share.texts())) == b"fail":
            raise ZeroDivisionError("planted")
        while list(share.lines(text)):
            counters.append("going on")

    def totals(self, counters: list[str]) -> Totals:
        raise AssertionError("a failed run has no totals")


def test_a_failing_worker_ends_the_others_and_is_told() -> None:
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError, match="planted"):
        Crew(Failing(), [b"fail", b"goes on for ever"], 2).run(ignore_progress)
    assert threading.active_count() == before


class FailingHandOver(HandOver):
    """One worker fails at a certain line; more pieces follow than the queue has room for."""

    order, title, shows = 0, "failing", "fails"

    def make_queue(self, maxsize: int) -> PieceQueue:
        return raddle.Queue(2)

    def count(self, desk: Desk, share: Share) -> None:
        super().count(Desk(Planted(desk.queue), desk.counted), share)


class Planted:
    def __init__(self, pieces: PieceQueue) -> None:
        self._pieces = pieces

    def put(self, item: list[bytes] | None, /) -> None:
        self._pieces.put(item)

    def get(self) -> Any:
        piece = self._pieces.get()
        return [None] if piece is not None and b"fail\n" in piece else piece  # None cannot be counted


@pytest.mark.parametrize("workers", [1, 3])
def test_a_worker_that_fails_at_the_queue_leaves_nobody_waiting(workers: int) -> None:
    before = threading.active_count()
    with pytest.raises(TypeError, match="NoneType"):
        Crew(FailingHandOver(), [b"fail\n" + b"line\n" * 1000] * 3, workers).run(ignore_progress)
    assert threading.active_count() == before


HANDED = [one for one in variants.load() if one.handed]


@pytest.mark.parametrize("variant", HANDED, ids=lambda one: str(one.name))
def test_an_interrupted_hand_over_ends_all_its_threads(variant: Variant[Any]) -> None:
    def interrupt(done: int) -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        Crew(variant, [b"one two\n" * 1_000_000], 3).run(interrupt)
    assert threading.active_count() == before


@pytest.mark.parametrize("variant", HANDED, ids=lambda one: str(one.name))
def test_a_hand_over_that_is_given_up_before_it_begins_ends(variant: Variant[Any]) -> None:
    """As when Ctrl-C comes while the threads are being started."""
    (feed, whole), *counts = variant.jobs(TEXTS, 2)
    counters = variant.make()
    whole.stop()
    feed(counters, whole)
    for count, share in counts:
        count(counters, share)
    assert variant.totals(counters) == Totals(0, 0, 0, 0)


@pytest.mark.parametrize("variant", HANDED, ids=lambda one: str(one.name))
def test_a_hand_over_has_one_thread_more_than_workers(variant: Variant[Any]) -> None:
    (_, whole), *counts = variant.jobs(TEXTS, 3)
    assert list(whole.texts()) == TEXTS
    assert [list(share.texts()) for _, share in counts] == [[], [], []]


def test_the_queues_of_the_tour_differ_in_their_class_only() -> None:
    made = {variant.name: type(variant.make().queue) for variant in HANDED}
    assert made == {"stdlib_queue": queue.Queue, "raddle_queue": raddle.Queue}
    for variant in HANDED:
        own = {name for name in vars(type(variant)) if callable(getattr(variant, name))}
        assert own - {"__abstractmethods__"} == {"make_queue"}
        assert variant.make().queue.maxsize == 1000


class Witness(Variant[list[tuple[str, int, bool]]]):
    """Writes down which thread does what, and whether the cyclic collector is on."""

    order, title, shows = 0, "witness", "watches"

    def make(self) -> list[tuple[str, int, bool]]:
        return [("make", threading.get_ident(), gc.isenabled())]

    def count(self, counters: list[tuple[str, int, bool]], share: Share) -> None:
        counters.append(("count", threading.get_ident(), gc.isenabled()))

    def totals(self, counters: list[tuple[str, int, bool]]) -> Totals:
        self.seen = counters
        return Totals(0, 0, 0, 0)


def test_one_worker_makes_its_own_counters() -> None:
    witness = Witness()
    Crew(witness, [], 1).run(ignore_progress)
    (_, maker, _), (_, counter, _) = witness.seen
    assert maker == counter != threading.get_ident()


def test_several_workers_share_counters_of_the_thread_that_started_them() -> None:
    witness = Witness()
    Crew(witness, [], 2).run(ignore_progress)
    assert [what for what, _, _ in witness.seen] == ["make", "count", "count"]
    assert witness.seen[0][1] == threading.get_ident()


def test_no_cyclic_collection_while_workers_are_timed() -> None:
    witness = Witness()
    assert gc.isenabled()
    Crew(witness, [], 2).run(ignore_progress)
    assert [collecting for what, _, collecting in witness.seen if what == "count"] == [False, False]
    assert gc.isenabled()


@pytest.mark.parametrize(
    "variant", [one for one in variants.load() if one.pinned], ids=lambda one: str(one.name)
)
def test_what_says_pinned_is_pinned_by_the_thread_that_makes_it(
    monkeypatch: pytest.MonkeyPatch, variant: Variant[Any]
) -> None:
    pinned = []

    def note(made: object) -> object:
        pinned.append(made)
        return pin(made)

    monkeypatch.setattr(sys.modules[type(variant).__module__], "pin", note)
    counters = variant.make()
    assert len(pinned) == 4
    assert all(mine is other for mine, other in zip(counters, pinned, strict=True))


def test_an_interrupted_watch_ends_the_workers() -> None:
    def interrupt(done: int) -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        Crew(Failing(), [b"on", b"and on"], 2).run(interrupt)
    assert threading.active_count() == before


def test_refused_threads_are_a_plain_message(
    monkeypatch: pytest.MonkeyPatch, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def refuse_the_third(thread: threading.Thread) -> None:
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_the_third)
    assert main(["demo", "--path", str(corpus), "--threads", "4"]) == 2
    assert "Ask for fewer: --threads N" in capsys.readouterr().err
    assert not any(thread.is_alive() for thread in started)
