"""Calls: methods of containers, builtins that look at an object, and all other functions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from raddle.check._ops import Flag, Guard, Op
from raddle.check._rewrite import _tables as tables
from raddle.check._rewrite._known import NOTHING, Fact, Known, called, computed
from raddle.check._rewrite._sites import Site, text_of, value_of

if TYPE_CHECKING:
    from raddle.check._rewrite._values import Values

_CONTAINER = ("container", "")


def value_of_call(values: Values, node: ast.Call, tested: bool) -> Known:
    function = node.func
    if isinstance(function, ast.Name) and values.scope.is_builtin(function.id):
        special = _BUILTINS.get(function.id)
        if special is not None and node.args and not isinstance(node.args[0], ast.Starred):
            return special(values, node)
    if isinstance(function, ast.Attribute):
        if (
            function.attr in tables.METHODS
            and values.is_container(function.value)
            and not _is_module(values, function.value)
        ):
            return _method(values, node, function)
        base = _called_attribute(values, function)
        if function.attr == "join" and len(node.args) == 1 and isinstance(function.value, ast.Constant):
            return called([base, values.iterated_or_plain(node.args[0], Flag.C_LOOP)])
    else:
        base = values.expression(function)
    return called([base, *_arguments(values, node)])


def _arguments(values: Values, node: ast.Call, first: int = 0) -> list[Known]:
    return values.each([*node.args[first:], *(keyword.value for keyword in node.keywords)])


def _is_module(values: Values, node: ast.expr) -> bool:
    if not isinstance(node, ast.Name):
        return False
    variable = values.scope.find(node.id)
    return variable is not None and variable.is_module


def _called_attribute(values: Values, node: ast.Attribute) -> Known:
    """`o.f(...)`: a method mostly. An access if this module stores something there."""
    base = values.expression(node.value)
    if node.attr not in values.module.attributes.stored:
        return base
    site = values.attribute(node, Op.ATTR_READ)
    if site is None:
        return base
    site.reads = site.uses = True
    site.needed = node.attr not in values.module.attributes.constant
    site.never = not site.needed and node.attr.startswith("_")
    values.touch(site)
    return Known(frozenset({site}), base.direct | base.near, base.far)


# --- Builtins. ---


def _len(values: Values, node: ast.Call) -> Known:
    argument = node.args[0]
    known = values.expression(argument)
    if len(node.args) != 1 or not values.is_container(argument):
        return computed([known])
    text = values.text(argument)
    site = values.site(
        node, "argument", lambda: Site(Op.LEN, node, text_of(argument), key=_CONTAINER, text=text, reads=True)
    )
    values.touch(site)
    return Known(direct=frozenset({site}), near=known.direct | known.near, far=known.far)


def _named(op: Op) -> Callable[[Values, ast.Call], Known]:
    """getattr and its like."""

    def of(values: Values, node: ast.Call) -> Known:
        knowns = _arguments(values, node)
        name = node.args[1] if len(node.args) > 1 else None
        if name is None or not values.is_pure(name):
            return called(knowns)
        known_name = name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else None
        if known_name is not None and known_name.startswith("__") and known_name.endswith("__"):
            return called(knowns)
        target = node.args[0]
        text = values.text(target)
        site = values.site(
            node,
            "argument",
            lambda: Site(
                op,
                node,
                f"{text_of(target)}.{known_name or text_of(name)}",
                known_name,
                ("attr", known_name or text_of(name)),
                text,
            ),
        )
        site.reads = op in (Op.GETATTR, Op.HASATTR)
        site.uses = op is Op.GETATTR and len(node.args) == 2
        if op is Op.GETATTR and len(node.args) > 2:
            site.flags |= Flag.HAS_DEFAULT
        site.writes = op in (Op.SETATTR, Op.DELATTR)
        site.creates, site.removes = op is Op.SETATTR, op is Op.DELATTR
        if op is Op.SETATTR and len(node.args) > 2:
            if not values.is_pure(node.args[2]) and isinstance(target, ast.Name) and values.is_pure(target):
                site.flags |= Flag.RETURNS_KEY  # told after the value has been computed, perhaps from a read
            site.flags |= value_of(node.args[2], values.scope, values.module.attributes.classes)
        values.touch(site, computed(knowns))
        if op is Op.HASATTR:
            return Known(yes=(Fact(site, Guard.PRESENT),), no=(Fact(site, Guard.ABSENT),))
        return Known(frozenset({site}), computed(knowns).near) if op is Op.GETATTR else NOTHING

    return of


def _next(values: Values, node: ast.Call) -> Known:
    knowns = _arguments(values, node)
    argument = node.args[0]
    if values.may_change(argument) and isinstance(argument, ast.Name | ast.Attribute | ast.Subscript):
        text = values.text(argument)
        site = values.site(
            node, "argument", lambda: Site(Op.NEXT, node, text_of(argument), key=("iterator", ""), text=text)
        )
        values.touch(site)
    return called(knowns)


def _loop(flags: int) -> Callable[[Values, ast.Call], Known]:
    def of(values: Values, node: ast.Call) -> Known:
        if len(node.args) > 1 and flags != Flag.C_LOOP:
            return called(_arguments(values, node))
        first = (
            values.iterated(node.args[0], flags) if len(node.args) == 1 else values.expression(node.args[0])
        )
        return called([first, *_arguments(values, node, 1)])

    return of


_BUILTINS: dict[str, Callable[[Values, ast.Call], Known]] = {
    "len": _len,
    "getattr": _named(Op.GETATTR),
    "setattr": _named(Op.SETATTR),
    "hasattr": _named(Op.HASATTR),
    "delattr": _named(Op.DELATTR),
    "next": _next,
    **{name: _loop(Flag.C_LOOP) for name in tables.C_LOOPS},
    **{name: _loop(Flag.C_COPY) for name in tables.C_COPIES},
}


# --- Methods of containers. ---


def _method(values: Values, node: ast.Call, function: ast.Attribute) -> Known:
    name = function.attr
    base = values.expression(function.value)
    first = node.args[0] if node.args and not isinstance(node.args[0], ast.Starred) else None
    if first is not None and name in tables.FIRST_IS_ITERATED and len(node.args) == 1:
        knowns = [values.iterated(first, Flag.C_LOOP), *_arguments(values, node, 1)]
    else:
        knowns = _arguments(values, node)
    site = _method_site(values, node, function, first if name in tables.FIRST_IS_KEY else None)
    site.reads = name not in tables.CREATING or name == "setdefault"
    site.writes = name in tables.WRITING
    site.creates = name in tables.CREATING and name != "setdefault"
    site.removes = name in tables.REMOVING
    site.uses = name == "index"
    stored = node.args[-1] if node.args and site.creates else None
    site.flags |= (
        value_of(stored, values.scope, values.module.attributes.classes) if stored is not None else 0
    )
    values.touch(site, computed(knowns))
    if name in tables.WITH_RESULT and node is not values.thrown_away:
        values.site(
            node, "result", lambda: Site(Op.RESULT, node, site.expression, name, needed=False, extra=site)
        )
    return Known(frozenset({site}), base.direct | base.near | computed(knowns).near, base.far)


def _method_site(values: Values, node: ast.Call, function: ast.Attribute, first: ast.expr | None) -> Site:
    text, name = values.text(function.value), function.attr
    expression = text_of(node) if first is not None else text_of(function)
    key_text = text_of(first) if first is not None else ""

    def make(op: Op = Op.METHOD, flags: int = 0, extra: object = None) -> Site:
        return Site(op, node, expression, name, _CONTAINER, text, key_text, flags, extra=extra)

    if first is None or values.is_pure(first):
        return values.site(node, "method", make)
    if isinstance(function.value, ast.Name) and values.may_repeat(function.value, first):
        return values.site(node, "method", lambda: make(flags=Flag.RETURNS_KEY))
    remembered = values.site(node, "method", lambda: make(Op.METHOD_OBJECT))
    remembered.needed = False
    return values.site(node, "key", lambda: make(Op.METHOD_KEY, extra=remembered))
