"""The checked program's process: `python` with `_start.START`, then `--log=FILE [options] -- script.py
[arguments]`.

The program finds the interpreter as it would without: `__main__` is its own, sys.argv, sys.path and
sys.orig_argv are, and an exception that ends it is shown by the interpreter, less the frames of this file.
Where the interpreter itself has something to say about the program before its first line (no such file, a
syntax error), it is started in this one's place, so that it says it.
"""

from __future__ import annotations

import atexit
import linecache
import os
import sys
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from types import CodeType, ModuleType, TracebackType
from typing import Any, NoReturn

from raddle.check._choice import Choice
from raddle.check._loader import Loader, load_rewriter

_HERE = os.path.dirname(os.path.abspath(__file__))
# The interpreter has these before it starts the program, whatever lies beside it.
_EARLY = frozenset(
    {
        "abc",
        "builtins",
        "codecs",
        "encodings",
        "genericpath",
        "io",
        "os",
        "posix",
        "posixpath",
        "site",
        "stat",
    }
    | {"sys", "zipimport", "marshal", "time", "_abc", "_codecs", "_collections_abc", "_frozen_importlib"}
    | {
        "_frozen_importlib_external",
        "_imp",
        "_io",
        "_signal",
        "_sitebuiltins",
        "_stat",
        "_thread",
        "_warnings",
    }
    | {"_weakref", "winreg", "ntpath", "nt", "sitecustomize", "usercustomize", "__main__"}
)

_ARCHIVE_END = (1 << 16) + 22  # bytes: a zip archive's last entry and the longest comment


class Program:
    """`words`: the script, or the module, and its arguments."""

    def __init__(self, words: Sequence[str], is_module: bool = False) -> None:
        self.words = words
        self.is_module = is_module


class _Options:
    """What stands before `--`, written by the command: `--log FILE --strict --include=PATTERN ...`."""

    def __init__(self, words: Sequence[str]) -> None:
        values = [word.partition("=") for word in words]
        self.log = next(value for name, _, value in values if name == "--log")
        self.strict = "--strict" in words
        self.module = "-m" in words
        self.memory = next((int(value) for name, _, value in values if name == "--memory"), 0)
        self.include = [value for name, _, value in values if name == "--include"]
        self.exclude = [value for name, _, value in values if name == "--exclude"]


def main(words: Sequence[str]) -> None:
    """Does not return where the program ends the process."""
    own = words.index("--")
    options = _Options(words[:own])
    program = Program(words[own + 1 :], options.module)
    from raddle._raddle import checker
    from raddle.check import _session

    session = _session.Session(
        _session.Options(options.log, options.memory or _session.DEFAULT_MEMORY, options.strict)
    )
    atexit.register(session.finish)  # first in, so it is called last
    loader = Loader(Choice(options.include, options.exclude), checker.sites)
    session.tell_coverage(loader.coverage)
    loader.install()
    run(program, loader, session.finish)


def run(program: Program, loader: Loader, finish: Any) -> None:
    """Run it to its end. `finish` is called before another program takes the place of this one."""
    _Run(program, loader, finish).run()


