"""Modules are rewritten as they are loaded.

The import system stays as it is, with its finders and loaders: only `exec_module` of the loaders of source
code (files and zip archives) takes rewritten code where the module is wanted, and otherwise does what it
always did. It looks like a part of the import system in tracebacks, which the interpreter leaves out. Two
others that load code by themselves are made to ask here: runpy, and pytest's rewriter of assertions.
"""

from __future__ import annotations

import builtins
import importlib
import importlib._bootstrap as _bootstrap
import importlib._bootstrap_external as _external
import importlib.machinery
import sys
import warnings
import zipimport
from collections.abc import Callable, Sequence
from types import CodeType, ModuleType
from typing import Any

from raddle.check._cache import Cache
from raddle.check._choice import Choice, is_stdlib, is_tool
from raddle.check._constants import Rewritten, Spec, with_probes

Sites = Callable[[str, dict[str, Any], list[Spec]], Sequence[Callable[..., Any]]]
_PYTEST = "_pytest.assertion.rewrite"
_REWRITER = tuple(f"raddle.check.{name}" for name in ("_patching", "_rewrite._calls", "_rewrite._compare"))


class Loader:
    """`sites` makes the probes of a module, as `checker.sites` does."""

    def __init__(self, choice: Choice, sites: Sites, cache: Cache | None = None) -> None:
        self._choice = choice
        self._sites = sites
        self._cache = Cache() if cache is None else cache
        self._rewritten: dict[str, None] = {}
        self._left: dict[str, str] = {}  # module, why it is not rewritten
        if choice.names_modules:
            load_rewriter()  # it may be a module that the rewriter needs

    def install(self) -> None:
        """From now on. What has been imported stays as it is."""
        basics: Any = _external._LoaderBasics  # type: ignore[attr-defined]
        basics.exec_module = _exec_module(self)
        # runpy is frozen: no loader of source code loads it.
        frozen: Any = _bootstrap.FrozenImporter
        frozen.exec_module = staticmethod(_exec_frozen(self))
        for name in ("runpy", _PYTEST):
            if name in sys.modules:
                self.loaded(name, sys.modules[name])

    def coverage(self) -> dict[str, Any]:
        """What the last lines of a report tell of: the modules, and those that cannot be seen into."""
        unseen = dict(self._left)
        extensions: list[str] = []
        for name, module in list(sys.modules.items()):
            spec = getattr(module, "__spec__", None)
            origin = getattr(spec, "origin", None)
            if name in self._rewritten or not isinstance(origin, str) or is_tool(name):
                continue
            if isinstance(getattr(spec, "loader", None), importlib.machinery.ExtensionFileLoader):
                if not is_stdlib(origin):
                    extensions.append(name)
            elif name not in unseen and self._is_program(name, origin):
                unseen[name] = "it was loaded in a way of its own"
        unseen = {name: why for name, why in unseen.items() if name not in self._rewritten}
        return {
            "modules": sorted(self._rewritten),
            "unseen": sorted(unseen.items()),
            "extensions": extensions,
        }

    def _is_program(self, name: str, origin: str) -> bool:
        if name == "__main__" or name.startswith("__editable__") or origin in ("built-in", "frozen"):
            return False
        return self._choice.wants(name, origin)

    # --- Called by the import system. ---

    def code(self, loader: Any, module: ModuleType) -> CodeType | None:
        """Code for the module, None if the loader should get it."""
        name = module.__name__
        try:
            filename = loader.get_filename(name)
        except (ImportError, AttributeError):
            return None
        if not self._choice.wants(name, filename):
            return None
        why = _not_understood(loader, filename)
        if why is not None:
            self._left[name] = why
            return None
        try:
            source = loader.get_data(filename)
        except OSError:
            return None  # the loader can say it better
        return self.compiled(name, source, filename, module.__dict__)

    def loaded(self, name: str, module: ModuleType) -> None:
        """The module's body has been run."""
        if name not in ("runpy", _PYTEST):
            return
        from raddle.check import _patching

        if name == "runpy":
            _patching.ask_before_exec(module, "_run_code", self.replaced)
        else:
            _patching.ask_before_exec(module, "AssertionRewritingHook.exec_module", self.replaced)

    def replaced(self, code: CodeType, variables: dict[str, Any]) -> CodeType:
        """Code that runpy, or pytest, is about to run in a module with these variables."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the warnings have been shown when `code` was made
                return self._replaced(code, variables) or code
        except (OSError, ImportError, SyntaxError, ValueError):
            return code

    def _replaced(self, code: CodeType, variables: dict[str, Any]) -> CodeType | None:
        if not isinstance(code, CodeType):
            return None  # runpy takes source as well
        name, spec, loader = (variables.get(word) for word in ("__name__", "__spec__", "__loader__"))
        real_name = getattr(spec, "name", None) or name or "__main__"
        filename = code.co_filename
        if not isinstance(real_name, str) or not self._choice.wants(real_name, filename):
            return None
        if type(loader).__name__ == "AssertionRewritingHook":
            return self._with_assertions(real_name, filename, loader, variables)
        if loader is not None and (why := _not_understood(loader, filename)) is not None:
            self._left[real_name] = why
            return None
        if loader is not None:
            source = loader.get_data(filename)
        else:
            with open(filename, "rb") as file:
                source = file.read()
        return self.compiled(real_name, source, filename, variables)

    def _with_assertions(
        self, name: str, filename: str, loader: Any, variables: dict[str, Any]
    ) -> CodeType | None:
        """What pytest's rewriter makes of the module, rewritten again."""
        from raddle.check._rewrite import parse, put_probes

        rewriter = sys.modules[_PYTEST]
        with open(filename, "rb") as file:
            source = file.read()
        tree = parse(source, filename)
        try:
            rewriter.rewrite_asserts(tree, source, filename, loader.config)
            specs = put_probes(tree, source)
            rewritten = Rewritten(compile(tree, filename, "exec", dont_inherit=True), specs)
        except (RecursionError, AttributeError, TypeError) as error:
            self._left[name] = f"its assertions are rewritten by pytest ({error})"
            return None
        return self._with_probes(name, filename, rewritten, variables)

    # --- Rewriting. ---

    def compiled(self, name: str, source: bytes, filename: str, variables: dict[str, Any]) -> CodeType | None:
        """Rewritten code of the source, with its probes; None if that cannot be."""
        rewritten = self._cache.get(source, filename)
        if rewritten is None:
            from raddle.check._rewrite import parse, rewrite

            try:
                tree = parse(source, filename)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None  # compiling it as always shows the same error in the same words
            try:
                rewritten = rewrite(tree, source, filename)
            except RecursionError:
                self._left[name] = "its expressions are nested too deeply"
                return None
            except SyntaxError:
                return None
            self._cache.put(source, filename, rewritten)
        return self._with_probes(name, filename, rewritten, variables)

    def _with_probes(
        self, name: str, filename: str, rewritten: Rewritten, variables: dict[str, Any]
    ) -> CodeType:
        self._rewritten[name] = None
        return with_probes(rewritten.code, self._sites(filename, variables, rewritten.specs))

    def leave(self, name: str, why: str) -> None:
        """The module runs as it is."""
        self._left[name] = why


