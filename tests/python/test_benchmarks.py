"""The benchmark harness: everything runs, a wrong count is found, bars are judged right."""

import gc
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from python.harness import cli, cores, measure, registry, tables  # noqa: E402
from python.harness.bars import State, judge  # noqa: E402
from python.harness.figures import median_of_notes  # noqa: E402
from python.harness.loops import compiled, source  # noqa: E402
from python.harness.measure import Plan, ask, calibrate  # noqa: E402
from python.harness.model import (  # noqa: E402
    EMPTY_LOOP,
    Answer,
    Bar,
    Figure,
    Finish,
    Question,
    Ref,
    Role,
    Row,
    Sample,
)
from python.harness.sample import Subject, take  # noqa: E402

GROUPS = registry.find_groups()
QUESTIONS = [question for group in GROUPS for question in group.questions]
needs_affinity = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this system has no affinity"
)


class Counter:
    """Counts in steps; not thread-safe, which one thread does not notice."""

    def __init__(self, step: int = 1) -> None:
        self.value = 0
        self.step = step

    def increment(self) -> None:
        self.value += self.step

    def get(self) -> int:
        return self.value


def counted(finish: Finish) -> tuple[object, object]:
    return finish.calls, finish.value


COUNTING = Question("test.increment", "add one", counted)
RIGHT = Row(COUNTING.name, "right", Counter, "obj.increment()")
WRONG = Row(COUNTING.name, "wrong", lambda: Counter(2), "obj.increment()")
LAST = Question("test.last", "what the threads bring back", lambda finish: ("", list(finish.last)))


def subject(row: Row, question: Question = COUNTING) -> Subject:
    return Subject(question, row, compiled(row))


def last_of(expression: str, threads: int) -> str:
    """What the threads of a sample find when their clocks have stopped, as the text of a wrong result."""
    row = Row(LAST.name, "looks", object, "pass", read=id, after=f"last = {expression}")
    return take(subject(row, LAST), cores.usable()[:threads], 1).wrong


def silent(text: str) -> None:
    """Progress that nobody wants to see."""


def literal(row: str, threads: int, times: Sequence[float], wrong: str = "") -> Answer:
    """An answer of a thousand calls per sample, from nanoseconds per call."""
    samples = [Sample(threads, 1000, time * 1e-6, time * 1e-6, 1.0, wrong=wrong) for time in times]
    return Answer("q", row, ["call"], threads, samples)


# The rows that there are.


@pytest.mark.slow_under_tsan
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_row_counts_right(question: Question) -> None:
    rows = [row for row in registry.find_rivals().rows if row.question == question.name]
    # A rival that runs programs may fail at some, and takes minutes.
    rows = [row for row in rows if not (question.own and row.name.startswith("pyvft"))]
    answers = ask(question, rows, cli.SMOKE, silent)
    assert [str(line) for line in tables.wrong_lines(answers)] == []
    counts = [len(placed) for placed in cli.SMOKE.placements(question)]
    empty = [] if question.figure else [EMPTY_LOOP]
    expected = {(row, threads) for row in [*empty, *(row.name for row in rows)] for threads in counts}
    assert {(answer.row, answer.threads) for answer in answers} == expected


def test_raddle_and_the_standard_library_answer_every_question() -> None:
    rivals = registry.find_rivals()
    assert "raddle" not in rivals.absent
    for name in ("raddle", "stdlib"):
        asked = {row.question for row in registry.find_rivals([name]).rows}
        assert asked <= {question.name for question in QUESTIONS}
    assert {row.question for row in rivals.rows} == {question.name for question in QUESTIONS}


def test_rows_have_names_of_their_own() -> None:
    names = [(row.question, row.name) for row in registry.find_rivals().rows]
    assert len(names) == len(set(names))


def test_bars_speak_of_rows_that_exist() -> None:
    rivals = registry.find_rivals()
    known = {(row.question, row.name) for row in rivals.rows}
    refs = [ref for group in GROUPS for bar in group.bars for ref in bar.refs]
    unknown = {(ref.question, ref.row) for ref in refs if (ref.question, ref.row) not in known}
    assert {row for _, row in unknown if row.split()[0] not in rivals.absent} == set()


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


# The command.


def plant(monkeypatch: pytest.MonkeyPatch, rows: Sequence[Row], bars: Sequence[Bar] = ()) -> None:
    group = registry.Group("test", [COUNTING], bars)
    monkeypatch.setattr(cli, "find_groups", lambda: [group])
    monkeypatch.setattr(cli, "find_rivals", lambda: registry.Rivals(list(rows), {}, ["somebody"]))


def test_a_wrong_result_is_shown_and_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(monkeypatch, [RIGHT, WRONG])
    assert cli.main(["--smoke"]) == 1
    output = capsys.readouterr().out
    assert "WRONG: test.increment, wrong by 1 thread: expected " in output
    assert "WRONG: test.increment, right by 1 thread" not in output


def test_right_results_are_exit_code_0_and_the_absent_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(monkeypatch, [])
    assert cli.main(["--smoke"]) == 0
    output = capsys.readouterr().out
    assert "absent: somebody is not installed" in output
    assert EMPTY_LOOP in output


@pytest.mark.parametrize(("words", "status"), [([], 0), (["--check"], 1)])
def test_a_missed_bar_fails_only_a_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], status: int
) -> None:
    impossible = Ref(COUNTING.name, EMPTY_LOOP, 1)
    gil = cli.gil_enabled()
    plant(monkeypatch, [], [Bar("impossible", impossible, impossible, "time at most", 0.0, gil=gil)])
    assert cli.main(["--smoke", *words]) == status
    assert "MISSED" in capsys.readouterr().out


