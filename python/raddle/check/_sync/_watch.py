"""Watching functions and methods, so that all of it can be undone; and modules that are not there yet."""

import importlib.machinery
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

Install = Callable[["Watch"], None]


class Watch:
    """What is watched in this run. The native `checker` tells the engine; see src/bindings/check/sync.cpp."""

    def __init__(self, checker: Any) -> None:
        self.checker = checker
        self._replaced: list[tuple[Any, str, Any, Any]] = []
        self._later: dict[str, Install] = {}
        self._finder: _Finder | None = None

    def c_method(self, owner: type, names: str, behaviour: str) -> None:
        """Methods of a class written in C, of those in `names` that it has."""
        for name in names.split():
            if type(vars(owner).get(name)).__name__ == "method_descriptor":
                self.checker.sync_watch(owner, name, behaviour)

    def bound_method(self, instance: Any, names: str, behaviour: str) -> None:
        """The same, of the class of `instance`, for methods that its class makes by itself."""
        for name in names.split():
            lent = getattr(instance, name)  # may be a part of the instance; while it is lent, the next is not
            self.checker.sync_watch(getattr(instance, name), None, behaviour)
            del lent

    def method(self, owner: Any, names: str, behaviour: str | None, **details: Any) -> None:
        """Methods of a class or functions of a module, written in Python, those in `names` that it has."""
        for name in names.split():
            function = vars(owner).get(name)
            if function is not None:
                self.replace(owner, name, self.checker.around(function, behaviour, **details))

    def replace(self, owner: Any, name: str, value: Any) -> None:
        self.remember(owner, name, vars(owner)[name], value)
        setattr(owner, name, value)

    def remember(self, owner: Any, name: str, original: Any, watched: Any) -> None:
        """For undo()."""
        self._replaced.append((owner, name, original, watched))

    def when_imported(self, module: str, install: Install) -> None:
        """Now if the module is there already, else when it has been executed."""
        if module in sys.modules:
            install(self)
            return
        self._later[module] = install
        if self._finder is None:
            self._finder = _Finder(self._later, self)
            sys.meta_path.insert(0, self._finder)

    def undo(self) -> None:
        """What nobody has replaced since is what it was."""
        if self._finder is not None and self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        self._later.clear()
        for owner, name, original, watched in reversed(self._replaced):
            if vars(owner).get(name) is watched:
                setattr(owner, name, original)
        self._replaced.clear()
        self.checker.sync_unwatch()


class _Finder:
    """Finds nothing itself: adds a step to the execution of modules that others find."""

    def __init__(self, later: dict[str, Install], watch: Watch) -> None:
        self._later = later
        self._watch = watch

    def find_spec(
        self, name: str, path: Any, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._later:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                self._add_step(spec)
                return spec
        return None

    def _add_step(self, spec: importlib.machinery.ModuleSpec) -> None:
        loader: Any = spec.loader
        if not hasattr(loader, "exec_module") or not hasattr(loader, "__dict__"):
            return
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            if vars(loader).get("exec_module") is exec_module:
                del loader.exec_module
            install = self._later.pop(spec.name, None)
            if install is not None:
                install(self._watch)

        loader.exec_module = exec_module
