"""The tour in a process of its own: what reaches a terminal or a pipe, and Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="terminals of this system cannot be imitated")

# Says when the imports are over. Before that Ctrl-C is the interpreter's own business: if it interrupts code
# that a module gave to exec, CPython ends itself by the signal (which shells report as 130 as well).
# A process that was started in the background may ignore SIGINT, so the usual handler is set.
STARTER = """
import signal, sys
import raddle.cli._output, raddle.demo.progress, raddle.demo.tour, raddle.reports.tour_json
from raddle.cli import main
from raddle.demo import variants
loaded = variants.load()
first = sys.argv.pop(1)
loaded.sort(key=lambda one: one.name != first)
variants.load = lambda: loaded
signal.signal(signal.SIGINT, signal.default_int_handler)
print("ready", flush=True)
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text("one two\n" * 500)
    (tmp_path / "b.py").write_text("three\n" * 500)
    return tmp_path


def environment(**changes: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return plain | {"TERM": "xterm-256color", "COLUMNS": "80"} | changes


def on_a_terminal(arguments: list[str], **changes: str) -> str:
    """Everything the command writes to a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "raddle", *arguments]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(**changes)
    ) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux says EIO when the last writer has closed the terminal
                break
            if not chunk:
                break
            written += chunk
        os.close(ours)
        assert process.wait(60) == 0
    return written.decode()


def test_a_pipe_gets_no_progress_and_no_escapes(corpus: Path) -> None:
    command = [sys.executable, "-m", "raddle", "demo", "--path", str(corpus)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=environment(), encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "Words counted" in done.stdout
    assert "error RD101: lost update  Numbers." in done.stdout.rpartition("raddle check, which looks")[2]


def test_a_pipe_gets_no_progress_even_when_colour_is_forced(corpus: Path) -> None:
    command = [sys.executable, "-m", "raddle", "demo", "--path", str(corpus)]
    done = subprocess.run(command, capture_output=True, timeout=60, env=environment(FORCE_COLOR="1"))
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_shows_progress_and_colour(corpus: Path) -> None:
    shown = on_a_terminal(["demo", "--path", str(corpus)])
    progress, _, table = shown.partition("Words counted")
    assert "━" in progress
    assert "\x1b[32mright" in table


def test_no_color_is_obeyed(corpus: Path) -> None:
    shown = on_a_terminal(["demo", "--path", str(corpus)], NO_COLOR="1")
    assert "right" in shown
    assert "\x1b[32m" not in shown
    assert "\x1b[38;" not in shown


def test_a_dumb_terminal_gets_plain_text(corpus: Path) -> None:
    shown = on_a_terminal(["demo", "--path", str(corpus)], TERM="dumb")
    assert "Words counted" in shown
    assert "\x1b" not in shown


def test_an_ascii_terminal_gets_ascii(corpus: Path) -> None:
    shown = on_a_terminal(["demo", "--path", str(corpus)], PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert "Words counted" in shown
    assert shown.isascii()


def test_json_on_standard_output_is_nothing_but_json(corpus: Path) -> None:
    command = [sys.executable, "-m", "raddle", "demo", "--path", str(corpus), "--threads", "3", "--json", "-"]
    done = subprocess.run(command, capture_output=True, timeout=60, env=environment())
    assert (done.returncode, done.stderr) == (0, b"")
    data = json.loads(done.stdout)
    assert data["threads"] == 3
    assert data["path"] == str(corpus.resolve())
    assert data["variants"][0]["totals"] == {"files": 2, "lines": 1000, "words": 1500, "bytes": 7000}


def test_a_name_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    strange = os.fsencode(tmp_path) + b"/\xff[red]\xc3\xa9"
    os.mkdir(strange)
    (Path(os.fsdecode(strange)) / "a.py").write_text("x = 1\n")
    command = [sys.executable, "-m", "raddle", "demo", "--path", os.fsdecode(strange)]
    done = subprocess.run(command, capture_output=True, timeout=60, env=environment(PYTHONIOENCODING="ascii"))
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\udcff[red]\\xe9" in done.stdout.replace(b"\n", b"")


@pytest.mark.slow_under_tsan
@pytest.mark.parametrize(
    ("first", "delay"),
    [("serial", 0.0), ("serial", 0.3), ("serial", 0.9), ("stdlib_queue", 0.3), ("raddle_queue", 0.3)],
)
def test_ctrl_c_ends_the_tour_at_once(tmp_path: Path, first: str, delay: float) -> None:
    # One big file: the workers have to notice in the middle of it.
    (tmp_path / "big.py").write_text("some words that are to be counted\n" * 1_000_000)
    command = [sys.executable, "-c", STARTER, first, "demo", "--path", str(tmp_path), "--threads", "3"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay)  # not to wait for anything: another moment of the tour each time
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        out, errors = process.communicate(timeout=60)
        elapsed = time.monotonic() - start
    assert (process.returncode, out, errors.strip()) == (130, "", "Stopped.")
    assert elapsed < 2
