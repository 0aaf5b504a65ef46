"""`raddle info`: what it says about literal environments, and about this interpreter."""

import json
import os
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path

import pytest
import raddle
from raddle.cli import main
from raddle.cli._environment import environment
from raddle.reports import info
from raddle.reports.findings import Environment, Pinning
from rich.console import Console

FREE = Environment(
    raddle="1.2.3",
    implementation="CPython",
    python="3.13.9",
    executable="/opt/[py]/bin/python",
    free_threaded_build=True,
    gil_enabled=False,
    pinning=Pinning.IMMORTAL,
    usable_cores=3,
    cores=8,
)
KEYS = {
    "schema",
    "raddle",
    "implementation",
    "python",
    "executable",
    "free_threaded_build",
    "gil_enabled",
    "pinning",
    "usable_cores",
    "cores",
}


def text_of(found: Environment) -> list[str]:
    console = Console(width=80, markup=False, highlight=False, emoji=False)
    with console.capture() as capture:
        console.print(info.as_text(found))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_text_of_a_free_threaded_interpreter() -> None:
    assert text_of(FREE) == [
        "raddle      1.2.3",
        "Python      CPython 3.13.9, free-threaded build",
        "Executable  /opt/[py]/bin/python",
        "GIL         off: threads run in parallel",
        "raddle.pin  makes an object immortal: its reference count is never written again",
        "Cores       3 usable of 8",
    ]


def test_text_of_an_interpreter_with_the_gil() -> None:
    shown = text_of(replace(FREE, free_threaded_build=False, gil_enabled=True, pinning=Pinning.NOTHING))
    assert "Python      CPython 3.13.9, build with the GIL" in shown
    assert "GIL         on: one thread runs Python code at a time" in shown
    assert any(line.startswith("raddle.pin  does nothing") for line in shown)


def test_text_when_a_free_threaded_build_has_the_gil_back() -> None:
    shown = " ".join(text_of(replace(FREE, gil_enabled=True)))
    assert "although this build can do without" in shown
    assert "PYTHON_GIL=1" in shown


def test_every_kind_of_pinning_has_a_text() -> None:
    shown = {text_of(replace(FREE, pinning=pinning))[4] for pinning in Pinning}
    assert len(shown) == len(Pinning)


def test_json_has_exactly_the_documented_keys() -> None:
    data = info.as_json(FREE)
    assert set(data) == KEYS
    assert data["schema"] == 1
    assert data["pinning"] == "immortal"
    assert json.loads(json.dumps(data)) == data


def test_this_interpreter() -> None:
    found = environment()
    free = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    assert found.raddle == raddle.__version__
    assert found.executable == sys.executable
    assert found.free_threaded_build == free
    assert (found.pinning is Pinning.NOTHING) == (not free)
    assert found.gil_enabled or free
    assert 1 <= found.usable_cores <= found.cores


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this system cannot bind a process to a core"
)
def test_usable_cores_follow_the_affinity_of_the_process() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert environment().usable_cores == 1
    finally:
        os.sched_setaffinity(0, before)


def test_the_command_prints_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info"]) == 0
    assert f"raddle      {raddle.__version__}" in capsys.readouterr().out


def test_the_command_prints_json_in_place_of_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == KEYS


def test_the_command_writes_json_beside_the_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "info.json"
    assert main(["info", "--json", str(target)]) == 0
    assert set(json.loads(target.read_text(encoding="utf-8"))) == KEYS
    assert "Cores" in capsys.readouterr().out
