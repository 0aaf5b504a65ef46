"""Every example runs, and every public class has one."""

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
    texts = "\n".join(path.read_text() for path in EXAMPLES.glob("*.py"))
    assert [name for name in raddle.__all__ if f"{name}(" not in texts and f"{name}[" not in texts] == []