def load_rewriter() -> None:
    """All of it, now. Most runs find their modules in the cache and do not need it."""
    for name in _REWRITER:
        importlib.import_module(name)


def _not_understood(loader: Any, filename: str) -> str | None:
    """Why this loader's modules cannot be rewritten, None if they can."""
    kind = type(loader)
    if isinstance(loader, importlib.machinery.SourcelessFileLoader) or not filename.endswith((".py", ".pyw")):
        return "there is no source"
    if isinstance(loader, zipimport.zipimporter):
        return None if kind.get_code is zipimport.zipimporter.get_code else f"{kind.__name__} loads it"
    plain = _external.SourceLoader
    if not isinstance(loader, plain):
        return f"{kind.__name__} loads it"
    own = kind.get_code is not plain.get_code or kind.source_to_code is not plain.source_to_code
    return f"{kind.__name__} changes its source" if own else None


_EXEC_MODULE = """
def exec_module(self, module):
    code = rewritten(self, module)
    if code is None:
        code = self.get_code(module.__name__)
        if code is None:
            raise ImportError(f'cannot load module {module.__name__!r} when get_code() returns None')
    _call_with_frames_removed(exec, code, module.__dict__)
    loaded(module.__name__, module)
"""


def _exec_module(loader: Loader) -> Callable[[Any, ModuleType], None]:
    variables: dict[str, Any] = {
        "__builtins__": builtins,
        "__name__": _external.__name__,
        "rewritten": loader.code,
        "loaded": loader.loaded,
        "_call_with_frames_removed": getattr(_bootstrap, "_call_with_frames_removed"),  # noqa: B009
    }
    exec(compile(_EXEC_MODULE, _external.SourceLoader.get_code.__code__.co_filename, "exec"), variables)
    function: Callable[[Any, ModuleType], None] = variables["exec_module"]
    function.__qualname__ = "_LoaderBasics.exec_module"
    return function


_EXEC_FROZEN = """
def exec_module(module):
    original(module)
    loaded(module.__name__, module)
"""


def _exec_frozen(loader: Loader) -> Callable[[ModuleType], None]:
    original: Any = _bootstrap.FrozenImporter.exec_module
    variables: dict[str, Any] = {
        "__builtins__": builtins,
        "__name__": _bootstrap.__name__,
        "original": original,
        "loaded": loader.loaded,
    }
    exec(compile(_EXEC_FROZEN, original.__code__.co_filename, "exec"), variables)
    function: Callable[[ModuleType], None] = variables["exec_module"]
    function.__qualname__ = "FrozenImporter.exec_module"
    return function
