"""File locks, so that two ./dev at the same time do not build into each other."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .console import DevError, held_locks, say


@contextmanager
def exclusive(path: Path, what: str) -> Iterator[None]:
    """Holds a file lock; says so when another process has to be waited for."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        problem = f"{path} cannot be written ({error.strerror}): does it belong to another user?"
        raise DevError(problem) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another ./dev that works on {what}")
            fcntl.flock(file, fcntl.LOCK_EX)
        held_locks.append(file.fileno())
        try:
            yield
        finally:
            held_locks.remove(file.fileno())
