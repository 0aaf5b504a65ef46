"""What the tour counts: the .py files below a folder, read once so that no variant waits for a disk.

They are kept as bytes: encodings do not matter for counting, so no file can fail to decode.
"""

import os
import stat
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_INSTALLED = frozenset({"site-packages", "dist-packages"})


class CorpusError(Exception):
    """The folder cannot be used; the text tells the user why and what to type."""


@dataclass(frozen=True)
class Corpus:
    path: str
    texts: tuple[bytes, ...]

    @property
    def size(self) -> int:
        return sum(map(len, self.texts))


def standard_library() -> Corpus:
    """The running interpreter's library, without what was installed into it."""
    return _read(Path(sysconfig.get_path("stdlib")), skip=_INSTALLED)


def folder(path: Path) -> Corpus:
    return _read(path, skip=frozenset())


def _read(path: Path, skip: frozenset[str]) -> Corpus:
    if not path.exists():
        raise CorpusError(f"The folder {path} does not exist. Name a folder of .py files: --path DIR")
    if not path.is_dir():
        raise CorpusError(f"{path} is not a folder. Name a folder of .py files: --path DIR")
    try:
        texts = tuple(_content(file) for file in _python_files(path, skip))
    except OSError as error:
        raise CorpusError(
            f"{error.filename} cannot be read: {error.strerror}. Name a folder that you may read: --path DIR"
        ) from error
    if not texts:
        raise CorpusError(f"There are no .py files below {path}. Name a folder that has some: --path DIR")
    return Corpus(str(path.resolve()), texts)


def _python_files(path: Path, skip: frozenset[str]) -> Iterator[str]:
    def give_up(error: OSError) -> None:
        raise error

    for here, folders, files in os.walk(path, onerror=give_up):
        folders[:] = sorted(name for name in folders if name not in skip)
        yield from (os.path.join(here, name) for name in sorted(files) if name.endswith(".py"))


def _content(file: str) -> bytes:
    """The bytes of a regular file; opening a named pipe would wait for a writer that may never come."""
    if not stat.S_ISREG(os.stat(file).st_mode):
        raise OSError(None, "not a regular file", file)
    with open(file, "rb") as source:
        return source.read()