def test_a_question_may_be_asked_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--list", "atomics.flip"]) == 0
    assert capsys.readouterr().out == "atomics.flip: turn a shared flag over\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nonsense"], "There is no group or question named nonsense. There are: atomics, "),
        (["--json", "no/such/folder/x.json"], "The folder of no/such/folder/x.json does not exist"),
    ],
)
def test_requests_that_make_no_sense(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("text", ["4", "0", "-1", "many"])
def test_too_few_rounds_are_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["--rounds", text])
    assert f"a median needs at least 5 rounds, not {text}" in capsys.readouterr().err


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], None]:
    """Adds one file to the benchmarks for the time of a test."""

    def add(package: str, name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text)
        module = import_module(package)
        monkeypatch.setattr(module, "__path__", [*module.__path__, str(tmp_path)])
        monkeypatch.delitem(sys.modules, f"{package}.{name}", raising=False)

    return add


def test_a_rival_is_one_file(added: Callable[[str, str, str], None]) -> None:
    text = "from ..harness.model import Row\nROWS = [Row('atomics.increment', 'theirs', int, 'pass')]\n"
    added("python.adapters", "nobodys_package", text)
    assert [row.name for row in registry.find_rivals(["nobodys_package"]).rows] == ["theirs"]


def test_a_question_group_is_one_file(added: Callable[[str, str, str], None]) -> None:
    text = "from .harness.model import Group\nGROUP = Group('nobodys', [], [])\n"
    added("python", "nobodys_group", text)
    assert {group.name for group in registry.find_groups()} == {
        "atomics",
        "check",
        "locks",
        "nobodys",
        "queues",
    }


def test_a_rival_that_is_not_installed_is_absent(added: Callable[[str, str, str], None]) -> None:
    added("python.adapters", "nobodys_package", "import nobodys_package\n")
    rivals = registry.find_rivals(["nobodys_package", "stdlib"])
    assert rivals.absent == ["nobodys_package"]
    assert {row.name for row in rivals.rows} == {row.name for row in registry.find_rivals(["stdlib"]).rows}


def test_a_rival_that_lacks_something_else_is_an_error(added: Callable[[str, str, str], None]) -> None:
    added("python.adapters", "nobodys_package", "import something_else\n")
    with pytest.raises(ModuleNotFoundError, match="something_else"):
        registry.find_rivals(["nobodys_package"])


@pytest.mark.slow_under_tsan
def test_the_program_writes_samples_that_pyperf_reads(tmp_path: Path) -> None:
    pyperf = pytest.importorskip(
        "pyperf", reason="the dependency group 'bench', for ./dev bench, is not installed"
    )
    file = tmp_path / "samples.json"
    command = [
        sys.executable,
        str(ROOT / "benchmarks/python"),
        "atomics.flip",
        "--smoke",
        "--json",
        str(file),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(file.read_text())["version"]
    suite = pyperf.BenchmarkSuite.load(str(file))
    one = suite.get_benchmark("atomics.flip / raddle AtomicBool / 1 thread")
    assert one.get_nvalue() == 1
    assert one.get_metadata()["code"] == "obj.flip()"
    assert "cpu_count" in one.get_metadata()


# The plot.


@pytest.fixture
def plot() -> Any:
    """tools/plot_refcount.py."""
    for package in ("matplotlib", "pyperf"):
        pytest.importorskip(package, reason="the dependency group 'bench', for ./dev bench, is not installed")
    spec = spec_from_file_location("plot_refcount", ROOT / "tools/plot_refcount.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def rows_of(plot: Any) -> list[tuple[str, str]]:
    """The rows that the plot shows."""
    return [
        (question, name + way)
        for question, (_, ours) in plot.PANELS.items()
        for name, ways in {**ours, **plot.RIVALS}.items()
        for way in ways
    ]


def test_the_plot_shows_rows_that_exist(plot: Any) -> None:
    rivals = registry.find_rivals()
    known = {(row.question, row.name) for row in rivals.rows}
    wanted = {row for row in rows_of(plot) if row[1].split()[0] not in rivals.absent}
    assert wanted <= known


def test_the_plot_is_drawn_from_samples(plot: Any, tmp_path: Path) -> None:
    from python.harness.export import write

    literals = [literal(row, threads, [30, 20, 40]) for _, row in rows_of(plot) for threads in (1, 2)]
    questions = [question for question, _ in rows_of(plot) for _ in (1, 2)]
    answers = [
        replace(answer, question=question) for answer, question in zip(literals, questions, strict=True)
    ]
    samples, drawing = tmp_path / "samples.json", tmp_path / "plot.svg"
    write(samples, answers, {"raddle": "1.2.3"})
    assert plot.main([str(samples), "--output", str(drawing)]) == 0
    text = drawing.read_text()
    assert "raddle ShardedCounter, own method" in text
    assert "raddle 1.2.3" in text
    assert "prefers-color-scheme: dark" in text


def test_the_plot_says_what_is_missing(plot: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from python.harness.export import write

    samples = tmp_path / "samples.json"
    assert plot.main([str(samples)]) == 2
    assert f"{samples} cannot be read" in capsys.readouterr().err
    write(samples, [literal("ours", 1, [1])], {})
    assert plot.main([str(samples)]) == 2
    assert "has no benchmark named 'atomics.get / raddle AtomicInt / 1 thread'" in capsys.readouterr().err
