"""./dev as a process: its command line; nothing it starts outlives it or works into another's folder."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from dev import console  # noqa: E402  (the line above makes it importable)


def run_dev(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([ROOT / "dev", *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def test_help_names_every_verb_from_any_folder(tmp_path: Path) -> None:
    done = run_dev("help", cwd=tmp_path)
    assert done.returncode == 0
    verbs = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")}
    assert verbs == {"demo", "python", "test", "lint", "tsan", "bench", "build", "setup", "help"}


def test_an_unknown_verb_is_a_usage_error(tmp_path: Path) -> None:
    done = run_dev("tset", cwd=tmp_path)
    assert done.returncode == 2
    assert "no verb 'tset'" in done.stderr


def is_held(lock: Path) -> bool:
    """Whether some process has the lock."""
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.mark.timeout(30)
def test_a_command_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    # The grandchild holds the lock: that it can be had afterwards proves that the grandchild is gone.
    script = f"exec 9>{lock}; flock 9; sleep 600 & sleep 600"
    assert console.run_logged(["bash", "-c", script], tmp_path / "log", timeout=0.5) is None
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


HANGING_VERB = """
import sys
from pathlib import Path
from dev import cli, console

lock, log = sys.argv[1:]
cli.VERBS["hang"] = lambda rest: console.run_logged(["flock", lock, "sleep", "600"], Path(log))
sys.exit(cli.main(["hang"]))
"""


@pytest.mark.timeout(30)
def test_a_terminated_dev_ends_what_it_started(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    command = [sys.executable, "-c", HANGING_VERB, str(lock), str(tmp_path / "log")]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT / "tools")})
    # Not sleeping for a result, only for not burning a core: both loops wait for a state that is looked at.
    while not is_held(lock):
        assert process.poll() is None
        time.sleep(0.05)
    process.terminate()
    assert process.wait() == 128 + signal.SIGTERM
    while is_held(lock):
        time.sleep(0.05)


ORPHANING_STEP = """
import os, sys
from pathlib import Path
from dev import console, lock

console.LOGS = Path(sys.argv[2])
orphan = f"kill -9 {os.getpid()}; while [ ! -e {sys.argv[2]}/go ]; do sleep 0.05; done"
with lock.exclusive(Path(sys.argv[1]), "a test"):
    console.step(["sh", "-c", orphan], "log")
"""


@pytest.mark.timeout(30)
def test_a_killed_build_keeps_its_lock_until_its_last_command_ends(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    command = [sys.executable, "-c", ORPHANING_STEP, str(lock), str(tmp_path)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT / "tools")}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert is_held(lock)
    (tmp_path / "go").write_text("")
    while is_held(lock):
        time.sleep(0.05)
