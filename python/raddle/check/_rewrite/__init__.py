"""Rewrites a module's syntax tree so that probes are called beside its accesses of shared data.

    rewritten = rewrite(parse(source, filename), source, filename)     may raise RecursionError
    code = with_probes(rewritten.code, checker.sites(filename, module.__dict__, rewritten.specs))

The order of work: which variable a name means (`_scopes`), which attributes never change (`_attributes`),
where the accesses are and how they depend on each other (`_flow`, `_values`), and last the changed tree
(`_transform`). The tree is changed in place.
"""

from __future__ import annotations

import ast

from raddle.check._constants import Rewritten, Spec, with_probes
from raddle.check._ops import Op
from raddle.check._rewrite._attributes import attributes_of
from raddle.check._rewrite._flow import look_through
from raddle.check._rewrite._scopes import Scopes
from raddle.check._rewrite._sites import Positions, Site, specification
from raddle.check._rewrite._transform import Transform
from raddle.check._rewrite._values import Role

__all__ = ["Rewritten", "Spec", "parse", "put_probes", "rewrite", "with_probes"]


def parse(source: bytes | str, filename: str) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(source, filename)


def rewrite(tree: ast.Module, source: bytes | str, filename: str) -> Rewritten:
    """Code with markers for the probes, and what the probes are."""
    specs = put_probes(tree, source)
    return Rewritten(compile(tree, filename, "exec", dont_inherit=True), specs)


def put_probes(tree: ast.Module, source: bytes | str) -> list[Spec]:
    """Changes the tree; returns the sites' specifications."""
    scopes = Scopes(tree)
    module = look_through(tree, scopes, attributes_of(tree, scopes))
    chosen = _choose(module.sites)
    entered = {
        function: Site(Op.ENTER, scopes[function].node, "")
        for function in module.entered
        if isinstance(scopes[function].node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    chosen += entered.values()
    for number, site in enumerate(chosen):
        site.number = number
    transform = Transform(module.sites, entered)
    transform.module(tree)
    positions = Positions(source)
    return [specification(site, positions) for site in chosen]


def _choose(sites: dict[Role, Site]) -> list[Site]:
    """Those that are worth a probe."""
    chosen = dict.fromkeys(site for site in sites.values() if site.wanted)
    for site in sites.values():
        other = site.needs()
        if other is None:
            continue
        if site.op in (Op.ITER_END, Op.RESULT, Op.VALUE):  # follow what they belong to
            if other in chosen and (site.op is not Op.VALUE or other.creates_what_was_missing):
                chosen[site] = None
        elif site in chosen or (site.op is Op.UPDATE_END and other in chosen):
            chosen[other] = chosen[site] = None
    return list(chosen)
