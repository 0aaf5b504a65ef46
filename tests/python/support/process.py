"""Running Python code in a process of its own, so that a crash or a hang is a readable failure."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from . import knobs

TESTS = Path(__file__).resolve().parent.parent


def _outcome(status: int) -> str:
    if status < 0:
        return f"ended by {signal.Signals(-status).name}"
    return f"exit status {status}"


def run(*arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Runs this interpreter with these arguments; its code can import `support`."""
    environment = dict(os.environ)
    paths = [str(TESTS), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    environment["RADDLE_TEST_SEED"] = str(knobs.SEED)
    return subprocess.run(
        [sys.executable, "-P", "-X", "faulthandler", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment,
    )


def check(*arguments: str, timeout: float = 120) -> str:
    """Like run(), but fails unless the program exits 0 and says nothing on stderr. Returns its output."""
    done = run(*arguments, timeout=timeout)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"{_outcome(done.returncode)}\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}")
    return done.stdout


def check_code(code: str, *arguments: str, timeout: float = 120) -> str:
    """check() of a piece of code."""
    return check("-c", code, *arguments, timeout=timeout)


def run_program(name: str, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """run() of a module in support/programs."""
    return run("-m", f"support.programs.{name}", *arguments, timeout=timeout)


def check_program(name: str, *arguments: str, timeout: float = 120) -> str:
    """check() of a module in support/programs."""
    return check("-m", f"support.programs.{name}", *arguments, timeout=timeout)
