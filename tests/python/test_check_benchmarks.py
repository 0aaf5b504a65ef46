"""The benchmarks of `raddle check`: a tool that changes results, fails or hangs is found out."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from python._check_rows import MEAN, SLOWDOWN, TIME, WORST, tool_rows
from python._programs import PLAIN, WORKLOADS, Tool
from python.harness.model import Answer, Row

from python import _check_rows, _programs, check

SIZE = 0.0005
QUESTIONS = {question.name: question for question in check.QUESTIONS}


def by_code(name: str, code: str, share: float = 1.0) -> Tool:
    """A tool that is a piece of code; it finds the workload's file in `script`."""
    head = "import runpy, sys, time\nscript = sys.argv[1]\nsys.path.insert(0, script.rpartition('/')[0])\n"
    return Tool(name, (sys.executable, "-c", head + code), share)


HONEST = by_code("honest", "runpy.run_path(script)")
LIAR = by_code("liar", 'print(\'{"result": "7", "seconds": 1, "peak": 1}\')')
SILENT = by_code("silent", "pass")
FAILING = by_code("failing", "runpy.run_path(script)\nsys.exit('reported something')")


@pytest.fixture(autouse=True)
def _two_workloads(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (_programs, _check_rows):
        monkeypatch.setattr(module, "WORKLOADS", ("counters", "life"))
        if hasattr(module, "RUNS"):
            monkeypatch.setattr(module, "RUNS", _programs.Runs())


def asked(question: str, rows: Sequence[Row], rounds: int = 2) -> dict[str, Answer]:
    own = QUESTIONS[question].own
    assert own is not None
    chosen = [row for row in rows if row.question == question]
    return {answer.row: answer for answer in own(chosen, rounds, SIZE, lambda text: None)}


def test_there_are_enough_workloads_and_half_of_them_are_dense() -> None:
    dense = [name for name in WORKLOADS if '"""Dense' in (_programs.FOLDER / f"{name}.py").read_text()]
    assert len(WORKLOADS) >= 12
    assert 2 * len(dense) >= len(WORKLOADS)


def test_times_and_ratios_belong_to_the_same_runs() -> None:
    rows = [*tool_rows(PLAIN), *tool_rows(HONEST)]
    times, ratios = asked(TIME, rows), asked(SLOWDOWN, rows)
    assert list(times) == ["plain, counters", "honest, counters", "plain, life", "honest, life"]
    assert list(ratios) == ["honest, counters", "honest, life", f"honest, {MEAN}", f"honest, {WORST}"]
    both = []
    for name in ("counters", "life"):
        pairs = zip(times[f"honest, {name}"].values, times[f"plain, {name}"].values, strict=True)
        both.append([ours / plain for ours, plain in pairs])
        assert ratios[f"honest, {name}"].values == pytest.approx(both[-1])
    rounds = list(zip(*both, strict=True))
    assert ratios[f"honest, {WORST}"].values == pytest.approx([max(it) for it in rounds])
    assert ratios[f"honest, {MEAN}"].values == pytest.approx([(it[0] * it[1]) ** 0.5 for it in rounds])
    assert not any(answer.wrong for answer in [*times.values(), *ratios.values()])


@pytest.mark.parametrize(
    ("tool", "message"),
    [(LIAR, "found 7"), (SILENT, "exit status 0, nothing"), (FAILING, "exit status 1, reported something")],
)
def test_a_tool_that_does_wrong_is_told(tool: Tool, message: str) -> None:
    answers = asked(SLOWDOWN, tool_rows(tool), rounds=1)
    assert len(answers) == 4
    assert all(message in answer.wrong for answer in answers.values())


def test_a_tool_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_programs, "LIMIT", 0.5)
    run = _programs.run(by_code("hanging", "time.sleep(60)"), "life", SIZE)
    assert run.wrong == "given up after 0 s"


def test_a_slow_rival_runs_once_and_is_left_out_where_it_fails() -> None:
    code = "assert 'life' not in script, 'planted'\nrunpy.run_path(script)"
    rows = tool_rows(by_code("slow", code, share=0.5))
    assert asked(TIME, rows) == {}
    answers = asked(SLOWDOWN, rows, rounds=3)
    assert list(answers) == ["slow, counters", f"slow, {MEAN}", f"slow, {WORST}"]
    assert len(set(answers["slow, counters"].values)) == 1
    assert "0.5 of the work" in answers["slow, counters"].calls[0]
    assert "not among them: life: exit status 1, AssertionError: planted" in answers[f"slow, {MEAN}"].calls[0]
