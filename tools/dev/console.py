"""Talking to the user and running commands: a line per step, a log for what is long, its end on failure."""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .paths import LOGS, ROOT

Word = str | Path
Command = Sequence[Word]

# Descriptors of the locks that this process holds. The commands of a build inherit them, so that a lock stays
# when this process is killed: nobody starts on a folder while an orphaned compiler still writes into it.
held_locks: list[int] = []

# For programs whose output is parsed.
ENGLISH = {**os.environ, "LC_ALL": "C"}


class DevError(Exception):
    """Something that the user has to know or do; the text is all that is shown."""


def say(text: str) -> None:
    """One line about what happens. On stderr: stdout belongs to the program that the user asked for."""
    sys.stdout.flush()
    print(f"-- {text}", file=sys.stderr, flush=True)


def jobs() -> int:
    """Parallel jobs for builds: the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shown(path: Path) -> str:
    """A path as short as it can be in a message."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def tail(log: Path, lines: int) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def capture(
    command: Command, *, env: Mapping[str, str] | None = None, timeout: float | None = None
) -> str | None:
    """The output of a quick question to another program, None where it cannot answer."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=env,
            timeout=timeout,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def run_logged(
    command: Command,
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    timeout: float | None = None,
    keep_open: Sequence[int] = (),
) -> int | None:
    """Runs a command with its output appended to a log. Returns the exit status, None after the timeout.

    The command gets a process group of its own, so that a timeout or Ctrl-C ends what it started as well.
    `keep_open` are file descriptors that it inherits.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as output:
        output.write(f"$ {shlex.join(map(str, command))}\n")
        output.flush()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            pass_fds=keep_open,
        )
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.returncode is None:
                _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends a process group: gently first, because a package manager should not be shot in the middle."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        # The leader may be gone while others of the group took no notice; it is no error when all are gone.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    except PermissionError:
        # Started through sudo, which only root can end.
        say("waiting for a command of another user to end")
    process.wait()


def step(command: Command, log_name: str, *, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Runs one command of a longer job; when it fails, the end of its log becomes the error."""
    log = LOGS / f"{log_name}.log"
    try:
        status = run_logged(command, log, env=env, cwd=cwd, keep_open=held_locks)
    except FileNotFoundError as error:
        raise DevError(f"the program {error.filename} was not found.") from error
    if status != 0:
        raise DevError(
            f"this command failed (exit status {status}):\n  {shlex.join(map(str, command))}\n"
            f"The end of {shown(log)}:\n\n{tail(log, 40)}"
        )


def new_log(log_name: str) -> Path:
    """Starts a log afresh, for jobs of several steps that append to one file."""
    log = LOGS / f"{log_name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    return log
