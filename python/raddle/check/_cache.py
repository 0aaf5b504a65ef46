"""Rewritten code, kept between runs as `__pycache__` keeps compiled code.

One file a module, in the user's cache folder; its name is a hash of all that the content depends on:
source, file name, interpreter, optimisation, and the rewriter itself. So nothing is ever out of date, only
unused; what has not been used for longest goes when there are many. Whatever goes wrong with files: there
is no cache then.
"""

import contextlib
import marshal
import os
import sys
import threading
from collections.abc import Iterator
from functools import cache
from importlib._bootstrap_external import MAGIC_NUMBER
from os import PathLike

from raddle.check._constants import Rewritten

try:
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b  # the same, with much around it that takes time to load

_MOST = 4096  # files
_KEPT = 3072  # of them when there are more
_HASH = 20  # bytes of the hash that guards against files that were cut off


class Cache:
    """`enabled` is False as well if Python itself should write no files."""

    def __init__(self, folder: PathLike[str] | None = None, enabled: bool = True) -> None:
        root = folder if folder is not None else _folder()
        self._folder = os.path.join(root, f"{sys.implementation.cache_tag}")
        self._enabled = enabled and not sys.dont_write_bytecode
        self._tidied = False

    def get(self, source: bytes, filename: str) -> Rewritten | None:
        if not self._enabled:
            return None
        path = self._path(source, filename)
        try:
            data = _bytes_of(path)
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
            os.makedirs(self._folder, exist_ok=True)
            _write_at_once(path, _hash(data) + data)
            if not self._tidied:
                self._tidied = True
                self._tidy()
        except (OSError, ValueError):
            self._enabled = False

    def _path(self, source: bytes, filename: str) -> str:
        name = blake2b(digest_size=20)
        for part in (source, os.fsencode(filename), _build()):
            name.update(len(part).to_bytes(8, "little") + part)
        return os.path.join(self._folder, name.hexdigest())

    def _tidy(self) -> None:
        files = list(_files_in(self._folder))
        if len(files) > _MOST:
            files.sort(key=_last_use)
            for file in files[:-_KEPT]:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(file)


def _bytes_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _files_in(folder: str) -> Iterator[str]:
    return (os.path.join(folder, name) for name in os.listdir(folder))


def _folder() -> str:
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(root, "raddle", "check")


def _hash(data: bytes) -> bytes:
    return blake2b(data, digest_size=_HASH).digest()


def _last_use(path: str) -> float:
    with contextlib.suppress(OSError):
        return os.stat(path).st_mtime
    return 0.0


@cache
def _build() -> bytes:
    """The interpreter and the rewriter."""
    build = blake2b(digest_size=20)
    build.update(MAGIC_NUMBER + sys.version.encode() + bytes([sys.flags.optimize]))
    here = os.path.dirname(__file__)
    own = [os.path.join(here, name) for name in ("_constants.py", "_ops.py")]
    rewriter = sorted(path for path in _files_in(os.path.join(here, "_rewrite")) if path.endswith(".py"))
    for path in own + rewriter:
        build.update(_bytes_of(path))
    return build.digest()


def _write_at_once(path: str, data: bytes) -> None:
    name = f"{path}.{os.getpid()}.{threading.get_ident()}"
    try:
        with open(name, "xb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
