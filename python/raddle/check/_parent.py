"""The command's side of `raddle check`: runs the program in an interpreter of its own, reads the finds."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from raddle.check._start import START

if TYPE_CHECKING:
    from raddle.reports.check_findings import Check

_FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH)


class Ended:
    """How the program ended; `status` as subprocess has it: negative for a signal."""

    def __init__(self, status: int) -> None:
        self.status = status

    def words(self) -> str:
        if self.status == 0:
            return ""
        if self.status < 0:
            return f"was ended by {signal.Signals(-self.status).name}"
        return f"ended with exit code {self.status}"

    def leave(self) -> int:
        """The exit code of the program; ends this process by the signal that ended the program."""
        if self.status < 0:
            number = -self.status
            with contextlib.suppress(OSError, ValueError):  # SIGKILL has no handler to take away
                signal.signal(number, signal.SIG_DFL)
            if number in (
                signal.SIGSEGV,
                signal.SIGABRT,
                signal.SIGBUS,
                signal.SIGFPE,
                signal.SIGILL,
                signal.SIGQUIT,
            ):
                _no_core_dump()  # the program has left its own
            sys.stdout.flush()
            os.kill(os.getpid(), number)
        return self.status if self.status >= 0 else 128 - self.status


def run(
    program: Sequence[str],
    *,
    module: bool = False,
    strict: bool = False,
    memory: int | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    baseline: Path | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> tuple[Check, Ended]:
    """Run the program to its end. Ctrl-C reaches it by itself; this process waits what it makes of that.

    `meanwhile` is called when the program has been started: the time until it ends costs nothing.
    """
    with tempfile.TemporaryDirectory(prefix="raddle-check-") as folder:
        log = Path(folder) / "log"
        log.touch()
        command = [sys.executable, *_interpreter_flags(), *START, f"--log={log}"]
        command += ["--strict"] if strict else []
        command += [f"--memory={memory}"] if memory is not None else []
        command += [f"--include={pattern}" for pattern in include]
        command += [f"--exclude={pattern}" for pattern in exclude]
        command += ["-m"] if module else []
        ended = _wait_for(subprocess.Popen([*command, "--", *program]), meanwhile)
        from dataclasses import replace

        from raddle.check import _baseline, _log, _source

        check = _log.read(log, " ".join(program), _source.line)
    check = replace(check, ended=ended.words())
    kept = tuple(found for found in check.findings if not _source.ignores(found))
    check = replace(check, findings=kept, ignored=len(check.findings) - len(kept))
    return (check if baseline is None else _baseline.apply(check, baseline)), ended


def _interpreter_flags() -> list[str]:
    """-O, -X dev and so on, as this interpreter was started with."""
    return subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined,no-any-return]


def _wait_for(child: subprocess.Popen[bytes], meanwhile: Callable[[], object]) -> Ended:
    with _signals_go_to(child):
        meanwhile()
        return Ended(child.wait())


@contextlib.contextmanager
def _signals_go_to(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ctrl-C and Ctrl-\\ come to all processes of a terminal; what came to this one alone is handed on."""

    def hand_on(number: int, frame: object) -> None:
        child.send_signal(number)

    before = {number: signal.signal(number, hand_on) for number in _FORWARDED}
    before |= {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def _no_core_dump() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
