"""Every example runs, and everything public has one."""

import subprocess
import sys
from pathlib import Path

import pytest
import raddle

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_example_runs(example: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip(), "an example shows something"
    assert not result.stderr


def test_every_public_name_has_an_example() -> None:
    """Exceptions aside, which docs/guarantees.md lists."""
    texts = "\n".join(path.read_text() for path in EXAMPLES.glob("*.py"))
    names = [name for name in raddle.__all__ if not _is_exception(getattr(raddle, name))]
    assert len(names) < len(raddle.__all__)
    assert [name for name in names if f"{name}(" not in texts and f"{name}[" not in texts] == []


def test_no_example_hides_a_module() -> None:
    """The folder of a program is the first place where it looks for what it imports."""
    names = {path.stem for path in EXAMPLES.glob("*.py")}
    assert names.isdisjoint(sys.stdlib_module_names)


def _is_exception(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, Exception)
