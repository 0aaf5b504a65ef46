"""Writes reports to standard output."""

from rich.console import Console, RenderableType


class _PipeConsole(Console):
    """Leaves a closed pipe to the command line; rich itself would exit with 1, which here means "wrong"."""

    def on_broken_pipe(self) -> None:
        raise  # the BrokenPipeError that rich is handling when it calls this


def print_report(report: RenderableType) -> None:
    _PipeConsole(highlight=False, emoji=False, markup=False).print(report)
