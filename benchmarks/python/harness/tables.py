"""The tables on the terminal."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .bars import State, Verdict, threads_text
from .model import EMPTY_LOOP, UNROLLED, Answer, Question

# A pipe or a file has no width of its own; this one holds every table without folding.
WIDTH_OF_A_FILE = 160

# Below this share of common running time one thread ran alone for long: the row looks better than it is.
LITTLE_OVERLAP = 0.8


def console() -> Console:
    """Where everything is printed: as wide as the terminal."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=WIDTH_OF_A_FILE)


def question_table(question: Question, answers: Sequence[Answer]) -> Table:
    """One row for each rival, three columns for each number of threads (two without throughputs)."""
    counts = sorted({answer.threads for answer in answers})
    by_row: dict[str, dict[int, Answer]] = {}
    for answer in answers:
        by_row.setdefault(answer.row, {})[answer.threads] = answer
    table = _table(
        f"{question.name}: {question.title}",
        caption=question.caption if question.caption and answers else _caption(answers),
    )
    table.add_column("implementation", overflow="fold")
    table.add_column("code", overflow="fold", style="dim")
    for count in counts:
        unit = question.figure.unit if question.figure else f"ns per {question.unit}"
        table.add_column(f"{threads_text(count)}\n{unit}", justify="right", no_wrap=True)
        table.add_column("\nspread", justify="right", no_wrap=True, style="dim")
        if not question.figure:
            table.add_column("\nM/s in all", justify="right", no_wrap=True)
    for row, measured in by_row.items():
        code = "" if row == EMPTY_LOOP else code_text(next(iter(measured.values())))
        shown = 2 if question.figure else 3
        cells = [cell for count in counts for cell in _cells(measured.get(count))[:shown]]
        table.add_row(Text(row), Text(code), *cells)
    return table


def code_text(answer: Answer) -> str:
    """What the threads call; what a further role does stands below, with the sign for side by side.

    A role that several threads in a row play stands there once.
    """
    first, *others = dict.fromkeys(answer.calls)
    indent = "   " if others else ""
    texts = [
        indent + first.replace("\n", f"\n{indent}"),
        *("|| " + call.replace("\n", "\n   ") for call in others),
    ]
    return "\n".join(texts)


def bars_table(verdicts: Sequence[Verdict]) -> Table:
    """One row for each bar."""
    table = _table("bars: what raddle promises, as ratios or figures (median of the rounds)")
    table.add_column("promise", overflow="fold")
    table.add_column("target", justify="right", no_wrap=True)
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column("spread", justify="right", no_wrap=True, style="dim")
    table.add_column("", overflow="fold")
    for verdict in verdicts:
        bar = verdict.bar
        what, _, limit = bar.kind.partition(" ")
        sign = "<=" if limit == "at most" else ">="
        measured = "" if verdict.ratio is None else f"{verdict.ratio:.2f}"
        spread = "" if verdict.low is None else f"{verdict.low:.2f}..{verdict.high:.2f}"
        target = f"{verdict.unit or what} {sign} {bar.limit:g}"
        table.add_row(Text(bar.name), target, measured, spread, _state(verdict))
    return table


def wrong_lines(answers: Sequence[Answer]) -> list[Text]:
    """A line for every row whose result was wrong."""
    wrong = [answer for answer in answers if answer.wrong]
    return [
        Text(f"WRONG: {it.question}, {it.row} by {threads_text(it.threads)}: {it.wrong}", style="bold red")
        for it in wrong
    ]


def _table(title: str, caption: str = "") -> Table:
    table = Table(title=title, caption=caption, box=box.SIMPLE_HEAD, title_style="bold")
    table.title_justify = table.caption_justify = "left"
    return table


def _cells(answer: Answer | None) -> list[Text]:
    if answer is None:
        return [Text("")] * 3
    if answer.wrong:
        return [Text("WRONG", style="bold red"), Text(""), Text("")]
    scale = answer.figure.scale if answer.figure else 1e9
    low, high = min(answer.values) * scale, max(answer.values) * scale
    mark = "" if answer.overlap >= LITTLE_OVERLAP or answer.figure else "*"
    throughput = "" if answer.figure else f"{answer.calls_per_second / 1e6:.1f}"
    return [
        Text(f"{mark}{answer.seconds_per_call * scale:.1f}"),
        Text(f"{low:.1f}..{high:.1f}"),
        Text(throughput),
    ]


def _state(verdict: Verdict) -> Text:
    style = {State.HELD: "green", State.MISSED: "bold red"}.get(verdict.state, "yellow")
    return Text(verdict.state.value + (f" ({verdict.reason})" if verdict.reason else ""), style=style)


def _caption(answers: Sequence[Answer]) -> str:
    if not answers:
        return "Not asked: it takes more cores than there are here."
    loops = [answer.seconds_per_call for answer in answers if answer.row == EMPTY_LOOP]
    lines = [f"{UNROLLED} calls in a turn of the loop."]
    if loops:
        lines.append(f"The loop alone, {max(loops) * 1e9:.1f} ns, is part of every number.")
    samples = [sample for answer in answers for sample in answer.samples]
    if disturbed := sum(sample.disturbed for sample in samples):
        lines.append(f"Other programs disturbed {disturbed} of {len(samples)} samples.")
    if any(answer.overlap < LITTLE_OVERLAP and not answer.figure for answer in answers):
        lines.append(
            f"* The threads ran together for less than {LITTLE_OVERLAP:.0%} of the time; the number flatters."
        )
    return " ".join(lines)
