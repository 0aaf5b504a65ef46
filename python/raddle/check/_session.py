"""The checker inside the checked program: from before its first line until after its last."""

import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import raddle
from raddle._raddle import checker
from raddle.check import _sync
from raddle.check._writer import Writer

DEFAULT_MEMORY = 512 << 20  # bytes of shadow memory


class Options:
    def __init__(self, log: str, memory: int = DEFAULT_MEMORY, strict: bool = False) -> None:
        self.log = log
        self.memory = memory
        self.strict = strict


class Session:
    """One run. `loader` tells at the end which modules were instrumented and which were not."""

    def __init__(self, options: Options) -> None:
        self._writer = Writer(options.log)
        self._errors: list[str] = []
        self._exit = os._exit
        self._coverage: Callable[[], dict[str, Any]] = dict
        self._process = 0  # of the last call of finish(): it does its work once in each process
        self._writer.write(
            self._signed({"begin": {"raddle": raddle.__version__, "python": sys.version.split()[0]}})
        )
        checker.start(memory=options.memory, strict=options.strict, on_finding=self._found)
        _sync.install(checker)
        os._exit = self._leave

    def tell_coverage(self, coverage: Callable[[], dict[str, Any]]) -> None:
        """`coverage()` gives "modules", "unseen" and "extensions" at the end."""
        self._coverage = coverage

    def finish(self) -> None:
        """Write the final counts. Daemon threads may still run; they are not looked at any more."""
        if self._process == os.getpid():
            return
        self._process = os.getpid()
        coverage = self._coverage() | {"unknown": _sync.unknown()}
        self._writer.write(
            self._signed({"end": checker.finish() | {"coverage": coverage | {"errors": self._errors}}})
        )

    def _found(self, finding: dict[str, Any]) -> None:
        try:
            self._writer.write(self._signed({"finding": finding}))
        except OSError as error:  # a full disk must not end the program
            self._errors.append(f"a finding could not be written: {error}")

    def _signed(self, line: dict[str, Any]) -> dict[str, Any]:
        return line | {"process": os.getpid()}

    def _leave(self, status: int) -> NoReturn:
        self.finish()
        self._exit(status)
