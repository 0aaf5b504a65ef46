"""`raddle check`: the report as text."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from raddle.reports.check_findings import Access, Check, Evidence, Finding, Severity, Side, Stack
from raddle.reports.check_rules import RULES, Rule

_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
_FRAMES = 12  # of a stack: its innermost ones
_LISTED = 4  # names in a line; the others are counted


def as_text(check: Check) -> RenderableType:
    parts: list[RenderableType] = []
    for found in check.findings:
        parts += [*finding_as_text(found, check.folder), Text()]
    return Group(*parts, *_summary(check))


def finding_as_text(found: Finding, folder: str) -> Iterator[Text]:
    rule = RULES[found.rule]
    head = Text()
    head.append(f"{found.severity.value} {found.rule}: {rule.name}", style=_STYLE[found.severity])
    head.append(f"  {found.location}", style="bold")
    head.append(f"  ({_evidence(found)})")
    yield head
    for number, side in enumerate(found.sides):
        words = rule.first if number == 0 else _other(rule, side)
        yield from _side(words.format(side.thread), side, folder)
    if found.guard is not None:
        guard = found.guard
        yield _line("guard", f"{guard.held} of {guard.of} accesses held {guard.lock}; this one did not")
    for side in _distinct(found.sides):
        if side.created:
            yield _line("thread", f"{side.thread} was made {_place(side.created, folder)}")
    if found.process is not None:
        yield _line("process", f"{found.process}, a child of the program")
    yield _line("fix", rule.fix.replace("{lock}", _lock(found, rule)))


def _other(rule: Rule, side: Side) -> str:
    """What the second thread did, in words."""
    only_looked = all(access.kind in ("read", "missed") for access in side.accesses)
    return rule.looked if rule.looked and only_looked else rule.second


def _evidence(found: Finding) -> str:
    times = "" if found.count == 1 else f", {found.count:,} times"
    if found.evidence is Evidence.HAPPENED:
        return f"happened{times}"
    return f"can happen{times and f', seen{times[1:]}'}"


def _side(words: str, side: Side, folder: str) -> Iterator[Text]:
    yield Text(f"  {words}:")
    shown: Access | None = None
    for access in side.accesses:
        if shown is None or access.stack[:-1] != shown.stack[:-1] or access.function != shown.function:
            yield Text(f"    {_path(access.file, folder)}:{access.line} in {access.function}", style="cyan")
        yield from _source(access, repeated=shown is not None and shown.line == access.line)
        shown = access
    if shown is None:
        return
    for access in side.accesses if _holds_differ(side) else side.accesses[-1:]:
        yield Text(f"      {_holds(access, folder, said=_holds_differ(side))}", style="dim")
    yield from _callers(shown.stack, folder)


def _source(access: Access, repeated: bool) -> Iterator[Text]:
    """The line with the access, and a caret line under it."""
    line = access.source.rstrip("\n")
    if not line.strip():
        yield Text(f"      {access.line:>4} | (no source)  {access.kind}")
        return
    indent = len(line) - len(line.lstrip())
    if not repeated:
        yield Text(f"      {access.line:>4} | {line[indent:].expandtabs(4)}")
    end = access.end_column if access.end_line == access.line else len(line)
    before = len(line[indent : access.column].expandtabs(4))
    width = max(1, len(line[access.column : end].expandtabs(4)))
    carets = Text(f"           | {' ' * before}")
    carets.append("^" * width, style="bold")
    carets.append(f" {access.kind}{'' if access.value is None else f': {access.value}'}")
    yield carets


def _holds_differ(side: Side) -> bool:
    return len({access.locks for access in side.accesses}) > 1 or (
        len(side.accesses) > 1 and any(access.locks for access in side.accesses)
    )


def _holds(access: Access, folder: str, said: bool) -> str:
    who = f"at the {access.kind}: " if said else ""
    if not access.locks:
        return f"{who}held no lock"
    return (
        who
        + "held "
        + ", ".join(
            f"{lock.name}, taken {_place(lock.taken, folder)}" if lock.taken else lock.name
            for lock in access.locks
        )
    )


def _callers(stack: Stack, folder: str) -> Iterator[Text]:
    """Who called that; the standard library's frames say nothing about the program."""
    callers = [frame for frame in reversed(stack[:-1]) if not frame.library]
    for frame in callers[:_FRAMES]:
        yield Text(f"      from {_path(frame.file, folder)}:{frame.line} in {frame.function}", style="dim")
    if len(callers) > _FRAMES:
        yield Text(f"      and {len(callers) - _FRAMES} more", style="dim")


