"""Functions of others that run code with `exec(code, variables)` are made to ask for the code first.

The function stays the same object with the same source lines, so that tracebacks do not change: only its
code gets one call more, by the same means as rewritten modules get their probes. What does not look as
expected is left alone.
"""

import ast
import contextlib
import inspect
from collections.abc import Callable
from types import CodeType, FunctionType, ModuleType
from typing import Any

from raddle.check._constants import with_probes
from raddle.check._marker import marker

Ask = Callable[[CodeType, dict[str, Any]], CodeType]


def ask_before_exec(module: ModuleType, name: str, ask: Ask) -> bool:
    """`exec(code, variables)` in the named function becomes `exec(ask(code, variables), variables)`."""
    function: Any = module
    for part in name.split("."):
        function = getattr(function, part, None)
    if not isinstance(function, FunctionType) or function.__closure__:
        return False
    with contextlib.suppress(OSError, TypeError, SyntaxError):
        code = _asking(inspect.getsource(module), function.__code__)
        if code is not None:
            function.__code__ = with_probes(code, [ask])
            return True
    return False


def _asking(source: str, old: CodeType) -> CodeType | None:
    tree = ast.parse(source)
    found = 0
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef)
            and node.name == old.co_name
            and node.lineno == old.co_firstlineno
        ):
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and _is_exec(call):
                    asking = ast.Call(marker(0), list(call.args), [])
                    call.args[0] = ast.fix_missing_locations(ast.copy_location(asking, call.args[0]))
                    found += 1
    if found != 1:
        return None
    return _find(compile(tree, old.co_filename, "exec", dont_inherit=True), old)


def _is_exec(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "exec" and len(call.args) == 2


def _find(code: CodeType, old: CodeType) -> CodeType | None:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_name == old.co_name and constant.co_firstlineno == old.co_firstlineno:
                return constant
            found = _find(constant, old)
            if found is not None:
                return found
    return None
