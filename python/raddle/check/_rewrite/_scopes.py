"""Which variable a name means, and which variables can matter between threads.

A variable of a function matters if an inner function has it too and it is bound again after that; a global
one if functions use it and it is bound after the module's body has been run, or again in it. All others
are set once, before anybody else can see them. Comprehensions count as part of the function around them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from raddle.check._rewrite._tables import BUILTINS, STARTS

Position = tuple[int, int]
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
ComprehensionNode = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Kind(Enum):
    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    COMPREHENSION = "comprehension"


class How(Enum):
    """How a variable is bound."""

    ASSIGNED = "assigned"
    DEFINED = "defined"  # def, class, import: rarely bound to anything else
    PARAMETER = "parameter"


@dataclass
class Binding:
    scope: Scope
    how: How
    at: Position
    repeated: bool  # in a loop, or `+=`
    value: ast.expr | None = None
    alternative: int = 0  # not 0: one of several ways, as in try ... except ImportError


@dataclass(eq=False)
class Variable:
    name: str
    owner: Scope
    bindings: list[Binding] = field(default_factory=list)
    used_in: set[int] = field(default_factory=set)  # ids of function scopes that read it
    first_captured: Position | None = None
    imported_from: str | None = None  # the top-level package, if an import binds it
    is_module: bool = False  # by `import x`
    _tracked: bool | None = None

    @property
    def tracked(self) -> bool:
        if self._tracked is None:
            self._tracked = self._matters()
        return self._tracked

    def _matters(self) -> bool:
        if self.owner.kind in (Kind.CLASS, Kind.COMPREHENSION):
            return False
        if all(binding.how is How.DEFINED for binding in self.bindings):
            return False
        inner = [b for b in self.bindings if b.scope.function is not self.owner]
        outer = [b for b in self.bindings if b.scope.function is self.owner]
        elsewhere = self.used_in - {id(self.owner)}
        if not elsewhere and not inner:
            return False
        if any(binding.how is not How.DEFINED for binding in inner):
            return True
        if any(binding.repeated for binding in outer) or _rebound(outer):
            return True
        late = self.owner.first_start if self.owner.kind is Kind.MODULE else self.first_captured
        return late is not None and any(b.at > late and b.how is How.ASSIGNED for b in outer)

    def only_value(self) -> ast.expr | None:
        """The expression it is bound to, if there is just one."""
        return self.bindings[0].value if len(self.bindings) == 1 else None

    def only(self, how: How) -> bool:
        return bool(self.bindings) and all(binding.how is how for binding in self.bindings)


def _rebound(bindings: list[Binding]) -> bool:
    ways = {binding.alternative for binding in bindings if binding.alternative}
    return len([b for b in bindings if not b.alternative]) + len(ways) > 1


@dataclass(eq=False)
class Scope:
    kind: Kind
    node: ast.AST
    parent: Scope | None
    private: str | None  # the class for whose private names this is
    variables: dict[str, Variable] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    first_start: Position | None = None

    @property
    def function(self) -> Scope:
        """The scope whose frame's variables these are: comprehensions belong to what is around them."""
        return self.parent.function if self.kind is Kind.COMPREHENSION and self.parent else self

    @property
    def module(self) -> Scope:
        return self.parent.module if self.parent else self

    def mangled(self, name: str) -> str:
        if self.private is None or not name.startswith("__") or name.endswith("__") or "." in name:
            return name
        stripped = self.private.lstrip("_")
        return f"_{stripped}{name}" if stripped else name

    def find(self, name: str) -> Variable | None:
        """The variable that the name means here, None if it is bound nowhere in the module."""
        name = self.mangled(name)
        if name in self.globals:
            return self.module.variables.get(name)
        scope: Scope | None = self
        while scope is not None:
            if name in scope.globals:
                return self.module.variables.get(name)
            if name in scope.variables and (scope is self or scope.kind is not Kind.CLASS):
                return scope.variables[name]
            scope = scope.parent
        return None

    def is_builtin(self, name: str) -> bool:
        return name in BUILTINS and self.find(name) is None

    def is_pure(self, name: str) -> bool:
        """Reading the name twice does nothing: it is not looked up in the body of a class."""
        scope: Scope | None = self
        while scope is not None and scope.kind is Kind.COMPREHENSION:
            if scope.mangled(name) in scope.variables:
                return True
            scope = scope.parent
        return scope is None or scope.kind is not Kind.CLASS


class Scopes(dict[int, Scope]):
    """The scopes of a module, by id() of their nodes."""

    def __init__(self, tree: ast.Module) -> None:
        super().__init__()
        _Builder(self).module(tree)


