"""Local variables that hold a container which this function made and nobody else gets before it returns."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from raddle.check._rewrite._scopes import FunctionNode, Scope, Scopes
from raddle.check._rewrite._tables import FRESH_CALLS, KEEPS_NOTHING

_DISPLAYS = (
    ast.List,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.Tuple,
)
_TEXTS = (ast.JoinedStr, ast.Constant)


def is_fresh(node: ast.expr, scope: Scope) -> bool:
    """Whether the expression gives an object that is new (or one that cannot change)."""
    if isinstance(node, _DISPLAYS + _TEXTS):
        return True
    if isinstance(node, ast.BinOp):
        return is_fresh(node.left, scope) and isinstance(node.op, ast.Mult | ast.Add)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name):
            name = node.func.id
            return name in FRESH_CALLS and (scope.is_builtin(name) or name[0].isupper() or name in ("deque",))
        return isinstance(node.func, ast.Attribute) and node.func.attr in ("split", "splitlines")
    return False


def fresh_locals(function: FunctionNode, scopes: Scopes) -> frozenset[str]:
    """Names, as they are written."""
    if isinstance(function, ast.Lambda):
        return frozenset()
    scope = scopes[id(function)]
    candidates = {
        name
        for name, variable in scope.variables.items()
        if variable.bindings
        and variable.used_in <= {id(scope)}
        and all(b.value is not None and is_fresh(b.value, scope) for b in variable.bindings)
        and all(b.scope.function is scope for b in variable.bindings)
    }
    if not candidates or _calls_locals(function):
        return frozenset()
    for name in _escaping(function.body, scope):
        candidates.discard(name)
    return frozenset(candidates)


def _calls_locals(function: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id in ("locals", "vars", "eval", "exec")
        for node in ast.walk(function)
    )


def _escaping(body: list[ast.stmt], scope: Scope) -> Iterator[str]:
    """Names whose values are put or passed somewhere."""
    for statement in body:
        yield from _in(statement, scope)


def _in(node: ast.AST, scope: Scope) -> Iterator[str]:
    match node:
        case ast.Name(id=name):
            if isinstance(node.ctx, ast.Load):
                yield name
            return
        case ast.Attribute(value=ast.Name(id=name)) if isinstance(node.ctx, ast.Load):
            yield name  # not called at once: a bound method may go anywhere
            return
        case ast.Call(func=ast.Attribute(value=ast.Name()), args=args, keywords=keywords):
            for child in [*args, *keywords]:
                yield from _in(child, scope)
            return
        case ast.Call(func=ast.Name(id=called), args=args, keywords=keywords):
            keeps = called not in KEEPS_NOTHING or not scope.is_builtin(called)
            for child in [*args, *keywords]:
                if keeps or not isinstance(child, ast.Name):
                    yield from _in(child, scope)
            return
        case ast.Subscript(value=ast.Name(), slice=index):
            yield from _in(index, scope)
            return
        case ast.Return(value=ast.Name()):
            return
        case ast.For(iter=ast.Name(), target=target, body=body, orelse=orelse):
            yield from _in(target, scope)
            yield from _escaping([*body, *orelse], scope)
            return
        case ast.comprehension(iter=ast.Name(), target=target, ifs=ifs):
            for child in [target, *ifs]:
                yield from _in(child, scope)
            return
        case ast.If(test=ast.Name()) | ast.While(test=ast.Name()):
            yield from _escaping([*node.body, *node.orelse], scope)
            return
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name()):
            return
        case ast.FormattedValue(value=ast.Name()):
            return
        case ast.Compare():
            for child in [node.left, *node.comparators]:
                if not isinstance(child, ast.Name):
                    yield from _in(child, scope)
            return
        case ast.BinOp() if isinstance(node.op, ast.Add | ast.Mod):
            for child in [node.left, node.right]:
                if not isinstance(child, ast.Name):
                    yield from _in(child, scope)
            return
        case ast.AugAssign(target=ast.Name(), value=ast.Name()):
            return  # elements are taken over, not the container
    for child in ast.iter_child_nodes(node):
        yield from _in(child, scope)
