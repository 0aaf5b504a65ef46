"""`raddle info`: the environment as text and as JSON."""

from dataclasses import asdict

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from raddle.reports.findings import Environment, Pinning

SCHEMA = 1

_PINNING = {
    Pinning.IMMORTAL: "makes an object immortal: its reference count is never written again",
    Pinning.DEFERRED: "defers an object's reference count: threads no longer write it at each use",
    Pinning.NOTHING: "does nothing: under the GIL, threads do not compete for reference counts",
}


def as_json(found: Environment) -> dict[str, object]:
    return {"schema": SCHEMA} | environment_json(found)


def environment_json(found: Environment) -> dict[str, object]:
    return asdict(found) | {"pinning": found.pinning.value}


def as_text(found: Environment) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("raddle", found.raddle)
    table.add_row("Python", f"{found.implementation} {found.python}, {build(found)}")
    table.add_row("Executable", found.executable)
    table.add_row("GIL", _gil(found))
    table.add_row("raddle.pin", _PINNING[found.pinning])
    table.add_row("Cores", f"{found.usable_cores} usable of {found.cores}")
    return table


def build(found: Environment) -> str:
    return "free-threaded build" if found.free_threaded_build else "build with the GIL"


def _gil(found: Environment) -> Text:
    if not found.gil_enabled:
        return Text("off: threads run in parallel")
    if not found.free_threaded_build:
        return Text("on: one thread runs Python code at a time")
    return Text(
        "on, although this build can do without: PYTHON_GIL=1 or -X gil=1 was given, or an extension module "
        "that was imported needs it",
        style="yellow",
    )