class _Builder:
    """Walks the tree twice: first for what is bound where, then for who reads it."""

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self.reads: list[tuple[Scope, str, Position]] = []
        self.loops = 0
        self.alternative = 0
        self.ways = 0

    def module(self, tree: ast.Module) -> None:
        scope = Scope(Kind.MODULE, tree, None, None)
        self.scopes[id(tree)] = scope
        self.declare(tree.body, scope)
        self.all(tree.body, scope)
        for reader, name, at in self.reads:
            variable = reader.find(name)
            if variable is not None:
                function = reader.function
                variable.used_in.add(id(function))
                if function is not variable.owner:
                    start = _position(function.node) if function.kind is Kind.FUNCTION else at
                    if variable.first_captured is None or start < variable.first_captured:
                        variable.first_captured = start

    # --- Binding. ---

    def declare(self, body: list[ast.stmt], scope: Scope) -> None:
        """`global` and `nonlocal` count for the whole scope, also above them."""
        for node in _within(body):
            if isinstance(node, ast.Global):
                scope.globals.update(scope.mangled(name) for name in node.names)
            elif isinstance(node, ast.Nonlocal):
                scope.nonlocals.update(scope.mangled(name) for name in node.names)

    def bind(
        self,
        scope: Scope,
        name: str,
        how: How,
        node: ast.AST,
        value: ast.expr | None = None,
        again: bool = False,
    ) -> Variable:
        name = scope.mangled(name)
        owner = scope
        if name in scope.globals:
            owner = scope.module
        elif name in scope.nonlocals:
            around = scope.parent
            while around is not None and (around.kind is Kind.CLASS or name not in around.variables):
                around = around.parent
            owner = around or (scope.parent.function if scope.parent else scope)
        variable = owner.variables.setdefault(name, Variable(name, owner))
        at = _position(node)
        variable.bindings.append(Binding(scope, how, at, again or self.loops > 0, value, self.alternative))
        return variable

    def target(
        self, node: ast.expr, scope: Scope, value: ast.expr | None = None, again: bool = False
    ) -> None:
        if isinstance(node, ast.Name):
            self.bind(scope, node.id, How.ASSIGNED, node, value, again)
        elif isinstance(node, ast.Tuple | ast.List):
            for element in node.elts:
                self.target(element, scope, None, again)
        elif isinstance(node, ast.Starred):
            self.target(node.value, scope, None, again)
        else:
            self.visit(node, scope)

    # --- Walking. ---

    def all(self, nodes: list[ast.stmt] | list[ast.expr] | list[ast.AST], scope: Scope) -> None:
        for node in nodes:
            self.visit(node, scope)

    def visit(self, node: ast.AST | None, scope: Scope) -> None:
        if node is None:
            return
        while isinstance(node, ast.BinOp):  # long chains of operators would be deep
            self.visit(node.right, scope)
            node = node.left
        method = getattr(self, f"see_{type(node).__name__}", None)
        if method is not None:
            method(node, scope)
        else:
            for child in ast.iter_child_nodes(node):
                self.visit(child, scope)

    def see_Name(self, node: ast.Name, scope: Scope) -> None:
        if isinstance(node.ctx, ast.Load):
            self.reads.append((scope, node.id, _position(node)))
        else:
            self.bind(scope, node.id, How.ASSIGNED, node, again=isinstance(node.ctx, ast.Del))

    def see_Assign(self, node: ast.Assign, scope: Scope) -> None:
        self.visit(node.value, scope)
        for target in node.targets:
            self.target(target, scope, node.value if len(node.targets) == 1 else None)

    def see_AnnAssign(self, node: ast.AnnAssign, scope: Scope) -> None:
        self.visit(node.annotation, scope)
        self.visit(node.value, scope)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.target(node.target, scope, node.value)
        elif scope.mangled(node.target.id) not in scope.globals:
            scope.variables.setdefault(
                scope.mangled(node.target.id), Variable(scope.mangled(node.target.id), scope)
            )

    def see_AugAssign(self, node: ast.AugAssign, scope: Scope) -> None:
        self.visit(node.value, scope)
        if isinstance(node.target, ast.Name):
            self.reads.append((scope, node.target.id, _position(node)))
        self.target(node.target, scope, None, again=True)

    def see_NamedExpr(self, node: ast.NamedExpr, scope: Scope) -> None:
        self.visit(node.value, scope)
        self.target(node.target, scope.function, node.value)

    def see_For(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        self.visit(node.iter, scope)
        self.loops += 1
        self.target(node.target, scope)
        self.all(node.body, scope)
        self.loops -= 1
        self.all(node.orelse, scope)

    see_AsyncFor = see_For

    def see_While(self, node: ast.While, scope: Scope) -> None:
        self.loops += 1
        self.visit(node.test, scope)
        self.all(node.body, scope)
        self.loops -= 1
        self.all(node.orelse, scope)

    def see_Try(self, node: ast.Try, scope: Scope) -> None:
        before = self.alternative
        if not before:
            self.ways += 1
            self.alternative = self.ways
        self.all(node.body, scope)
        for handler in node.handlers:
            self.visit(handler.type, scope)
            if handler.name:
                self.bind(scope, handler.name, How.ASSIGNED, handler)
            self.all(handler.body, scope)
        self.all(node.orelse, scope)
        self.alternative = before
        self.all(node.finalbody, scope)

    see_TryStar = see_Try

    def see_If(self, node: ast.If, scope: Scope) -> None:
        self.visit(node.test, scope)
        before = self.alternative
        if not before and node.orelse:
            self.ways += 1
            self.alternative = self.ways
        self.all(node.body, scope)
        self.all(node.orelse, scope)
        self.alternative = before

    def see_Import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if alias.name == "*":
                continue
            variable = self.bind(scope, alias.asname or alias.name.partition(".")[0], How.DEFINED, node)
            path = alias.name if isinstance(node, ast.Import) else "." * node.level + (node.module or "")
            variable.imported_from = path.partition(".")[0]
            variable.is_module = isinstance(node, ast.Import)

    see_ImportFrom = see_Import

    def see_MatchAs(self, node: ast.MatchAs, scope: Scope) -> None:
        self.visit(node.pattern, scope)
        if node.name:
            self.bind(scope, node.name, How.ASSIGNED, node)

    def see_MatchStar(self, node: ast.MatchStar, scope: Scope) -> None:
        if node.name:
            self.bind(scope, node.name, How.ASSIGNED, node)

    def see_MatchMapping(self, node: ast.MatchMapping, scope: Scope) -> None:
        if node.rest:
            self.bind(scope, node.rest, How.ASSIGNED, node)
        for child in ast.iter_child_nodes(node):
            self.visit(child, scope)

    def see_TypeAlias(self, node: ast.AST, scope: Scope) -> None:
        name = getattr(node, "name")  # noqa: B009  (3.12)
        self.bind(scope, name.id, How.DEFINED, node)
        self.visit(getattr(node, "value", None), scope)

    def see_Call(self, node: ast.Call, scope: Scope) -> None:
        if (
            scope.kind is Kind.MODULE
            and scope.first_start is None
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in STARTS
        ):
            scope.first_start = _position(node)
        for child in ast.iter_child_nodes(node):
            self.visit(child, scope)

    # --- New scopes. ---

    def see_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        self.all(node.decorator_list, scope)
        self.bind(scope, node.name, How.DEFINED, node)
        self.function(node, node.body, scope)

    see_AsyncFunctionDef = see_FunctionDef

    def see_Lambda(self, node: ast.Lambda, scope: Scope) -> None:
        self.function(node, [node.body], scope)

    def function(self, node: FunctionNode, body: list[ast.stmt] | list[ast.expr], scope: Scope) -> None:
        arguments = node.args
        self.all(arguments.defaults, scope)
        self.all([default for default in arguments.kw_defaults if default is not None], scope)
        inner = Scope(Kind.FUNCTION, node, scope, scope.private)
        self.scopes[id(node)] = inner
        loops, self.loops = self.loops, 0
        alternative, self.alternative = self.alternative, 0
        for parameter in _parameters(arguments):
            self.bind(inner, parameter.arg, How.PARAMETER, parameter)
            self.visit(parameter.annotation, scope)
        for parameter in getattr(node, "type_params", []):
            self.bind(inner, parameter.name, How.DEFINED, parameter)
        if not isinstance(node, ast.Lambda):
            self.visit(node.returns, scope)
            self.declare(node.body, inner)
        self.all(body, inner)
        self.loops, self.alternative = loops, alternative

    def see_ClassDef(self, node: ast.ClassDef, scope: Scope) -> None:
        self.all(node.decorator_list, scope)
        self.bind(scope, node.name, How.DEFINED, node)
        self.all(node.bases, scope)
        self.all([keyword.value for keyword in node.keywords], scope)
        inner = Scope(Kind.CLASS, node, scope, node.name)
        self.scopes[id(node)] = inner
        for parameter in getattr(node, "type_params", []):
            self.bind(inner, parameter.name, How.DEFINED, parameter)
        self.declare(node.body, inner)
        self.all(node.body, inner)

    def comprehension(self, node: ComprehensionNode, scope: Scope) -> None:
        inner = Scope(Kind.COMPREHENSION, node, scope, scope.private)
        self.scopes[id(node)] = inner
        self.visit(node.generators[0].iter, scope)
        for number, generator in enumerate(node.generators):
            if number:
                self.visit(generator.iter, inner)
            self.target(generator.target, inner)
            self.all(generator.ifs, inner)
        if isinstance(node, ast.DictComp):
            self.visit(node.key, inner)
            self.visit(node.value, inner)
        else:
            self.visit(node.elt, inner)

    see_ListComp = see_SetComp = see_DictComp = see_GeneratorExp = comprehension


def _position(node: ast.AST) -> Position:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _parameters(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from arguments.posonlyargs
    yield from arguments.args
    if arguments.vararg:
        yield arguments.vararg
    yield from arguments.kwonlyargs
    if arguments.kwarg:
        yield arguments.kwarg


def _within(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of one scope, in any depth."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _within(getattr(statement, name, None) or [])
        for handler in getattr(statement, "handlers", []):
            yield from _within(handler.body)
        for case in getattr(statement, "cases", []):
            yield from _within(case.body)