class _Run:
    def __init__(self, program: Program, loader: Loader, finish: Any) -> None:
        self.program = program
        self.loader = loader
        self.finish = finish
        self.flags = _flags()
        self.path = program.words[0]

    def run(self) -> None:
        main = self.prepare()
        try:
            if self.program.is_module:
                self.run_module()
            elif self.path == "-":
                self.run_stdin(main)
            elif self.is_container():
                self.run_folder()
            else:
                self.run_script(main)
        except BaseException:
            _show_without_own_frames()
            raise

    def prepare(self) -> ModuleType:
        """Everything that the program can see of how it was started."""
        words = list(self.program.words)
        sys.orig_argv = [sys.executable, *self.flags, *(["-m"] if self.program.is_module else []), *words]
        sys.argv = ["-m", *words[1:]] if self.program.is_module else words
        main = sys.modules["__main__"]
        main.__dict__.clear()
        main.__dict__.update(_variables_of_main())
        # 3.13 would show the words of -c as lines of "<string>".
        for name in ("cache", "_interactive_cache"):
            getattr(linecache, name, {}).clear()
        folder = self.folder()
        if folder is not None:
            self.forget_shadowed(folder or os.getcwd())
            sys.path.insert(0, folder)
        return main

    def forget_shadowed(self, folder: str) -> None:
        """Modules of the standard library that the checker needs, where the program has its own."""
        try:
            names = {entry.name.partition(".")[0] for entry in os.scandir(folder)}
        except OSError:
            return
        shadowed = names & sys.stdlib_module_names - _EARLY
        if shadowed:
            load_rewriter()  # later it would find the program's
        for loaded in list(sys.modules):
            if loaded.partition(".")[0] in shadowed:
                del sys.modules[loaded]

    def folder(self) -> str | None:
        """What comes first on sys.path; of a folder or archive that is run even if -P is given."""
        if self.is_container():
            return _absolute(self.path)
        if sys.flags.safe_path:
            return None
        if self.program.is_module:
            return os.getcwd()
        return "" if self.path == "-" else os.path.dirname(os.path.realpath(self.path))

    def is_container(self) -> bool:
        if self.program.is_module or self.path == "-":
            return False
        return os.path.isdir(self.path) or _is_archive(self.path)

    def run_module(self) -> None:
        import runpy

        runpy._run_module_as_main(self.path)  # type: ignore[attr-defined]

    def run_folder(self) -> None:
        """A folder or zip archive with a `__main__.py`."""
        import runpy

        runpy._run_module_as_main("__main__", False)  # type: ignore[attr-defined]

    def run_script(self, main: ModuleType) -> None:
        path = _absolute(self.path)
        try:
            with open(path, "rb") as file:
                source = file.read()
        except OSError:
            self.hand_over()
        variables = main.__dict__
        if path.endswith(".pyc"):
            variables |= {
                "__file__": path,
                "__cached__": None,
                "__loader__": SourcelessFileLoader("__main__", path),
            }
            self.loader.leave("__main__", "there is no source")
            code = variables["__loader__"].get_code("__main__")
        else:
            variables |= {
                "__file__": path,
                "__cached__": None,
                "__loader__": SourceFileLoader("__main__", path),
            }
            code = self.compiled(source, path, variables)
        exec(code, variables)

    def run_stdin(self, main: ModuleType) -> None:
        if sys.stdin is None or sys.stdin.isatty():
            self.hand_over()
        source = sys.stdin.buffer.read()
        main.__dict__.update(__file__="<stdin>", __cached__=None)
        exec(self.compiled(source, "<stdin>", main.__dict__), main.__dict__)

    def compiled(self, source: bytes, path: str, variables: dict[str, Any]) -> CodeType:
        code = self.loader.compiled("__main__", source, path, variables)
        if code is not None:
            return code
        try:
            return compile(source, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            if path == "<stdin>":
                _give_back(source)
            self.hand_over()

    def hand_over(self) -> NoReturn:
        """The interpreter as it would have been without the checker; nothing of the program has been run."""
        self.finish()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os.execv(sys.executable, sys.orig_argv)


def _give_back(source: bytes) -> None:
    """Let standard input be what has been read from it."""
    import tempfile

    with tempfile.TemporaryFile() as file:
        file.write(source)
        file.seek(0)
        os.dup2(file.fileno(), 0)


def _variables_of_main() -> dict[str, Any]:
    import builtins
    from importlib.machinery import BuiltinImporter

    variables: dict[str, Any] = dict.fromkeys(("__doc__", "__package__", "__spec__"))
    variables |= {"__name__": "__main__", "__loader__": BuiltinImporter, "__builtins__": builtins}
    if sys.version_info < (3, 14):
        variables["__annotations__"] = {}
    return variables


def _flags() -> list[str]:
    """The interpreter's own options."""
    words = sys.orig_argv[1:]
    return words[: words.index("-c")] if "-c" in words else []


def _absolute(path: str) -> str:
    """As the interpreter does it for a script: not normalised."""
    return path if os.path.isabs(path) else os.path.join(os.getcwd(), path)


def _is_archive(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _ARCHIVE_END))
        if b"PK\5\6" not in file.read():
            return False
    import zipfile

    return zipfile.is_zipfile(path)


def _show_without_own_frames() -> None:
    """The exception goes on to the interpreter, which calls this hook and then ends as the exception says."""
    hook = getattr(sys, "excepthook", None)
    if hook is None:
        return

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.excepthook = hook
        trace = _without_own_frames(trace)
        error.__traceback__ = trace
        sys.last_traceback = trace
        hook(kind, error, trace)

    sys.excepthook = show


def _without_own_frames(trace: TracebackType | None) -> TracebackType | None:
    """The part that begins with the program, or with the runpy that runs it."""
    last = None
    step = trace
    while step is not None:
        if step.tb_frame.f_code.co_filename.startswith(_HERE):
            last = step
        step = step.tb_next
    return trace if last is None else last.tb_next
