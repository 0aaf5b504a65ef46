"""Expressions: their sites, in the order in which they run, and where their values come from."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence

from raddle.check._ops import Flag, Guard, Link, Op
from raddle.check._rewrite._attributes import Attributes
from raddle.check._rewrite._fresh import is_fresh
from raddle.check._rewrite._known import (
    NOTHING,
    Fact,
    Known,
    State,
    called,
    computed,
    depends,
    either,
    join,
    may_be_same,
    place,
)
from raddle.check._rewrite._scopes import ComprehensionNode, How, Kind, Scope, Scopes, Variable
from raddle.check._rewrite._sites import MISSING, Site, text_of, value_of
from raddle.check._rewrite._tables import LAZY_LOOPS, STDLIB

Role = tuple[int, str]


class Module:
    """What all functions of a module share while it is looked through."""

    def __init__(self, scopes: Scopes, attributes: Attributes) -> None:
        self.scopes = scopes
        self.attributes = attributes
        self.sites: dict[Role, Site] = {}  # in the order in which they were found
        self.entered: set[int] = set()  # functions whose links need to know where a call begins


class Values:
    """The state of one function as its expressions run."""

    def __init__(self, module: Module, scope: Scope, fresh: frozenset[str]) -> None:
        self.module = module
        self.scope = scope
        self.function = scope
        self.fresh = fresh
        self.state: State = State()
        self.touched: list[Site] = []
        self.chosen_by: dict[
            int, tuple[Fact, ...]
        ] = {}  # conditional expression -> when it is not the value read
        self.thrown_away: ast.expr | None = None
        self.inner: list[tuple[ast.AST, Scope]] = []  # functions found inside, to be looked through later

    # --- Sites. ---

    def site(self, node: ast.AST, role: str, make: Callable[[], Site]) -> Site:
        found = self.module.sites.get((id(node), role))
        if found is None:
            found = self.module.sites[id(node), role] = make()
        return found

    def touch(self, site: Site, value: Known = NOTHING, tested: bool = False) -> None:
        """The site runs: what does it depend on?"""
        state = self.state
        self.touched.append(site)
        for fact in state.facts:
            if depends(fact, site, tested):
                site.link(fact.site, fact.kind, fact.expects)
                self.need_entry(fact.site)
        if site.writes:
            for read in value.all:
                if may_be_same(read, site):
                    site.link(read, Link.DATA)
                    self.need_entry(read)
        if site.reads:
            state.done |= {site}
        if site.writes:
            state.forget(site)

    def need_entry(self, read: Site) -> None:
        if read not in self.state.done:
            self.module.entered.add(id(self.function.node))

    # --- Names. ---

    def tracked(self, name: str) -> Variable | None:
        variable = self.scope.find(name)
        return variable if variable is not None and variable.tracked else None

    def variable_site(self, node: ast.AST, role: str, variable: Variable, ops: tuple[Op, Op]) -> Site:
        is_global = variable.owner.kind is Kind.MODULE
        key = ("global" if is_global else "cell", variable.name)
        return self.site(
            node, role, lambda: Site(ops[0] if is_global else ops[1], node, variable.name, variable.name, key)
        )

    def text(self, node: ast.AST) -> str:
        """The text of an expression, local variables that are other names for something replaced."""
        if isinstance(node, ast.Name):
            return self.state.variables.get(node.id, NOTHING).text or node.id
        if isinstance(node, ast.Attribute):
            return f"{self.text(node.value)}.{node.attr}"
        if isinstance(node, ast.NamedExpr):
            return self.text(node.value)
        return text_of(node)

    def is_pure(self, node: ast.expr) -> bool:
        """Evaluating it twice does nothing."""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            return self.scope.is_pure(node.id)
        if isinstance(node, ast.UnaryOp):
            return isinstance(node.operand, ast.Constant)
        return isinstance(node, ast.Tuple) and 0 < len(node.elts) < 4 and all(map(self.is_pure, node.elts))

    def is_container(self, node: ast.expr) -> bool:
        """Whether it can be a container that others have too."""
        if isinstance(node, ast.Name):
            if node.id in self.fresh:
                return False
            variable = self.scope.find(node.id)
            if variable is None:
                return not self.scope.is_builtin(node.id)
            if variable.only(How.DEFINED):
                return variable.imported_from is not None and not variable.is_module
            value = variable.only_value()
            return not (
                isinstance(value, ast.Constant | ast.Tuple | ast.JoinedStr)
                and variable.bindings[0].scope is variable.owner
            )
        if isinstance(node, ast.Attribute | ast.Subscript):
            return True
        return not is_fresh(node, self.scope) and not _is_super(node)

    # --- Expressions. ---

    def expression(self, node: ast.expr | None, tested: bool = False) -> Known:
        if node is None:
            return NOTHING
        method = getattr(self, f"value_{type(node).__name__}", None)
        if method is None:
            return NOTHING  # of a later version of Python: left as it is
        result: Known = method(node, tested)
        return result

    def each(self, nodes: Iterable[ast.expr | None]) -> list[Known]:
        return [self.expression(node) for node in nodes]

    def test(self, node: ast.expr) -> Known:
        """The expression decides: what follows if it is true, and if it is false?"""
        known = self.expression(node, tested=True)
        yes, no = known.yes, known.no
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.NamedExpr | ast.Call):
            reads = [read for read in known.direct if read.op is not Op.LEN]
            yes += tuple(Fact(read, Guard.TRUTHY) for read in reads)
            no += tuple(Fact(read, Guard.FALSY) for read in reads)
            for read in known.direct:
                if read.op is Op.LEN:
                    yes, no = (*yes, Fact(read, Guard.NON_EMPTY)), (*no, Fact(read, Guard.EMPTY))
            if not isinstance(node, ast.Call) and self.is_container(node):
                truth = self.truth(node)
                yes, no = (*yes, Fact(truth, Guard.NON_EMPTY)), (*no, Fact(truth, Guard.EMPTY))
        return known._replace(yes=yes, no=no)

    def truth(self, node: ast.expr) -> Site:
        text = self.text(node)
        site = self.site(
            node,
            "truth",
            lambda: Site(
                Op.TRUTH, node, text_of(node), key=("container", ""), text=text, reads=True, needed=False
            ),
        )
        self.touch(site)
        return site

    def value_Constant(self, node: ast.Constant, tested: bool) -> Known:
        return NOTHING

    def value_Name(self, node: ast.Name, tested: bool) -> Known:
        variable = self.tracked(node.id)
        if variable is None:
            return self.state.variables.get(node.id, NOTHING)
        site = self.variable_site(node, "access", variable, (Op.GLOBAL_READ, Op.CELL_READ))
        site.reads = site.uses = True
        self.touch(site, tested=tested)
        return Known(direct=frozenset({site}))

    def value_Attribute(self, node: ast.Attribute, tested: bool) -> Known:
        base = self.expression(node.value)
        site = self.attribute(node, Op.ATTR_READ)
        if site is None:
            return computed([base])
        site.reads = site.uses = True
        attributes = self.module.attributes
        site.needed = node.attr not in attributes.constant
        site.never = not site.needed and node.attr.startswith("_")
        self.touch(site, tested=tested)
        return Known(frozenset({site}), base.direct | base.near, base.far, text=self.text(node))

    def attribute(self, node: ast.Attribute, op: Op) -> Site | None:
        name = self.scope.mangled(node.attr)
        if name.startswith("__") and name.endswith("__"):
            return None
        if _is_super(node.value) or isinstance(node.value, ast.Constant | ast.JoinedStr):
            return None
        stored = node.attr in self.module.attributes.stored
        if isinstance(node.value, ast.Name) and not stored and not self.is_object(node.value.id):
            return None
        text = self.text(node.value)
        return self.site(
            node, "access", lambda: Site(op, node, text_of(node), name, key=("attr", name), text=text)
        )

    def is_object(self, name: str) -> bool:
        """Not a module of the standard library, nor a class made here whose attributes nobody changes."""
        variable = self.scope.find(name)
        if variable is None:
            return not self.scope.is_builtin(name)
        if not variable.only(How.DEFINED):
            return True
        if variable.imported_from is not None:
            return variable.imported_from not in STDLIB
        return False

    def value_Subscript(self, node: ast.Subscript, tested: bool) -> Known:
        base = self.expression(node.value)
        index = self.expression(node.slice)
        site = self.item(node, Op.ITEM_READ, Op.SLICE_READ)
        if site is None:
            return computed([base, index])
        site.reads = site.uses = True
        self.touch(site, tested=tested)
        near = base.direct | base.near | index.direct | index.near
        return Known(frozenset({site}), near, base.far | index.far, text=self.text(node))

    def item(self, node: ast.Subscript, op: Op, slice_op: Op) -> Site | None:
        """The site that is told of the access: the key's if the container has to be remembered first."""
        if not self.is_container(node.value):
            return None
        text, expression = self.text(node.value), text_of(node)
        key_text = text_of(node.slice)

        def make(op: Op = op, flags: int = 0, extra: object = None) -> Site:
            return Site(
                op,
                node,
                expression,
                key=("container", ""),
                text=text,
                key_text=key_text,
                flags=flags,
                extra=extra,
            )

        if isinstance(node.slice, ast.Slice):
            site = self.site(node, "access", lambda: make(slice_op))
            site.key_text = ""
            return site
        if self.is_pure(node.slice):
            return self.site(node, "access", make)
        if isinstance(node.value, ast.Name) and self.may_repeat(node.value, node.slice):
            return self.site(node, "access", lambda: make(flags=Flag.RETURNS_KEY))
        first = self.site(node, "access", lambda: make(Op.ITEM_OBJECT))
        first.needed = False
        return self.site(node, "key", lambda: make(Op.ITEM_KEY, extra=(first, op)))

    def may_repeat(self, name: ast.Name, between: ast.expr) -> bool:
        """Whether the name means the same after `between` has been evaluated."""
        if not self.scope.is_pure(name.id):
            return False
        variable = self.scope.find(name.id)
        if variable is not None and variable.owner.kind is Kind.FUNCTION and not variable.tracked:
            return not any(
                isinstance(node, ast.NamedExpr) and node.target.id == name.id for node in ast.walk(between)
            )
        return variable is not None and not variable.tracked

    def value_Call(self, node: ast.Call, tested: bool) -> Known:
        from raddle.check._rewrite._calls import value_of_call

        return value_of_call(self, node, tested)

    def value_Compare(self, node: ast.Compare, tested: bool) -> Known:
        from raddle.check._rewrite._compare import value_of_compare

        return value_of_compare(self, node)

    def value_BoolOp(self, node: ast.BoolOp, tested: bool) -> Known:
        is_and = isinstance(node.op, ast.And)
        facts, done = self.state.facts, None
        result = NOTHING
        follows: tuple[Fact, ...] = ()
        for number, value in enumerate(node.values):
            known = self.test(value)
            chosen = known.yes if is_and else known.no
            self.state.adopt(chosen)
            follows += chosen
            result = either(result, known) if number else known
            done = self.state.done if done is None else done
        self.state.facts = facts
        self.state.done = done if done is not None else self.state.done
        yes, no = (follows, ()) if is_and else ((), follows)
        return result._replace(yes=yes, no=no, text="")

    def value_UnaryOp(self, node: ast.UnaryOp, tested: bool) -> Known:
        if isinstance(node.op, ast.Not):
            known = self.test(node.operand)
            return computed([known])._replace(yes=known.no, no=known.yes)
        return computed([self.expression(node.operand)])

    def value_BinOp(self, node: ast.BinOp, tested: bool) -> Known:
        operands: list[ast.expr] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            operands.append(left.right)
            left = left.left
        return computed(self.each([left, *reversed(operands)]))

    def value_IfExp(self, node: ast.IfExp, tested: bool) -> Known:
        known = self.test(node.test)
        before = self.state
        self.state = before.copy()
        self.state.adopt(known.yes)
        body = self.expression(node.body)
        after = self.state
        self.state = before.copy()
        self.state.adopt(known.no)
        orelse = self.expression(node.orelse)
        self.state = join([after, self.state]) or before
        kept_if_no, kept_if_yes = ({place(site) for site in part.direct} for part in (orelse, body))
        new = [fact for fact in known.yes if place(fact.site) in kept_if_no]
        new += [fact for fact in known.no if place(fact.site) in kept_if_yes]
        self.chosen_by[id(node)] = tuple(fact for fact in new if fact.expects in MISSING)
        result = either(body, orelse)
        return result._replace(
            near=result.near | known.direct | known.near, far=result.far | known.far, yes=(), no=()
        )

    def value_NamedExpr(self, node: ast.NamedExpr, tested: bool) -> Known:
        known = self.expression(node.value, tested)
        self.bind(node.target, known, node.value)
        return known

    def bind(self, node: ast.Name, known: Known, value: ast.expr | None) -> None:
        """The name gets the value."""
        variable = self.tracked(node.id)
        if variable is None:
            text = self.text(value) if isinstance(value, ast.Attribute | ast.Name) else ""
            self.state.variables[node.id] = known._replace(text=text)
            return
        site = self.variable_site(node, "store", variable, (Op.GLOBAL_WRITE, Op.CELL_WRITE))
        site.writes = site.creates = True
        site.flags |= value_of(value, self.scope, self.module.attributes.classes)
        self.touch(site, known)

    def many(self, nodes: Sequence[ast.expr | None]) -> Known:
        return computed(self.each(nodes))

    def value_Tuple(self, node: ast.Tuple | ast.List | ast.Set, tested: bool) -> Known:
        return self.many(node.elts)

    value_List = value_Set = value_Tuple

    def value_Dict(self, node: ast.Dict, tested: bool) -> Known:
        return self.many([part for pair in zip(node.keys, node.values, strict=True) for part in pair])

    def value_JoinedStr(self, node: ast.JoinedStr, tested: bool) -> Known:
        return self.many(node.values)

    def value_FormattedValue(self, node: ast.FormattedValue, tested: bool) -> Known:
        return self.many([node.value, node.format_spec])

    def value_Slice(self, node: ast.Slice, tested: bool) -> Known:
        return self.many([node.lower, node.upper, node.step])

    def value_Starred(self, node: ast.Starred, tested: bool) -> Known:
        return computed([self.expression(node.value)])

    def value_Await(self, node: ast.Await | ast.YieldFrom, tested: bool) -> Known:
        return called([self.expression(node.value)])

    value_YieldFrom = value_Await

    def value_Yield(self, node: ast.Yield, tested: bool) -> Known:
        self.expression(node.value)
        return NOTHING

    # --- New scopes. ---

    def value_Lambda(self, node: ast.Lambda, tested: bool) -> Known:
        self.defaults(node.args)
        self.inner.append((node, self.scope))
        return NOTHING

    def defaults(self, arguments: ast.arguments) -> None:
        self.each([*arguments.defaults, *arguments.kw_defaults])

    def value_ListComp(self, node: ComprehensionNode, tested: bool) -> Known:
        outer, before = self.scope, self.state
        sources = [self.iterated(node.generators[0].iter, Flag.C_LOOP)]
        self.scope = self.module.scopes[id(node)]
        self.state = self.state.copy()
        for number, generator in enumerate(node.generators):
            source = sources[0] if not number else self.iterated(generator.iter, Flag.C_LOOP)
            sources.append(source)
            self.assign(generator.target, computed([source]), None)
            for condition in generator.ifs:
                self.state.adopt(self.test(condition).yes)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        result = computed([*sources, *self.each(parts)])
        self.scope, self.state = outer, before
        return result

    value_SetComp = value_DictComp = value_GeneratorExp = value_ListComp

    def assign(self, target: ast.expr, known: Known, value: ast.expr | None) -> None:
        raise NotImplementedError

    def iterated(self, node: ast.expr, flags: int) -> Known:
        """The expression, iterated over by what is around it."""
        if isinstance(node, ast.Call) and self.is_lazy_loop(node.func):
            for keyword in node.keywords:
                self.expression(keyword.value)
            return called([self.iterated_or_plain(argument, flags) for argument in node.args])
        known = self.expression(node)
        if self.may_change(node):
            text = self.text(node)
            site = self.site(
                node,
                "iter",
                lambda: Site(Op.ITER, node, text_of(node), key=("container", ""), text=text, flags=flags),
            )
            site.reads = True
            self.touch(site)
        return known

    def iterated_or_plain(self, node: ast.expr, flags: int) -> Known:
        return self.iterated(node, flags) if not isinstance(node, ast.Starred) else self.expression(node)

    def is_lazy_loop(self, function: ast.expr) -> bool:
        return (
            isinstance(function, ast.Name)
            and function.id in LAZY_LOOPS
            and self.scope.is_builtin(function.id)
        )

    def may_change(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            return not is_fresh(node, self.scope)
        return isinstance(
            node, ast.Name | ast.Attribute | ast.Subscript | ast.NamedExpr
        ) and self.is_container(node)


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
