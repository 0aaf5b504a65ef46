"""The command line: commands are found, errors become exit codes, nothing prints a traceback."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
import raddle
import raddle.cli
import raddle.reports

FINE = 0


def add_command(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, body: str) -> None:
    """A command file beside the real ones, whose run() has the given body."""
    (folder / f"{name}.py").write_text(
        f'"""A command."""\nHELP = "help of {name}"\ndef prepare(parser): pass\ndef run(args):\n    {body}\n'
    )
    monkeypatch.setattr(raddle.cli, "__path__", [*raddle.cli.__path__, str(folder)])
    monkeypatch.delitem(sys.modules, f"raddle.cli.{name}", raising=False)


def exit_code(arguments: list[str]) -> int:
    """What the process would exit with; argparse itself leaves by SystemExit."""
    try:
        return raddle.cli.main(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--version"]) == FINE
    assert capsys.readouterr().out == f"raddle {raddle.__version__}\n"


def test_help_lists_every_command_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--help"]) == FINE
    shown = capsys.readouterr().out
    assert "demo" in shown
    assert "info" in shown


@pytest.mark.parametrize(
    "arguments",
    [[], ["unknown"], ["info", "--unknown"], ["demo", "--threads", "0"], ["demo", "--rounds", "x"]],
)
def test_wrong_arguments_exit_with_2_and_show_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(arguments) == 2
    assert "usage: raddle" in capsys.readouterr().err


def test_a_new_command_file_is_picked_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_command(monkeypatch, tmp_path, "fresh", "print('fresh ran'); return 7")
    assert exit_code(["fresh"]) == 7
    assert capsys.readouterr().out == "fresh ran\n"


def test_a_command_error_is_its_text_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = "from raddle.cli._errors import CommandError; raise CommandError('type something else')"
    add_command(monkeypatch, tmp_path, "failing", body)
    assert exit_code(["failing"]) == 2
    assert capsys.readouterr().err == "raddle: type something else\n"


def test_ctrl_c_in_a_command_is_exit_code_130(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_command(monkeypatch, tmp_path, "stopping", "raise KeyboardInterrupt")
    assert exit_code(["stopping"]) == 130
    assert capsys.readouterr().err.strip() == "Stopped."


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    add_command(monkeypatch, tmp_path, "buggy", "raise ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        exit_code(["buggy"])


@pytest.mark.parametrize("arguments", [["info"], ["info", "--json"], ["--help"]])
def test_a_reader_that_went_away_is_exit_code_141(arguments: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [sys.executable, "-m", "raddle", *arguments]
        done = subprocess.run(
            command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, env=environment
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_json_file_in_a_missing_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["info", "--json", str(tmp_path / "missing" / "x.json")]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "does not exist. Create it first." in shown.err


def test_a_json_target_that_is_a_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["info", "--json", str(tmp_path)]) == 2
    assert "this is a folder" in capsys.readouterr().err


def test_importing_raddle_imports_no_terminal_output() -> None:
    code = (
        "import sys, raddle\n"
        "extra = [m for m in sys.modules if m.split('.')[0] in ('rich', 'argparse')\n"
        "         or m.startswith(('raddle.cli', 'raddle.demo', 'raddle.reports'))]\n"
        "sys.exit(str(extra) if extra else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_reports_import_only_data_and_rich() -> None:
    allowed = {"raddle.reports", "rich", "collections", "dataclasses", "enum", "statistics", "typing"}
    files = list(Path(raddle.reports.__path__[0]).rglob("*.py"))
    assert len(files) > 3
    for file in files:
        for imported in imports_of(file):
            assert any(imported == name or imported.startswith(name + ".") for name in allowed), (
                file,
                imported,
            )


def imports_of(file: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, f"relative import in {file}"
            found.append(node.module)
    return found
