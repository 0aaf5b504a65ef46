"""Which attributes of a module's classes are set once, in `__init__`, before anybody else can have the
object.

Reads and first writes of those cannot be part of a race that one module alone makes, and are not watched
unless a guard depends on them. An attribute is told by its name only: a store to `.x` of whatever object
counts for all.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from raddle.check._rewrite._scopes import How, Kind, Scope, Scopes
from raddle.check._rewrite._tables import STDLIB


@dataclass
class Attributes:
    stored: set[str] = field(default_factory=set)  # anywhere in the module, `del` too
    constant: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)  # names of classes made here


def attributes_of(tree: ast.Module, scopes: Scopes) -> Attributes:
    return _Survey(scopes).of(tree)


class _Survey:
    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self.early: set[int] = set()  # stores by __init__ before self can be known to others
        self.early_names: set[str] = set()
        self.classes: dict[str, tuple[ast.ClassDef, Scope]] = {}
        self.inits: dict[str, bool] = {}  # class -> whether its __init__ lets self go

    def of(self, tree: ast.Module) -> Attributes:
        result = Attributes()
        stores: list[ast.Attribute] = []
        updated: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                self.classes[node.name] = node, self.scopes[id(node)]
            elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                stores.append(node)
            elif isinstance(node, ast.AugAssign):
                updated.add(id(node.target))
        for name in self.classes:
            self.lets_go(name)
        late: set[str] = set()
        for node in stores:
            result.stored.add(node.attr)
            if id(node) not in self.early or id(node) in updated or isinstance(node.ctx, ast.Del):
                late.add(node.attr)
        result.constant = result.stored - late
        result.classes = set(self.classes)
        return result

    def lets_go(self, name: str) -> bool:
        """Whether the class's `__init__` may make `self` known before it ends."""
        if name in self.inits:
            return self.inits[name]
        self.inits[name] = True  # for a class that inherits from itself, by name
        node, scope = self.classes[name]
        inherited = any(self.base_lets_go(base, scope) for base in node.bases)
        init = next(
            (item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"),
            None,
        )
        self.inits[name] = inherited
        if init is not None and init.args.args and not init.decorator_list:
            walk = _Init(init.args.args[0].arg, inherited)
            for statement in init.body:
                walk.see(statement)
            self.early |= walk.early
            self.inits[name] = walk.gone
        return self.inits[name]

    def base_lets_go(self, base: ast.expr, scope: Scope) -> bool:
        while isinstance(base, ast.Subscript):  # Generic[T]
            base = base.value
        if isinstance(base, ast.Name):
            around = scope.parent or scope
            if around.is_builtin(base.id):
                return False
            if base.id in self.classes:
                return self.lets_go(base.id)
            return not _from_stdlib(base.id, around)
        if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
            return not _from_stdlib(base.value.id, scope.parent or scope)
        return True


class _Init:
    """One `__init__`, in the order of its text."""

    def __init__(self, me: str, inherited: bool) -> None:
        self.me = me
        self.inherited = inherited
        self.gone = False
        self.early: set[int] = set()
        self.set: set[str] = set()

    def see(self, node: ast.AST) -> None:
        while isinstance(node, ast.BinOp):
            self.see(node.right)
            node = node.left
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None:
            self.see(node.value)
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self.see(target)
        elif (
            isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == self.me
        ):
            if isinstance(node.ctx, ast.Store) and not self.gone:
                self.early.add(id(node))
                self.set.add(node.attr)
            elif isinstance(node.ctx, ast.Load) and node.attr not in self.set:
                self.gone = True  # a method, bound to self
        elif isinstance(node, ast.Call) and _is_inherited_init(node, self.me):
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                if not (isinstance(argument, ast.Name) and argument.id == self.me):
                    self.see(argument)
            self.gone = self.gone or self.inherited
        elif isinstance(node, ast.Name) and node.id in (self.me, "super", "locals", "vars"):
            self.gone = True
        else:
            for child in ast.iter_child_nodes(node):
                self.see(child)


def _is_inherited_init(node: ast.Call, me: str) -> bool:
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "__init__":
        return False
    base = node.func.value
    if isinstance(base, ast.Call):
        return isinstance(base.func, ast.Name) and base.func.id == "super"
    return bool(node.args) and isinstance(node.args[0], ast.Name) and node.args[0].id == me


def _from_stdlib(name: str, scope: Scope) -> bool:
    """Whether the name is an import from the standard library, whose `__init__`s keep no self elsewhere."""
    variable = scope.find(name)
    if variable is None or not variable.only(How.DEFINED) or variable.owner.kind is not Kind.MODULE:
        return False
    return variable.imported_from in STDLIB
