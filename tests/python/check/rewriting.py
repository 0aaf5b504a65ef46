"""What the tests of the rewriter share: sources in, sites and links out in words."""

import ast
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from raddle.check._ops import VALUE_MASK, Flag, Guard, Link, Op, Value
from raddle.check._rewrite import Spec, put_probes, rewrite, with_probes


def specs_of(source: str) -> list[Spec]:
    source = textwrap.dedent(source)
    return put_probes(ast.parse(source), source)


def rewritten(source: str) -> str:
    """The rewritten source, probes by the names of their operations: `ATTR_READ(o).x`."""
    source = textwrap.dedent(source)
    tree = ast.parse(source)
    specs = put_probes(tree, source)
    return ast.unparse(ast.fix_missing_locations(_Names(specs).visit(tree)))


class _Names(ast.NodeTransformer):
    def __init__(self, specs: Sequence[Spec]) -> None:
        self.specs = specs

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        if isinstance(node.body, ast.Constant) and isinstance(node.body.value, complex):
            return ast.Name(Op(self.specs[int(node.body.value.imag)][0]).name, ast.Load())
        return self.generic_visit(node)


def links_of(source: str) -> set[str]:
    """Each link as `READ expression -> ACT expression: what`."""
    specs = specs_of(source)
    found = set()
    for spec in specs:
        for read, kind, expects in spec[9]:
            what = "data" if kind == Link.DATA else Guard(expects).name.lower()
            found.add(f"{_name(specs[read])} -> {_name(spec)}: {what}")
    return found


def _name(spec: Spec) -> str:
    return f"{Op(spec[0]).name} {spec[6]}"


def ops_of(source: str) -> list[str]:
    return sorted(_name(spec) for spec in specs_of(source))


def value_of(spec: Spec) -> Value:
    return Value(spec[7] & VALUE_MASK)


def has(spec: Spec, flag: Flag) -> bool:
    return bool(spec[7] & flag)


class Probe:
    """Records its calls, returns the first argument."""

    def __init__(self, spec: Spec, log: list[tuple[Op, tuple[Any, ...]]]) -> None:
        self.op, self.log = Op(spec[0]), log

    def __call__(self, *arguments: Any) -> Any:
        self.log.append((self.op, arguments))
        return arguments[0] if arguments else None


def run(source: str, **variables: Any) -> tuple[dict[str, Any], list[tuple[Op, tuple[Any, ...]]]]:
    """The variables of the module after its body has been run, and what the probes were told."""
    source = textwrap.dedent(source)
    made = rewrite(ast.parse(source), source, "<program>")
    log: list[tuple[Op, tuple[Any, ...]]] = []
    probes: list[Callable[..., Any]] = [Probe(spec, log) for spec in made.specs]
    variables.setdefault("__name__", "program")
    exec(with_probes(made.code, probes), variables)
    return variables, log
