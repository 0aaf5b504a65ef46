"""Sites: the places in a module that get a probe, and what a probe's specification says."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from raddle.check._ops import Guard, Link, Op, Value
from raddle.check._rewrite._scopes import Scope
from raddle.check._rewrite._tables import ATOM_CALLS, IMMUTABLE_CALLS, MUTABLE_CALLS

_LONGEST = 80
_MOST_LINKS = 8

# Tests that have found nothing.
MISSING = frozenset({Guard.ABSENT, Guard.IS_NONE, Guard.FALSY, Guard.EMPTY})

Key = tuple[str, str]  # what a site touches, as far as links can tell: ("attr", name), ("item", ""), ...


@dataclass(eq=False)
class Site:
    op: Op
    node: ast.AST  # whose position it has
    expression: str
    name: str | None = None
    key: Key = ("", "")
    text: str = ""  # of the object or container; equal texts mean the same one, most likely
    key_text: str = ""  # of an item's key
    flags: int = 0
    reads: bool = False
    writes: bool = False
    creates: bool = False
    removes: bool = False
    uses: bool = False  # needs what a guard found there
    links: dict[tuple[Site, Link, Guard], None] = field(default_factory=dict)
    linked_from: bool = False
    guards_as: Guard = Guard.NONE
    needed: bool = True  # without any link
    never: bool = False  # even with links
    extra: Any = None  # a Site, or (Site, op)
    number: int = -1

    @property
    def wanted(self) -> bool:
        return not self.never and (self.needed or self.linked_from or bool(self.links))

    @property
    def creates_what_was_missing(self) -> bool:
        return any(expects in MISSING for _, _, expects in self.links)

    def needs(self) -> Site | None:
        """The other site without which this one means nothing."""
        other: Site | None = self.extra[0] if isinstance(self.extra, tuple) else self.extra
        return other

    def link(self, read: Site, kind: Link, expects: Guard = Guard.NONE) -> None:
        if read is self or read.never or self.never or len(self.links) >= _MOST_LINKS:
            return
        self.links[read, kind, expects] = None
        read.linked_from = True
        if kind is Link.GUARD and (read.guards_as is Guard.NONE or self.creates):
            read.guards_as = expects


class Positions:
    """Columns in characters. The syntax tree has them in bytes of UTF-8."""

    def __init__(self, source: bytes | str) -> None:
        text = source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
        self._lines: list[bytes] | None = None if text.isascii() else text.splitlines(keepends=True)

    def of(self, node: ast.AST) -> tuple[int, int, int, int]:
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        end_line = getattr(node, "end_lineno", None) or line
        end_column = getattr(node, "end_col_offset", None)
        end_column = column if end_column is None else end_column
        return line, self._characters(line, column), end_line, self._characters(end_line, end_column)

    def _characters(self, line: int, column: int) -> int:
        if self._lines is None or not 0 < line <= len(self._lines):
            return column
        return len(self._lines[line - 1][:column].decode("utf-8", "replace"))


def specification(site: Site, positions: Positions) -> tuple[Any, ...]:
    links = tuple(
        (read.number, int(kind), int(expects)) for (read, kind, expects) in site.links if read.number >= 0
    )
    extra = site.extra
    if isinstance(extra, Site):
        extra = extra.number
    elif isinstance(extra, tuple):
        extra = (extra[0].number, int(extra[1]))
    where = positions.of(site.node)
    return int(site.op), site.name, *where, site.expression, site.flags, int(site.guards_as), links, extra


def text_of(node: ast.AST) -> str:
    """The expression in few words: for reports, and to compare what it means."""
    text = _text(node, 0)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _text(node: ast.AST, depth: int) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if depth > 8:
        return "..."
    if isinstance(node, ast.Attribute):
        return f"{_text(node.value, depth + 1)}.{node.attr}"
    if isinstance(node, ast.Constant):
        return repr(node.value) if len(text := repr(node.value)) < 30 else text[:27] + "..."
    if isinstance(node, ast.Subscript):
        return f"{_text(node.value, depth + 1)}[{_text(node.slice, depth + 1)}]"
    if isinstance(node, ast.Call):
        arguments = _joined([*node.args, *(keyword.value for keyword in node.keywords)], depth)
        return f"{_text(node.func, depth + 1)}({arguments})"
    if isinstance(node, ast.Tuple):
        return f"({_joined(node.elts, depth)})"
    if isinstance(node, ast.NamedExpr):
        return _text(node.target, depth + 1)
    return "..."


def _joined(nodes: Iterable[ast.AST], depth: int) -> str:
    return ", ".join(_text(node, depth + 1) for node in nodes)


def value_of(node: ast.expr | None, scope: Scope, classes: Iterable[str] = ()) -> Value:
    """What the value of the expression is, as far as the source tells."""
    match node:
        case ast.Constant(value=None):
            return Value.NONE
        case ast.Constant(value=value):
            return Value.IMMUTABLE if value else Value.FALSY
        case ast.List() | ast.Dict() | ast.Set() | ast.ListComp() | ast.SetComp() | ast.DictComp():
            return Value.MUTABLE
        case ast.Tuple(elts=[]):
            return Value.FALSY
        case ast.Tuple() | ast.JoinedStr() | ast.Compare() | ast.Lambda():
            return Value.IMMUTABLE
        case ast.UnaryOp(op=ast.Not()):
            return Value.IMMUTABLE
        case ast.UnaryOp(operand=operand):
            return value_of(operand, scope, classes)
        case ast.NamedExpr(value=value):
            return value_of(value, scope, classes)
        case ast.BinOp(left=left, right=right):
            kinds = {value_of(left, scope, classes), value_of(right, scope, classes)}
            if Value.MUTABLE in kinds:
                return Value.MUTABLE  # [0] * n
            return Value.IMMUTABLE if kinds <= {Value.IMMUTABLE, Value.FALSY} else Value.UNKNOWN
        case ast.IfExp(body=body, orelse=orelse):
            kinds = {value_of(body, scope, classes), value_of(orelse, scope, classes)}
            return kinds.pop() if len(kinds) == 1 else Value.UNKNOWN
        case ast.Call(func=ast.Name(id=name)) if scope.is_builtin(name):
            return _value_of_call(name)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            if name in MUTABLE_CALLS or name in classes or _is_class_name(name):
                return Value.MUTABLE
    return Value.UNKNOWN


def is_atom(node: ast.expr, scope: Scope) -> bool:
    """Whether the value is a number, a text, or None, which refers to nothing."""
    match node:
        case ast.Constant() | ast.JoinedStr() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Compare(ops=ops):
            return all(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in ops)
        case ast.UnaryOp(operand=value) | ast.NamedExpr(value=value):
            return is_atom(value, scope)
        case ast.BinOp(left=left, right=right):
            return is_atom(left, scope) and is_atom(right, scope)
        case ast.IfExp(body=body, orelse=orelse):
            return is_atom(body, scope) and is_atom(orelse, scope)
        case ast.Call(func=ast.Name(id=name)) if scope.is_builtin(name):
            return name in ATOM_CALLS
    return False


def _value_of_call(name: str) -> Value:
    if name in MUTABLE_CALLS or name == "object":
        return Value.MUTABLE
    return Value.IMMUTABLE if name in IMMUTABLE_CALLS else Value.UNKNOWN


def _is_class_name(name: str) -> bool:
    name = name.lstrip("_")
    return name[:1].isupper() and any(letter.islower() for letter in name)