def _distinct(sides: tuple[Side, ...]) -> Iterator[Side]:
    seen = set()
    for side in sides:
        if side.thread not in seen:
            seen.add(side.thread)
            yield side


def _lock(found: Finding, rule: Rule) -> str:
    """Which lock to hold: the one most accesses hold, or one that either side holds, or a new one."""
    if found.guard is not None:
        return f"with {found.guard.lock}"
    for side in found.sides:
        for access in side.accesses:
            for lock in access.locks:
                return f"with {lock.name}"
    return "with a raddle.Lock"


def _place(stack: Stack, folder: str) -> str:
    """The innermost place that is the program's own."""
    frame = next((frame for frame in reversed(stack) if not frame.library), stack[-1])
    return f"at {_path(frame.file, folder)}:{frame.line} in {frame.function}"


def _line(word: str, text: str) -> Text:
    line = Text(f"  {word}: ", style="bold")
    line.append(text, style="not bold")
    return line


def _path(file: str, folder: str) -> str:
    """As seen from where the program was run."""
    return file.removeprefix(folder.rstrip("/") + "/")


def _summary(check: Check) -> Iterator[Text]:
    counts = [
        _many(sum(found.severity is severity for found in check.findings), severity.value)
        for severity in Severity
        if severity is Severity.ERROR or any(found.severity is severity for found in check.findings)
    ]
    left_out = [
        f"{number} {word}"
        for number, word in ((check.ignored, "ignored by comments"), (check.accepted, "in the baseline"))
        if number
    ]
    verdict = Text("raddle check: ", style="bold")
    verdict.append(", ".join([*counts, *left_out]), style="bold red" if check.errors else "bold green")
    if check.ended:
        verdict.append(f"; the program {check.ended}")
    yield verdict
    if not check.complete:
        yield Text(
            "The program ended without its last words: counts are those up to the last new finding.",
            style="yellow",
        )
    for error in check.coverage.errors:
        yield Text(f"raddle itself failed: {error}", style="red")
    yield Text(_coverage(check), style="dim")
    rules = sorted({found.rule for found in check.findings})
    if rules:
        yield Text(
            f"raddle check --explain {rules[0]} tells what a rule means and how to mend it.", style="dim"
        )


def _coverage(check: Check) -> str:
    seen = check.coverage
    parts = [f"{_many(len(seen.modules), 'module')} instrumented", _many(seen.threads, "thread")]
    if seen.unseen:
        parts.append("not seen into: " + _some([f"{name} ({why})" for name, why in seen.unseen]))
    if seen.extensions:
        parts.append(f"C extensions, not seen into: {_some(seen.extensions)}")
    if seen.unknown:
        parts.append(f"synchronisation not understood: {_some(seen.unknown)}")
    if seen.evicted:
        parts.append(
            f"{seen.evicted:,} of {seen.locations:,} locations forgotten at the memory limit (--memory)"
        )
    return "Coverage: " + "; ".join(parts) + "."


def _some(names: list[str] | tuple[str, ...]) -> str:
    listed = ", ".join(names[:_LISTED])
    return listed if len(names) <= _LISTED else f"{listed} and {len(names) - _LISTED} more"


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
