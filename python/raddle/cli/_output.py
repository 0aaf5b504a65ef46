"""Writes reports: to standard output, standard error or a file."""

from typing import IO

from rich.console import Console, RenderableType


class _PipeConsole(Console):
    """Leaves a closed pipe to the command line; rich itself would exit with 1, which here means "wrong"."""

    def on_broken_pipe(self) -> None:
        raise  # the BrokenPipeError that rich is handling when it calls this


def print_report(report: RenderableType, file: IO[str] | None = None) -> None:
    """`file`: where to; None is standard output. Lines are wrapped for a terminal only."""
    console = _PipeConsole(highlight=False, emoji=False, markup=False, file=file)
    console.print(report, soft_wrap=file is not None and not console.is_terminal)
