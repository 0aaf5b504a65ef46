"""The README shows what `raddle check` really says of the program beside it."""

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[3] / "README.md"


def test_the_report_in_the_readme_is_the_real_one(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    found = re.search(
        r"```python\n(# bank\.py\n.*?)```\n\n```text\n\$ raddle check bank\.py\n(.*?)```", text, re.DOTALL
    )
    assert found is not None
    (tmp_path / "bank.py").write_text(found[1])
    command = [sys.executable, "-m", "raddle", "check", "bank.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    shown = done.stderr.splitlines()[: len(found[2].splitlines())]
    # Which of the two came first, and whether it went wrong in this run, is for the scheduler to say.
    assert _settled(shown) == _settled(found[2].splitlines())


def _settled(lines: list[str]) -> list[str]:
    text = "\n".join(lines)
    return sorted(re.sub(r"\((can happen, seen|happened,?).*?\)|Thread-\d", "", text).splitlines())
