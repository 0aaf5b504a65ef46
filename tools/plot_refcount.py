#!/usr/bin/env python3
"""Draws what reference counting costs: method calls on one shared object, by one thread and by two.

    ./dev bench atomics --json build/atomics.json
    python tools/plot_refcount.py build/atomics.json        # writes docs/img/refcount.svg

Needs pyperf, which reads the samples, and matplotlib.
"""

# mypy: disable-error-code="import-not-found,import-untyped"

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
import pyperf
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

TARGET = Path(__file__).resolve().parent.parent / "docs" / "img" / "refcount.svg"

WAYS = ("", ", pinned", ", own method")
PANELS = {
    "atomics.get": ("read a number: obj.get()", {"raddle AtomicInt": WAYS}),
    "atomics.increment": (
        "add one: obj.increment(), or what the rival calls it",
        {"raddle AtomicInt": WAYS, "raddle ShardedCounter": WAYS},
    ),
}
RIVALS = {"cereggii AtomicInt64": ("", ", own method"), "ft_utils AtomicInt64": ("", ", own method")}

# The colours of the bars are of middle brightness: they show on white and on black. The ink does not; a style
# sheet in the SVG turns it over where the reader prefers dark pages.
COLOURS = {1: "#6e7f99", 2: "#d9730d"}
INK, INK_ON_DARK = "#1f2328", "#e6edf3"
STYLE_SHEET = f"""\
<style>@media (prefers-color-scheme: dark) {{
  [style*="fill: {INK}"] {{ fill: {INK_ON_DARK} !important; }}
  [style*="stroke: {INK}"] {{ stroke: {INK_ON_DARK} !important; }}
}}</style>
"""
BAR_HEIGHT = 0.38


class PlotError(Exception):
    """Something that the user can mend."""


@dataclass(frozen=True)
class Bars:
    """One line of a panel: nanoseconds per call of every round, by number of threads."""

    label: str
    samples: dict[int, list[float]]


def load(path: Path) -> tuple[dict[str, list[Bars]], dict[str, Any]]:
    """The lines of each panel, and the facts about the run."""
    try:
        suite = pyperf.BenchmarkSuite.load(str(path))
    except OSError as error:
        raise PlotError(f"{path} cannot be read ({error.strerror}). Make it: {how_to_make(path)}") from error
    benchmarks = {bench.get_name(): bench for bench in suite.get_benchmarks()}

    def nanoseconds(question: str, row: str, threads: int) -> list[float]:
        name = f"{question} / {row} / {'1 thread' if threads == 1 else f'{threads} threads'}"
        if name not in benchmarks:
            raise PlotError(f"{path} has no benchmark named '{name}'. Make it anew: {how_to_make(path)}")
        bench = benchmarks[name]
        if "wrong" in bench.get_metadata():
            raise PlotError(f"'{name}' counted wrong in {path}; a time of it means nothing.")
        return [value * 1e9 for value in bench.get_values()]

    panels = {
        question: [
            Bars(
                f"{name}{way}",
                {threads: nanoseconds(question, f"{name}{way}", threads) for threads in COLOURS},
            )
            for name, ways in {**ours, **RIVALS}.items()
            for way in ways
        ]
        for question, (_, ours) in PANELS.items()
    }
    return panels, suite.get_benchmarks()[0].get_metadata()


def how_to_make(path: Path) -> str:
    """The command for the samples."""
    return f"./dev bench atomics --json {path}"


