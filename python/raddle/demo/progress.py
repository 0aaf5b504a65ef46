"""The bar that shows how far the tour is. It goes to standard error, and only if that is a terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress


class Progress:
    """Redrawn only by `advance`: a drawing thread of its own would take time from the workers it shows."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        # FORCE_COLOR makes rich take a pipe for a terminal, so the file itself is asked.
        moving = console.file.isatty() and not console.is_dumb_terminal
        self._bar = RichProgress(
            TextColumn("{task.description:<30}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=console,
            auto_refresh=False,
            transient=True,
            disable=not moving,
        )
        self._task = self._bar.add_task("reading", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._bar.stop()

    def start(self, title: str, number: int, rounds: int, total: int) -> None:
        self._bar.reset(self._task, total=total, description=f"Round {number}/{rounds}, {title}")
        self._bar.refresh()

    def advance(self, done: int) -> None:
        self._bar.update(self._task, completed=done, refresh=True)
