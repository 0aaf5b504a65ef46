"""The plot that the benchmarks' samples are drawn in."""

import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from python.harness import registry
from support.benchmarks import literal

ROOT = Path(__file__).resolve().parents[2]


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
