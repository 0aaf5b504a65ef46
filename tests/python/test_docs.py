"""docs/guarantees.md has a row for every public method, and no row for a method that does not exist."""

import re
from pathlib import Path

import raddle

GUARANTEES = Path(__file__).parents[2] / "docs" / "guarantees.md"
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
    classes = [getattr(raddle, name) for name in raddle.__all__ if isinstance(getattr(raddle, name), type)]
    assert classes
    for cls in classes:
        assert rows_of(cls.__name__) == offered_by(cls), cls.__name__
