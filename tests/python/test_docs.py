"""The documents: a row for every public method and for none that does not exist, and code that runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import raddle
from support.surface import CLASSES

ROOT = Path(__file__).parents[2]
GUARANTEES = ROOT / "docs" / "guarantees.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# What every Python object has, or what the interpreter calls for an operator that has a row of its own.
OPERATORS = {
    "__iadd__": "+=",
    "__isub__": "-=",
    "__iand__": "&=",
    "__ior__": "|=",
    "__ixor__": "^=",
    "__int__": "int()",
    "__index__": "index()",
    "__float__": "float()",
    "__bool__": "bool()",
    "__lt__": "comparisons",
    "__eq__": "comparisons",
    "__repr__": "repr()",
    "__format__": "format()",
    "__iter__": "iteration",
    "__call__": "call",
    "__len__": "len()",
    "__contains__": "in",
    "__getitem__": "[]",
    "__new__": "constructor",
}


def rows_of(class_name: str) -> set[str]:
    """The names in the first column of the table under a class's heading."""
    text = GUARANTEES.read_text()
    section = re.search(rf"^## {class_name}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"docs/guarantees.md has no section {class_name}"
    first_columns = re.findall(r"^\| ((?:[^|\\]|\\.)+) \|", section[1], re.MULTILINE)
    return {name.replace("\\", "") for column in first_columns for name in re.findall(r"`([^`]+)`", column)}


def offered_by(cls: type) -> set[str]:
    methods = {name for name in vars(cls) if not name.startswith("_")}
    return methods | {shown for name, shown in OPERATORS.items() if name in vars(cls)}


def test_every_method_has_a_row() -> None:
    """A subclass has rows for its own methods, and for those inherited ones that it does otherwise."""
    for cls in CLASSES:
        inherited = {name for base in cls.__mro__[1:-1] for name in offered_by(base)}
        assert rows_of(cls.__name__) >= offered_by(cls), cls.__name__
        assert rows_of(cls.__name__) <= offered_by(cls) | inherited, cls.__name__


def test_every_exception_has_a_row() -> None:
    classes = [name for name in raddle.__all__ if isinstance(getattr(raddle, name), type)]
    exceptions = {name for name in classes if issubclass(getattr(raddle, name), Exception)}
    assert exceptions
    assert rows_of("Exceptions") >= exceptions


def python_blocks(page: Path) -> str:
    """A page's Python code in one piece, in which each line stands where it stands on the page."""
    lines, inside = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            inside = line == "```python"
            line = ""
        lines.append(line if inside else "")
    return "\n".join(lines).rstrip() + "\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.stem))
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    """From top to bottom, as one program: a block may use what the blocks above it have defined."""
    program = tmp_path / f"{page.stem}.md.py"
    program.write_text(python_blocks(page), encoding="utf-8")
    command = [sys.executable, "-W", "error", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_code_is_found_on_the_pages() -> None:
    assert "from raddle import" in python_blocks(ROOT / "README.md")
    assert "put_many" in python_blocks(ROOT / "docs" / "queues.md")
