"""The benchmarks: everything runs, rivals and questions are found, and the command tells what came out."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import pytest
from python.harness import cli, registry, tables
from python.harness.measure import ask
from python.harness.model import EMPTY_LOOP, Bar, Question, Ref, Row
from support.benchmarks import COUNTING, RIGHT, WRONG, silent

ROOT = Path(__file__).resolve().parents[2]
GROUPS = registry.find_groups()
QUESTIONS = [question for group in GROUPS for question in group.questions]


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