def draw(panels: dict[str, list[Bars]], facts: dict[str, Any], rounds: int) -> Figure:
    """The whole figure."""
    sizes = [len(lines) for lines in panels.values()]
    layout = ConstrainedLayoutEngine(rect=(0, 0.075, 1, 0.86), hspace=0.04)
    figure = Figure(figsize=(8.6, 1.9 + 0.46 * sum(sizes)), layout=layout)
    figure.suptitle(
        "The reference count is the real lock", x=0.012, y=0.985, ha="left", fontsize=14, weight="bold"
    )
    subtitle = "Nanoseconds per call and thread on one shared object; shorter is better"
    figure.text(0.012, 0.945, subtitle, ha="left", va="center", fontsize=10)
    all_axes = figure.subplots(len(panels), 1, height_ratios=sizes, sharex=True, squeeze=False)[:, 0]
    for axes, (question, lines) in zip(all_axes, panels.items(), strict=True):
        draw_panel(axes, PANELS[question][0], lines)
    all_axes[-1].set_xlabel("ns per call and thread (bar: median, whisker: smallest and largest round)")
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="upper right", ncols=len(labels), frameon=False, bbox_to_anchor=(0.99, 0.985)
    )
    figure.text(0.012, 0.008, caption(facts, rounds), ha="left", va="bottom", fontsize=7.5, linespacing=1.4)
    return figure


def draw_panel(axes: Axes, title: str, lines: Sequence[Bars]) -> None:
    """Two bars for each line: one thread above two."""
    axes.set_title(title, loc="left", fontsize=10, weight="bold")
    for threads, colour in COLOURS.items():
        offset = (threads - 1.5) * BAR_HEIGHT
        places = [index + offset for index in range(len(lines))]
        middle = [median(line.samples[threads]) for line in lines]
        low = [value - min(line.samples[threads]) for value, line in zip(middle, lines, strict=True)]
        high = [max(line.samples[threads]) - value for value, line in zip(middle, lines, strict=True)]
        label = "1 thread" if threads == 1 else f"{threads} threads"
        whiskers = {"ecolor": INK, "elinewidth": 0.8, "capsize": 1.5, "capthick": 0.8}
        axes.barh(places, middle, BAR_HEIGHT, color=colour, label=label, xerr=(low, high), error_kw=whiskers)
        for place, value, above in zip(places, middle, high, strict=True):
            axes.annotate(
                f"{value:.0f}",
                (value + above, place),
                (4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
    axes.set_yticks(range(len(lines)), [line.label for line in lines])
    axes.invert_yaxis()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.08, y=0.02)


def caption(facts: dict[str, Any], rounds: int) -> str:
    """Where the numbers come from."""
    interpreter = f"CPython {facts['python_version']}, GIL {facts['gil']}"
    system = facts["platform"].partition("-")[0]
    machine = f"{facts.get('cpu_model_name', 'unknown CPU')}, {facts['cpu_count']} cores, {system}"
    command = "Command: ./dev bench atomics --json FILE && python tools/plot_refcount.py FILE"
    return f"{interpreter}. {machine}.\n{facts['versions']}. {rounds} rounds, {facts['date'][:10]}. {command}"


def write(figure: Figure, path: Path) -> None:
    """Saves as SVG: text stays text, the background stays clear, the same samples give the same file."""
    figure.savefig(path, format="svg", transparent=True, metadata={"Date": None})
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(" <defs>\n", f" {STYLE_SHEET} <defs>\n", 1), encoding="utf-8")


def main(argv: Sequence[str]) -> int:
    """0, or 2 with a message."""
    parser = argparse.ArgumentParser(description="Draws the cost of reference counting as an SVG.")
    parser.add_argument("samples", type=Path, metavar="FILE", help="made by ./dev bench atomics --json FILE")
    parser.add_argument(
        "--output", type=Path, default=TARGET, metavar="SVG", help="default: docs/img/refcount.svg"
    )
    options = parser.parse_args(argv)
    settings: Any = (
        mpl.rcParams
    )  # Its type lists the names of all settings, which a dict of str does not fit.
    settings.update(
        {"svg.fonttype": "none", "svg.hashsalt": "raddle", "font.family": "sans-serif"}
        | dict.fromkeys(
            ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK
        )
    )
    try:
        panels, facts = load(options.samples)
        rounds = len(next(iter(panels.values()))[0].samples[1])
        write(draw(panels, facts, rounds), options.output)
    except PlotError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
