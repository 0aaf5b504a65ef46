"""The tour as text: what was counted, a table, and what it says in words, all from the findings."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from raddle.reports import check as check_report
from raddle.reports.check_findings import Check, Severity
from raddle.reports.findings import Environment, Measurement, Pinning, Totals, Tour
from raddle.reports.info import build

_ALIKE = 0.05  # speeds closer than this to the reference's are called equal: one run is no better than that


def as_text(tour: Tour) -> RenderableType:
    gap = Text()
    return Group(
        *_heading(tour),
        gap,
        _legend(tour),
        _table(tour),
        *_notes(tour),
        gap,
        _summary(tour),
        gap,
        _verdict(tour),
    )


def what_check_says(check: Check) -> RenderableType:
    """The first of the findings in the variant that adds without protection, and how many there are."""
    found = [finding for finding in check.findings if finding.severity is Severity.ERROR]
    shown = replace(check, findings=tuple(found[:1]))
    title = Text("raddle check, which looks into an unmodified program, says of plain +=:", style="bold")
    if not found:
        return Group(Text(), title, check_report.as_text(shown))
    others = f"and {_count(len(found) - 1, 'lost update')} more of the same kind" if found[1:] else ""
    return Group(Text(), title, Text(), *check_report.finding_as_text(found[0], check.folder), Text(others))


def _heading(tour: Tour) -> Iterator[RenderableType]:
    found, counted = tour.environment, tour.expected
    gil = "GIL on" if found.gil_enabled else "GIL off"
    yield Text(
        f"raddle {found.raddle}, {found.implementation} {found.python} ({build(found)}, {gil})", style="bold"
    )
    yield Text(
        f"Counted {_count(counted.files, '.py file')}, {_count(counted.lines, 'line')}, "
        f"{_count(counted.words, 'word')} and {_count(counted.bytes, 'byte')} "
        f"with {_count(tour.threads, 'thread')}. "
        f"Each file, line and word added 1 to a number that all threads share{_exception(tour)}."
    )
    yield Text(f"Folder: {tour.path}", overflow="fold")
    if found.gil_enabled:
        yield Text(_gil_note(found), style="yellow")


def _exception(tour: Tour) -> str:
    handed = [one.title for one in tour.measurements if one.handed]
    return f", but for {_list(handed)}" if handed else ""


def _gil_note(found: Environment) -> str:
    note = "The GIL is on: one thread runs Python code at a time, so more threads cannot make this faster. "
    if found.free_threaded_build:
        return note + "This build can do without it: unset PYTHON_GIL and -X gil, then run the tour again."
    return note + "Run the tour with a free-threaded Python, such as python3.13t, to see the difference."


def _legend(tour: Tour) -> Table:
    return _pairs((one.title, one.shows) for one in tour.measurements)


def _pairs(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    for name, text in rows:
        table.add_row(f"  {name}", text)
    return table


def _table(tour: Tour) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), header_style="bold")
    table.add_column("Variant", no_wrap=True)
    table.add_column("Result", no_wrap=True)
    for heading in ("Words counted", "Updates lost", "Seconds", "Speed"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in tour.measurements:
        table.add_row(
            one.title,
            Text("right", style="green") if tour.is_right(one) else Text("WRONG", style="bold red"),
            f"{tour.worst(one).words:,}",
            _lost(tour, one),
            f"{one.seconds:.2f}",
            f"{tour.speed(one):.2f}x" if tour.comparable else "-",
        )
    return table


def _lost(tour: Tour, one: Measurement) -> str:
    """A byte count that is off tells no number of updates: a sentence below the table tells the bytes."""
    lost = tour.updates_lost(one)
    return f"{lost:,}" if lost or tour.is_right(one) else "-"


def _notes(tour: Tour) -> Iterator[RenderableType]:
    rounds = "Each ran once"
    if tour.rounds > 1:
        rounds = f"Each ran {tour.rounds} times: worst result, median time"
    if tour.comparable:
        yield Text(f"{rounds}. Speed is relative to {tour.reference.title}.")
    else:
        yield Text(f"{rounds}. Too short to compare speeds: name a larger folder with --path DIR")
    if tour.disturbed:
        note = "Other programs kept the cores busy: the times say little. Run the tour again later."
        yield Text(note, style="yellow")
    pinned = [one.title for one in tour.measurements if one.pinned]
    if pinned and tour.environment.pinning is not Pinning.NOTHING:
        yield Text(
            f"Pinned with raddle.pin before sharing: {_list(pinned)}. "
            "Otherwise threads would wait for each other at their reference counts."
        )


def _summary(tour: Tour) -> Table:
    return _pairs((one.title, f"{_result(tour, one)} {_cost(tour, one)}") for one in tour.others)


def _result(tour: Tour, one: Measurement) -> str:
    if not tour.is_right(one):
        lost, updates = tour.updates_lost(one), tour.expected.updates
        share = f"Lost {lost:,} of {updates:,} updates ({_percent(lost, updates)})" if lost else "Wrong"
        return f"{share}: {_off(tour.short_by(one))}."
    if one.must_be_right or one.threads == 1:
        return "Lost nothing."
    return "Lost nothing this time, by luck: nothing promises it."


def _cost(tour: Tour, one: Measurement) -> str:
    if not tour.comparable:
        return ""
    speed, other = tour.speed(one), tour.reference.title
    if abs(speed - 1) < _ALIKE:
        return f"About as fast as {other}."
    if speed > 1:
        return f"{speed:.1f} times as fast as {other}."
    return f"Took {1 / speed:.1f} times as long as {other}."


def _verdict(tour: Tour) -> Text:
    if tour.broken:
        broken = _list([one.title for one in tour.broken])
        return Text(
            f"{broken} must be right and was WRONG. This is a bug in raddle or in the interpreter: "
            "please report it with the output of raddle info.",
            style="bold red",
        )
    if not tour.comparable:
        return Text("Everything that must be right was right.", style="bold")
    quick = [one for one in tour.others if one.must_be_right and tour.speed(one) >= 1 + _ALIKE]
    if not quick:
        text = f"Nothing that is always right was faster than {tour.reference.title} in this run."
        return Text(text, style="bold")
    quick.sort(key=tour.speed, reverse=True)
    names = _list([one.title for one in quick])
    return Text(f"Always right, and faster than {tour.reference.title}: {names}.", style="bold")


def _off(short: Totals) -> str:
    """What is missing, or too much, in each number that is off; not every wrong number is a lost update."""
    few = [_count(missing, unit.rstrip("s")) for unit, missing in asdict(short).items() if missing > 0]
    many = [_count(-missing, unit.rstrip("s")) for unit, missing in asdict(short).items() if missing < 0]
    return "; ".join(f"{_list(part)} too {which}" for part, which in ((few, "few"), (many, "many")) if part)


def _percent(part: int, whole: int) -> str:
    return "under 0.1 %" if part < whole / 1000 else f"{100 * part / whole:.1f} %"


def _count(number: int, unit: str) -> str:
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"


def _list(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
