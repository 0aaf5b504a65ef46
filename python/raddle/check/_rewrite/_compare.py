"""Comparisons: what they tell of the things compared."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from raddle.check._ops import Flag, Guard, Link, Op
from raddle.check._rewrite._known import NOTHING, Fact, Known, computed
from raddle.check._rewrite._sites import Site, text_of

if TYPE_CHECKING:
    from raddle.check._rewrite._values import Values

Facts = tuple[Fact, ...]
_WATCHED = frozenset({"attr", "global", "cell", "container"})


def value_of_compare(values: Values, node: ast.Compare) -> Known:
    operands = [node.left, *node.comparators]
    with_none = len(node.ops) == 1 and _is_none(node.comparators[0])
    knowns = [values.expression(node.left, tested=with_none)]
    yes: Facts = ()
    no: Facts = ()
    for number, (operator, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
        knowns.append(values.expression(right))
        left = operands[number]
        if isinstance(operator, ast.In | ast.NotIn):
            found, missing = _contains(values, node, number, left, right)
            both = (found, missing) if isinstance(operator, ast.In) else (missing, found)
        elif with_none:
            both = _none(knowns[0], isinstance(operator, ast.Is | ast.Eq))
        else:
            both = _compared(operator, left, right, knowns[number], knowns[number + 1])
        yes += both[0]
        no += both[1] if len(node.ops) == 1 else ()
    known = computed(knowns)
    return known._replace(yes=yes, no=no) if known is not NOTHING or yes or no else NOTHING


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _contains(
    values: Values, node: ast.Compare, number: int, key: ast.expr, container: ast.expr
) -> tuple[Facts, Facts]:
    if not values.is_container(container):
        return (), ()
    text, expression, key_text = values.text(container), text_of(container), text_of(key)

    def make(op: Op, flags: int = 0, extra: object = None) -> Site:
        return Site(
            op, node, expression, None, ("container", ""), text, key_text, flags, reads=True, extra=extra
        )

    if values.is_pure(key):
        site = values.site(node, f"in{number}", lambda: make(Op.CONTAINS))
    elif not number and isinstance(container, ast.Name) and values.may_repeat(container, key):
        site = values.site(node, f"key{number}", lambda: make(Op.CONTAINS, Flag.RETURNS_KEY))
    else:
        remembered = values.site(node, f"key{number}", lambda: make(Op.CONTAINS_KEY))
        remembered.needed = remembered.reads = False
        site = values.site(node, f"in{number}", lambda: make(Op.CONTAINS_IN, extra=remembered))
    values.touch(site)
    return (Fact(site, Guard.PRESENT),), (Fact(site, Guard.ABSENT),)


def _none(known: Known, is_none: bool) -> tuple[Facts, Facts]:
    yes = tuple(Fact(read, Guard.IS_NONE) for read in known.direct)
    no = tuple(Fact(read, Guard.NOT_NONE) for read in known.direct)
    return (yes, no) if is_none else (no, yes)


def _compared(
    operator: ast.cmpop, left: ast.expr, right: ast.expr, one: Known, two: Known
) -> tuple[Facts, Facts]:
    lengths = _lengths(operator, left, right, one, two)
    if lengths is not None:
        return lengths
    reads = [read for known in (one, two) for read in (*known.direct, *known.near) if read.key[0] in _WATCHED]
    facts = tuple(Fact(read, Guard.NONE, Link.DATA) for read in dict.fromkeys(reads))
    return facts, facts


_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
}


def _lengths(
    operator: ast.cmpop, left: ast.expr, right: ast.expr, one: Known, two: Known
) -> tuple[Facts, Facts] | None:
    """`len(q) > 0` and its many forms; an index compared with a length; None for anything else."""
    kind = type(operator)
    mine, bound = _length(one), right
    if mine is None:
        mine, bound = _length(two), left
        kind = _MIRRORED.get(kind, kind)
    if mine is None or kind not in _MIRRORED:
        return None
    full: Facts = (Fact(mine, Guard.NON_EMPTY),)
    empty: Facts = (Fact(mine, Guard.EMPTY),)
    number = bound.value if isinstance(bound, ast.Constant) else None
    if (kind, number) in ((ast.Gt, 0), (ast.GtE, 1), (ast.NotEq, 0)):
        return full, empty
    if (kind, number) in ((ast.Eq, 0), (ast.Lt, 1), (ast.LtE, 0)):
        return empty, full
    compared: Facts = (Fact(mine, Guard.NONE, Link.DATA),)
    if kind in (ast.Gt, ast.GtE):
        return (*full, *compared), compared
    if kind in (ast.Lt, ast.LtE):
        return compared, (*full, *compared)
    return (*full, *compared) if number else compared, compared


def _length(known: Known) -> Site | None:
    return next((read for read in known.direct if read.op is Op.LEN), None)
