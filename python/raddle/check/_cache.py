"""Rewritten code, kept between runs as `__pycache__` keeps compiled code.

One file a module, in the user's cache folder; its name is a hash of all that the content depends on:
source, file name, interpreter, optimisation, and the rewriter itself. So nothing is ever out of date, only
unused; what has not been used for longest goes when there are many. Whatever goes wrong with files: there
is no cache then.
"""

import contextlib
import hashlib
import importlib.util
import marshal
import os
import sys
import tempfile
from functools import cache
from pathlib import Path

from raddle.check._rewrite import Rewritten

_MOST = 4096  # files
_KEPT = 3072  # of them when there are more
_HASH = 20  # bytes of the hash that guards against files that were cut off


class Cache:
    """`enabled` is False as well if Python itself should write no files."""

    def __init__(self, folder: Path | None = None, enabled: bool = True) -> None:
        self._folder = folder if folder is not None else _folder()
        self._enabled = enabled and not sys.dont_write_bytecode
        self._tidied = False

    def get(self, source: bytes, filename: str) -> Rewritten | None:
        if not self._enabled:
            return None
        path = self._path(source, filename)
        try:
            data = path.read_bytes()
            if _hash(data[_HASH:]) != data[:_HASH]:
                return None
            code, specs = marshal.loads(data[_HASH:])
            os.utime(path)
        except (OSError, ValueError, EOFError, TypeError):
            return None
        return Rewritten(code, specs)

    def put(self, source: bytes, filename: str, rewritten: Rewritten) -> None:
        if not self._enabled:
            return
        try:
            data = marshal.dumps((rewritten.code, rewritten.specs))
            path = self._path(source, filename)
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_at_once(path, _hash(data) + data)
            if not self._tidied:
                self._tidied = True
                self._tidy(path.parent)
        except (OSError, ValueError):
            self._enabled = False

    def _path(self, source: bytes, filename: str) -> Path:
        name = hashlib.blake2b(digest_size=20)
        for part in (source, os.fsencode(filename), _build()):
            name.update(len(part).to_bytes(8, "little") + part)
        return self._folder / f"{sys.implementation.cache_tag}" / name.hexdigest()

    def _tidy(self, folder: Path) -> None:
        files = list(folder.iterdir())
        if len(files) > _MOST:
            files.sort(key=_last_use)
            for file in files[:-_KEPT]:
                file.unlink(missing_ok=True)


def _folder() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(root) / "raddle" / "check"


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_HASH).digest()


def _last_use(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


@cache
def _build() -> bytes:
    """The interpreter and the rewriter."""
    build = hashlib.blake2b(digest_size=20)
    build.update(importlib.util.MAGIC_NUMBER + sys.version.encode() + bytes([sys.flags.optimize]))
    here = Path(__file__).parent
    for path in [here / "_ops.py", *sorted((here / "_rewrite").glob("*.py"))]:
        build.update(path.read_bytes())
    return build.digest()


def _write_at_once(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
