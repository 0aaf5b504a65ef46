"""The syntax tree with probes in it. The program's own operations stay; each new node has the position of the
expression that it wraps, so that tracebacks do not change. What is not known here is left alone, with all
inside it: decorators, annotations, patterns, type parameters, nodes of later versions of Python.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Callable
from typing import TypeVar

from raddle.check._marker import marker
from raddle.check._ops import Flag, Op
from raddle.check._rewrite._sites import Site
from raddle.check._rewrite._values import Role

_Node = TypeVar("_Node", bound=ast.AST)
_EXPRESSIONS = frozenset(
    {"Attribute", "Subscript", "Call", "Compare", "Name", "BoolOp", "UnaryOp", "BinOp", "IfExp", "NamedExpr"}
    | {
        "Tuple",
        "List",
        "Set",
        "Dict",
        "JoinedStr",
        "FormattedValue",
        "Slice",
        "Starred",
        "Constant",
        "Lambda",
    }
    | {"Await", "Yield", "YieldFrom", "ListComp", "SetComp", "DictComp", "GeneratorExp"}
)


class Transform:
    """Puts the probes of the wanted sites (those with a number) into a module's tree, in place."""

    def __init__(self, sites: dict[Role, Site], entered: dict[int, Site]) -> None:
        self.sites = sites
        self.entered = entered  # by function
        self.values: dict[int, ast.Name] = {}  # target of a store -> the variable that is stored
        self.stored_in_self: dict[str, None] = {}  # attributes, by the function at hand

    def module(self, tree: ast.Module) -> None:
        tree.body = self.body(tree.body)
        self.enter(tree)

    # --- Small parts. ---

    def wanted(self, node: ast.AST, role: str) -> Site | None:
        site = self.sites.get((id(node), role))
        return site if site is not None and site.number >= 0 else None

    def probe(self, site: Site, at: ast.AST, *arguments: ast.expr) -> ast.Call:
        """A call of the site's probe, placed where `at` is."""
        function = marker(site.number)
        call = ast.Call(function, list(arguments), [])
        for node in (function, function.test, function.body, call):  # type: ignore[attr-defined]
            ast.copy_location(node, at)
        return call

    def statement(self, site: Site, at: ast.AST) -> ast.Expr:
        return ast.copy_location(ast.Expr(self.probe(site, at)), at)

    def enter(self, node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        site = self.entered.get(id(node))
        if site is not None:
            self.first(node, lambda at: self.statement(site, at))

    def first(
        self, node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef, make: Callable[[ast.stmt], ast.stmt]
    ) -> None:
        """Let a statement be the first, after the docstring."""
        first = node.body[0]
        has_docstring = (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        )
        if has_docstring and len(node.body) > 1:
            node.body.insert(1, make(node.body[1]))
        elif not has_docstring:
            node.body.insert(0, make(first))

    # --- Statements. ---

    def body(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for statement in statements:
            before, after = self.around(statement)
            method = getattr(self, f"put_{type(statement).__name__}", None)
            if method is not None:
                method(statement)
            result += [*before, self.ended(statement), *after]
        return result

    def around(self, node: ast.stmt) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """Statements that go before and after this one."""
        before: list[ast.stmt] = []
        after: list[ast.stmt] = []
        if isinstance(node, ast.AugAssign):
            site = self.wanted(node.target, "update")
            if site is not None and site.op in (Op.GLOBAL_UPDATE_BEGIN, Op.CELL_UPDATE_BEGIN):
                before.append(self.statement(site, node))
        elif isinstance(node, ast.Delete):
            deleted = (self.wanted(part, "delete") for target in node.targets for part in ast.walk(target))
            before += [self.statement(site, node) for site in deleted if site is not None]
        elif isinstance(node, ast.Assign):
            after += self.unpacked(node)
        return before, after

    def ended(self, node: ast.stmt) -> ast.stmt:
        """A loop, and after it the word that it has ended, however it was left."""
        site = self.wanted(node, "end") if isinstance(node, ast.For) else None
        if site is None or not isinstance(node, ast.For):
            return node
        end = self.statement(site, node.iter)
        return ast.copy_location(ast.Try(body=[node], handlers=[], orelse=[], finalbody=[end]), node)

    def unpacked(self, node: ast.Assign) -> list[ast.stmt]:
        """Variables in the targets of `x, y = f()`: told of afterwards."""
        result: list[ast.stmt] = []
        for target in node.targets:
            if isinstance(target, ast.Tuple | ast.List):
                stored = (self.wanted(part, "store") for part in ast.walk(target))
                result += [self.statement(site, node) for site in stored if site is not None]
        return result

    def put_Expr(self, node: ast.Expr) -> None:
        node.value = self.on(node.value)

    def put_Return(self, node: ast.Return) -> None:
        node.value = self.maybe(node.value)

    def put_Raise(self, node: ast.Raise) -> None:
        node.exc, node.cause = self.maybe(node.exc), self.maybe(node.cause)

    def put_Assert(self, node: ast.Assert) -> None:
        node.test, node.msg = self.test(node.test), self.maybe(node.msg)

    def put_Delete(self, node: ast.Delete) -> None:
        node.targets = [self.on(target) for target in node.targets]

    def put_Assign(self, node: ast.Assign) -> None:
        value = node.value
        node.value = self.on(value)
        for target in node.targets:
            self.passed_value(target, value)
            node.value = self.stored(target, node.value)
        node.targets = [self.on(target) for target in node.targets]

    def put_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is None:
            return
        value = node.value
        node.value = self.on(value)
        self.passed_value(node.target, value)
        node.value = self.stored(node.target, node.value)
        if not isinstance(node.target, ast.Name):
            self.on(node.target)  # it stays what it is

    def stored(self, target: ast.expr, value: ast.expr) -> ast.expr:
        """The value, shown to a probe: that of the variable, or that of another place's store."""
        site = self.wanted(target, "store" if isinstance(target, ast.Name) else "value")
        return value if site is None else self.probe(site, value, value)

    def passed_value(self, target: ast.expr, value: ast.expr) -> None:
        """Let the probe of a store see what is stored, where that is a local variable."""
        if isinstance(value, ast.Name) and (id(value), "access") not in self.sites:
            self.values[id(target)] = value

    def put_AugAssign(self, node: ast.AugAssign) -> None:
        node.value = self.on(node.value)
        end = self.wanted(node, "end")
        if end is not None:
            node.value = self.probe(end, node.value, node.value)
        stored_in_self = dict(self.stored_in_self)
        if isinstance(node.target, ast.Name):
            site = self.wanted(node.target, "update")
            if site is not None and site.op in (Op.GLOBAL_UPDATE, Op.CELL_UPDATE):
                node.value = self.probe(site, node.value, node.value)
        else:
            self.on(node.target)  # it stays what it is
        self.stored_in_self = stored_in_self

    def put_If(self, node: ast.If) -> None:
        while True:
            node.test, node.body = self.test(node.test), self.body(node.body)
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                node = node.orelse[0]
                continue
            node.orelse = self.body(node.orelse)
            return

    def put_While(self, node: ast.While) -> None:
        node.test = self.test(node.test)
        node.body, node.orelse = self.body(node.body), self.body(node.orelse)

    def put_For(self, node: ast.For | ast.AsyncFor) -> None:
        node.iter = self.iterated(node.iter)
        node.target = self.on(node.target)
        node.body, node.orelse = self.body(node.body), self.body(node.orelse)

    put_AsyncFor = put_For

    def put_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            item.context_expr = self.on(item.context_expr)
            item.optional_vars = self.maybe(item.optional_vars)
        node.body = self.body(node.body)

    put_AsyncWith = put_With

    def put_Try(self, node: ast.Try) -> None:
        node.body = self.body(node.body)
        for handler in node.handlers:
            handler.type = self.maybe(handler.type)
            handler.body = self.body(handler.body)
        node.orelse, node.finalbody = self.body(node.orelse), self.body(node.finalbody)

    put_TryStar = put_Try

    def put_Match(self, node: ast.Match) -> None:
        node.subject = self.on(node.subject)
        for case in node.cases:
            case.guard = None if case.guard is None else self.test(case.guard)
            case.body = self.body(case.body)

    def put_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.defaults(node.args)
        outer, self.stored_in_self = self.stored_in_self, {}
        node.body = self.body(node.body)
        self.enter(node)
        if self.stored_in_self and sys.version_info >= (3, 13):
            names = list(self.stored_in_self)
            self.first(node, lambda at: _never(names, at))
        self.stored_in_self = outer

    put_AsyncFunctionDef = put_FunctionDef

    def put_ClassDef(self, node: ast.ClassDef) -> None:
        node.body = self.body(node.body)

    def defaults(self, arguments: ast.arguments) -> None:
        arguments.defaults = [self.on(default) for default in arguments.defaults]
        arguments.kw_defaults = [self.maybe(default) for default in arguments.kw_defaults]

    # --- Expressions. ---

    def maybe(self, node: ast.expr | None) -> ast.expr | None:
        return None if node is None else self.on(node)

    def on(self, node: ast.expr) -> ast.expr:
        """The expression with the probes inside it, and around it."""
        name = type(node).__name__
        if name not in _EXPRESSIONS:
            return node
        method = getattr(self, f"on_{name}", None)
        if method is None:
            self.children(node)
            return node
        result: ast.expr = method(node)
        return result

    def children(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                setattr(node, name, self.on(value))
            elif isinstance(value, list):
                for number, item in enumerate(value):
                    if isinstance(item, ast.expr):
                        value[number] = self.on(item)
                    elif isinstance(item, ast.keyword):
                        item.value = self.on(item.value)

    def test(self, node: ast.expr) -> ast.expr:
        site = self.wanted(node, "truth")
        result = self.on(node)
        return result if site is None else self.probe(site, node, result)

    def iterated(self, node: ast.expr) -> ast.expr:
        result = self.on(node)
        site = self.wanted(node, "iter")
        return result if site is None else self.probe(site, node, result)

    def on_Name(self, node: ast.Name) -> ast.expr:
        site = self.wanted(node, "access")
        return node if site is None else self.probe(site, node, node)

    def on_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        node.value = self.stored(node.target, self.on(node.value))
        return node

    def on_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        node.values = [self.test(value) for value in node.values]
        return node

    def on_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        node.operand = self.test(node.operand) if isinstance(node.op, ast.Not) else self.on(node.operand)
        return node

    def on_BinOp(self, node: ast.BinOp) -> ast.expr:
        inner = node
        while True:
            inner.right = self.on(inner.right)
            if not isinstance(inner.left, ast.BinOp):
                break
            inner = inner.left
        inner.left = self.on(inner.left)
        return node

    def on_IfExp(self, node: ast.IfExp) -> ast.expr:
        node.test, node.body, node.orelse = self.test(node.test), self.on(node.body), self.on(node.orelse)
        return node

    def on_Lambda(self, node: ast.Lambda) -> ast.expr:
        self.defaults(node.args)
        node.body = self.on(node.body)
        return node

    def on_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> ast.expr:
        self.generators(node.generators)
        node.elt = self.on(node.elt)
        return node

    on_SetComp = on_GeneratorExp = on_ListComp

    def on_DictComp(self, node: ast.DictComp) -> ast.expr:
        self.generators(node.generators)
        node.key, node.value = self.on(node.key), self.on(node.value)
        return node

    def generators(self, generators: list[ast.comprehension]) -> None:
        for generator in generators:
            generator.iter = self.iterated(generator.iter)
            generator.target = self.on(generator.target)
            generator.ifs = [self.test(condition) for condition in generator.ifs]

    def on_Attribute(self, node: ast.Attribute) -> ast.expr:
        site = self.wanted(node, "access")
        base = node.value
        node.value = self.on(base)
        if site is not None:
            node.value = self.probe(site, base, node.value, *self.value_for(node, base))
            if isinstance(node.ctx, ast.Store) and isinstance(base, ast.Name) and base.id == "self":
                self.stored_in_self[node.attr] = None
        return node

    def value_for(self, target: ast.expr, at: ast.expr) -> list[ast.expr]:
        value = self.values.get(id(target))
        return [] if value is None else [ast.copy_location(again(value), at)]

    def on_Subscript(self, node: ast.Subscript) -> ast.expr:
        site, key_site = self.wanted(node, "access"), self.wanted(node, "key")
        base, key = node.value, node.slice
        pure = again(key) if site is not None and _has_key(site) else None
        node.value, node.slice = self.on(base), self.on(key)
        if site is None:
            return node
        if key_site is not None:
            node.value = self.probe(site, base, node.value)
            node.slice = self.probe(key_site, key, node.slice)
        elif site.flags & Flag.RETURNS_KEY:
            node.slice = self.probe(site, key, node.slice, again(base))
        elif pure is not None:
            node.value = self.probe(site, base, node.value, pure, *self.value_for(node, base))
        else:
            node.value = self.probe(site, base, node.value)
        return node

    def on_Compare(self, node: ast.Compare) -> ast.expr:
        operands = [node.left, *node.comparators]
        pures = [again(operand) if _is_simple(operand) else None for operand in operands]
        new = [self.on(operand) for operand in operands]
        for number in range(len(node.ops)):
            site, key_site = self.wanted(node, f"in{number}"), self.wanted(node, f"key{number}")
            left, right = operands[number], operands[number + 1]
            if site is not None and key_site is not None:
                new[number] = self.probe(key_site, left, new[number])
                new[number + 1] = self.probe(site, right, new[number + 1])
            elif key_site is not None:  # RETURNS_KEY
                new[number] = self.probe(key_site, left, new[number], again(right))
            elif site is not None:
                pure = pures[number]
                assert pure is not None
                new[number + 1] = self.probe(site, right, new[number + 1], pure)
        node.left, node.comparators = new[0], new[1:]
        return node

    def on_Call(self, node: ast.Call) -> ast.expr:
        method, result = self.wanted(node, "method"), self.wanted(node, "result")
        argument = self.wanted(node, "argument")
        plain = list(node.args)
        copies = [again(part) if _is_simple(part) else None for part in plain]
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        node.func = self.on(node.func)
        node.args = [self.iterated(part) for part in node.args]
        for keyword in node.keywords:
            keyword.value = self.on(keyword.value)
        if argument is not None:
            self.looked_at(node, argument, plain, copies)
        if method is not None and isinstance(node.func, ast.Attribute):
            first, copied = (plain[0], copies[0]) if plain else (None, None)
            self.method(node, node.func, method, receiver, first, copied)
        return node if result is None else self.probe(result, node, node)

    def looked_at(
        self, node: ast.Call, site: Site, plain: list[ast.expr], copies: list[ast.expr | None]
    ) -> None:
        """len(o), getattr(o, name) and the like."""
        more = [copies[1]] if site.op in _NAMED else []
        if site.op is Op.SETATTR and len(plain) > 2:
            if site.flags & Flag.RETURNS_KEY:
                node.args[2] = self.probe(site, plain[2], node.args[2], *_present([copies[0], copies[1]]))
                return
            if _is_local(plain[2], self.sites):
                more.append(copies[2])
        node.args[0] = self.probe(site, plain[0], node.args[0], *_present(more))

    def method(
        self,
        node: ast.Call,
        function: ast.Attribute,
        site: Site,
        receiver: ast.expr,
        first: ast.expr | None,
        pure: ast.expr | None,
    ) -> None:
        key_site = self.wanted(node, "key")
        if site.flags & Flag.RETURNS_KEY and first is not None:
            node.args[0] = self.probe(site, first, node.args[0], again(receiver))
            return
        keyed = site.key_text and pure is not None and key_site is None
        function.value = self.probe(site, receiver, function.value, *([pure] if keyed and pure else []))
        if key_site is not None and first is not None:
            node.args[0] = self.probe(key_site, first, node.args[0])


def _never(names: list[str], at: ast.stmt) -> ast.stmt:
    """`if False: self.x = None`, of which the compiler leaves nothing but names for `__static_attributes__`.

    It does not find those that a probe hides from it.
    """
    targets: list[ast.expr] = [
        ast.Attribute(ast.Name("self", ast.Load()), name, ast.Store()) for name in names
    ]
    statement = ast.If(ast.Constant(False), [ast.Assign(targets, ast.Constant(None))], [])
    for node in ast.walk(statement):
        ast.copy_location(node, at)
    return statement


_NAMED = frozenset({Op.GETATTR, Op.SETATTR, Op.HASATTR, Op.DELATTR})


def again(node: _Node) -> _Node:
    """A second copy of an expression that may be evaluated twice. It gets no probes."""
    result = copy.copy(node)
    if isinstance(result, ast.Tuple):
        result.elts = [again(element) for element in result.elts]
    return result


def _present(nodes: list[ast.expr | None]) -> list[ast.expr]:
    return [node for node in nodes if node is not None]


def _is_simple(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.operand, ast.Constant)
    if isinstance(node, ast.Tuple):
        return all(map(_is_simple, node.elts))
    return isinstance(node, ast.Name | ast.Constant)


def _has_key(site: Site) -> bool:
    return not site.flags & Flag.RETURNS_KEY and site.op in _KEYED


_KEYED = frozenset({Op.ITEM_READ, Op.ITEM_WRITE, Op.ITEM_DELETE, Op.ITEM_UPDATE, Op.ITEM_UPDATE_BEGIN})


def _is_local(node: ast.expr, sites: dict[Role, Site]) -> bool:
    return isinstance(node, ast.Name) and (id(node), "access") not in sites
