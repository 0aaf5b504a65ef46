"""Statements of one function in the order in which they run: branches joined, loops run twice.

What depends on an earlier read is linked to it: a store of a value computed from it, and an act in a
region that is only reached because of what a test found. Functions inside are looked through by
themselves.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from raddle.check._ops import Flag, Guard, Op, Value
from raddle.check._rewrite._attributes import Attributes
from raddle.check._rewrite._fresh import fresh_locals
from raddle.check._rewrite._known import NOTHING, Fact, Known, State, called, computed, join, place
from raddle.check._rewrite._scopes import Scope, Scopes
from raddle.check._rewrite._sites import Site, is_atom, text_of, value_of
from raddle.check._rewrite._values import Module, Values

_DEEPEST = 3  # loops inside one another that are run twice


def look_through(tree: ast.Module, scopes: Scopes, attributes: Attributes) -> Module:
    """All sites of a module and the links between them."""
    module = Module(scopes, attributes)
    waiting: list[tuple[ast.AST, Scope]] = [(tree, scopes[id(tree)])]
    for node, _ in waiting:  # it grows
        fresh = fresh_locals(node, scopes) if isinstance(node, _FUNCTIONS) else frozenset[str]()
        flow = Flow(module, scopes[id(node)], fresh)
        if isinstance(node, ast.Lambda):
            flow.expression(node.body)
        elif isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            flow.run(node.body)
        waiting += flow.inner
    return module


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class _Loop:
    def __init__(self) -> None:
        self.breaks: list[State | None] = []
        self.continues: list[State | None] = []


class Flow(Values):
    def __init__(self, module: Module, scope: Scope, fresh: frozenset[str]) -> None:
        super().__init__(module, scope, fresh)
        self.dead = False
        self.loops: list[_Loop] = []

    # --- Ways through the function. ---

    def now(self) -> State | None:
        return None if self.dead else self.state

    def go_on(self, state: State | None) -> None:
        self.dead = state is None
        if state is not None:
            self.state = state

    def run(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            if self.dead:
                self.unreached(statement)
                continue
            method = getattr(self, f"do_{type(statement).__name__}", None)
            if method is not None:
                method(statement)

    def unreached(self, statement: ast.stmt) -> None:
        """Nothing is known of a way to here; functions defined here are looked through all the same."""
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self.inner.append((statement, self.scope))

    def branch(self, start: State, facts: Iterable[Fact], body: Sequence[ast.stmt]) -> State | None:
        self.go_on(start.copy())
        self.state.adopt(facts)
        self.run(body)
        return self.now()

    # --- Simple statements. ---

    def do_Expr(self, node: ast.Expr) -> None:
        self.thrown_away = node.value
        self.expression(node.value)

    def do_Return(self, node: ast.Return) -> None:
        self.expression(node.value)
        self.dead = True

    def do_Raise(self, node: ast.Raise) -> None:
        self.expression(node.exc)
        self.expression(node.cause)
        self.dead = True

    def do_Assert(self, node: ast.Assert) -> None:
        known = self.test(node.test)
        before = self.state
        self.state = before.copy()
        self.expression(node.msg)
        self.state = before
        self.state.adopt(known.yes)

    def do_Break(self, node: ast.Break) -> None:
        if self.loops:
            self.loops[-1].breaks.append(self.now())
        self.dead = True

    def do_Continue(self, node: ast.Continue) -> None:
        if self.loops:
            self.loops[-1].continues.append(self.now())
        self.dead = True

    def do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self.delete(target)

    def delete(self, target: ast.expr) -> None:
        site: Site | None = None
        if isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self.delete(element)
        elif isinstance(target, ast.Name):
            variable = self.tracked(target.id)
            if variable is not None:
                site = self.variable_site(target, "delete", variable, (Op.GLOBAL_DELETE, Op.CELL_DELETE))
            self.state.variables.pop(target.id, None)
        elif isinstance(target, ast.Attribute):
            self.expression(target.value)
            site = self.attribute(target, Op.ATTR_DELETE)
        elif isinstance(target, ast.Subscript):
            self.expression(target.value)
            self.expression(target.slice)
            site = self.item(target, Op.ITEM_DELETE, Op.SLICE_DELETE)
        if site is not None:
            site.writes = site.removes = True
            self.touch(site)

    # --- Assignments. ---

    def do_Assign(self, node: ast.Assign) -> None:
        pairs = _elementwise(node)
        if pairs is not None:
            knowns = self.each([value for _, value in pairs])
            if {text_of(target) for target, _ in pairs} == {text_of(value) for _, value in pairs}:
                knowns = [computed(knowns)] * len(knowns)  # a swap: each depends on what all had been
            for (target, value), known in zip(pairs, knowns, strict=True):
                self.assign(target, known, value)
            return
        known = self.expression(node.value)
        for target in node.targets:
            self.assign(target, self.lazily(node.value, known, target), node.value)

    def do_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            known = self.expression(node.value)
            self.assign(node.target, self.lazily(node.value, known, node.target), node.value)

    def lazily(self, value: ast.expr, known: Known, target: ast.expr) -> Known:
        """`self.x = self.x or make()`: a store where nothing was found, rather than one computed from it.

        The same for `self.x = make() if self.x is None else self.x`.
        """
        if isinstance(value, ast.IfExp):
            facts = list(self.chosen_by.get(id(value), ()))
        elif isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
            first = self.module.sites.get((id(value.values[0]), "access"))
            same = first in known.direct and text_of(value.values[0]) == text_of(target)
            facts = [Fact(first, Guard.FALSY)] if first is not None and same else []
        else:
            return known
        self.state.adopt(facts)
        places = {place(fact.site) for fact in facts}
        direct, near = ({site for site in sites if place(site) not in places} for sites in known[:2])
        return known._replace(direct=frozenset(direct), near=frozenset(near))

    def assign(self, target: ast.expr, known: Known, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            self.bind(target, known, value)
        elif isinstance(target, ast.Tuple | ast.List):
            parts = computed([known])
            for element in target.elts:
                self.assign(element, parts, None)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, computed([known]), None)
        elif isinstance(target, ast.Attribute):
            self.expression(target.value)
            self.stored(self.stored_attribute(target), known, value)
        elif isinstance(target, ast.Subscript):
            self.expression(target.value)
            self.expression(target.slice)
            self.stored(self.item(target, Op.ITEM_WRITE, Op.SLICE_WRITE), known, value)

    def stored_attribute(self, target: ast.Attribute) -> Site | None:
        site = self.attribute(target, Op.ATTR_WRITE)
        if site is not None:
            site.needed = target.attr not in self.module.attributes.constant
            site.never = not site.needed and target.attr.startswith("_")
            if self.is_init_of(target.value):
                site.flags |= Flag.INIT
        return site

    def is_init_of(self, node: ast.expr) -> bool:
        function = self.function.node
        if not isinstance(function, ast.FunctionDef) or function.name != "__init__" or not function.args.args:
            return False
        return isinstance(node, ast.Name) and node.id == function.args.args[0].arg

    def stored(self, site: Site | None, known: Known, value: ast.expr | None) -> None:
        if site is None:
            return
        site.writes = site.creates = True
        kind = value_of(value, self.scope, self.module.attributes.classes)
        site.flags |= kind
        if value is not None and kind is Value.UNKNOWN and not self.is_local(value):
            self.shown(value, site)
        if value is not None and is_atom(value, self.scope):
            site.flags |= Flag.ATOM
        self.touch(site, known)

    def is_local(self, node: ast.expr) -> bool:
        """The probe of the store is given it."""
        return isinstance(node, ast.Name) and self.tracked(node.id) is None

    def shown(self, value: ast.expr, store: Site) -> None:
        """What kind of value it is shall be seen when it runs, if the store may create what was missing."""
        site = self.site(store.node, "value", lambda: Site(Op.VALUE, value, "", extra=store))
        site.needed = False

    def do_AugAssign(self, node: ast.AugAssign) -> None:
        begin = self.update_site(node)
        if begin is None:
            known = self.expression(node.value)
            if isinstance(node.target, ast.Name) and self.tracked(node.target.id) is None:
                old = self.state.variables.get(node.target.id, NOTHING)
                self.state.variables[node.target.id] = computed([old, known])
            return
        begin.reads = begin.uses = True
        kind = begin.extra[1] if isinstance(begin.extra, tuple) else begin.op
        if kind in _AT_ONCE:
            known = self.expression(node.value)
            begin.writes = True
            self.touch(begin, known)
            return
        self.touch(begin)
        known = self.expression(node.value)
        end = self.site(
            node,
            "end",
            lambda: Site(
                Op.UPDATE_END,
                begin.node,
                begin.expression,
                begin.name,
                begin.key,
                begin.text,
                begin.key_text,
                extra=begin,
            ),
        )
        end.needed, end.writes = begin.needed, True
        self.touch(end, known)

    def update_site(self, node: ast.AugAssign) -> Site | None:
        at_once = self.is_pure(node.value)
        target = node.target
        if isinstance(target, ast.Name):
            variable = self.tracked(target.id)
            if variable is None:
                return None
            at_once_ops = Op.GLOBAL_UPDATE, Op.CELL_UPDATE
            begin_ops = Op.GLOBAL_UPDATE_BEGIN, Op.CELL_UPDATE_BEGIN
            return self.variable_site(target, "update", variable, at_once_ops if at_once else begin_ops)
        self.expression(target.value)
        if isinstance(target, ast.Attribute):
            return self.attribute(target, Op.ATTR_UPDATE if at_once else Op.ATTR_UPDATE_BEGIN)
        self.expression(target.slice)
        if isinstance(target.slice, ast.Slice):
            self.slice_update(target)
            return None
        return self.item(target, Op.ITEM_UPDATE if at_once else Op.ITEM_UPDATE_BEGIN, Op.SLICE_WRITE)

    def slice_update(self, target: ast.Subscript) -> None:
        """`c[a:b] += v`: told of as a write only."""
        site = self.item(target, Op.SLICE_WRITE, Op.SLICE_WRITE)
        if site is not None:
            site.writes = True
            self.touch(site)

    # --- Branches. ---

    def do_If(self, node: ast.If) -> None:
        ends: list[State | None] = []
        while True:
            known = self.test(node.test)
            start = self.state
            ends.append(self.branch(start, known.yes, node.body))
            self.go_on(start.copy())
            self.state.adopt(known.no)
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                node = node.orelse[0]  # elif: there may be hundreds
                continue
            break
        self.run(node.orelse)
        self.go_on(join([*ends, self.now()]))

    def do_Match(self, node: ast.Match) -> None:
        subject = computed([self.expression(node.subject)])
        ends: list[State | None] = []
        start = self.state
        for case in node.cases:
            self.go_on(start.copy())
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "rest", None) or getattr(pattern, "name", None)
                if isinstance(name, str):
                    self.state.variables[name] = subject
            facts: tuple[Fact, ...] = ()
            if case.guard is not None:
                facts = self.test(case.guard).yes
            ends.append(self.branch(self.state, facts, case.body))
        self.go_on(join([*ends, start]))

    def do_While(self, node: ast.While) -> None:
        after: list[State | None] = []
        for again in (False, True):
            start = self.state.copy()
            loop = _Loop()
            self.loops.append(loop)
            known = self.test(node.test)
            tested = self.state
            end = self.branch(tested, known.yes, node.body)
            self.loops.pop()
            ends = [end, *loop.continues]
            left = join([tested, *ends])
            if left is None or (isinstance(node.test, ast.Constant) and node.test.value):
                left = None
            else:
                left.adopt(known.no)
            after = [left, *loop.breaks]
            if again or not self.once_more(start, ends):
                break
        self.leave(after, node.orelse)

    def do_For(self, node: ast.For | ast.AsyncFor) -> None:
        plain = isinstance(node, ast.For)
        source = computed([self.iterated(node.iter, Flag.NONE) if plain else self.expression(node.iter)])
        iterated = self.module.sites.get((id(node.iter), "iter"))
        if plain and iterated is None and isinstance(node.iter, ast.Call):
            iterated = next(
                (site for part in node.iter.args if (site := self.module.sites.get((id(part), "iter")))), None
            )
        if plain and iterated is not None:
            self.end_of(node, iterated)
        after: list[State | None] = []
        for again in (False, True):
            start = self.state.copy()
            loop = _Loop()
            self.loops.append(loop)
            self.go_on(start.copy())
            self.assign(node.target, source, None)
            self.run(node.body)
            self.loops.pop()
            ends = [self.now(), *loop.continues]
            after = [join([start, *ends]), *loop.breaks]
            if again or not self.once_more(start, ends):
                break
        self.leave(after, node.orelse)

    do_AsyncFor = do_For

    def end_of(self, node: ast.AST, begin: Site) -> None:
        site = self.site(
            node, "end", lambda: Site(Op.ITER_END, begin.node, begin.expression, key=("", ""), extra=begin)
        )
        site.needed = False  # needed as its beginning is

    def once_more(self, start: State, ends: Iterable[State | None]) -> bool:
        """Let values of the loop's end come to its beginning, if there are any that matter."""
        joined = join([start, *ends])
        if joined is None:
            return False
        changed = any(
            known.all and known.all != start.variables.get(name, NOTHING).all
            for name, known in joined.variables.items()
        )
        self.go_on(joined)
        return changed and len(self.loops) < _DEEPEST

    def leave(self, after: list[State | None], orelse: Sequence[ast.stmt]) -> None:
        self.go_on(after[0])
        if not self.dead:
            self.run(orelse)
        self.go_on(join([self.now(), *after[1:]]))

    def do_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            known = called([self.expression(item.context_expr)])
            if item.optional_vars is not None:
                self.assign(item.optional_vars, known, None)
        before = self.state.copy()
        self.run(node.body)
        if self.dead:  # it may swallow an exception
            self.go_on(before)

    do_AsyncWith = do_With

    def do_Try(self, node: ast.Try) -> None:
        before = self.state.copy()
        mark = len(self.touched)
        self.run(node.body)
        within = self.touched[mark:]
        after = self.now()
        start = self.handlers_start(before, after, within)
        if not self.dead:
            self.run(node.orelse)
        ends = [self.now()]
        for handler in node.handlers:
            facts = _missing(handler, node.body, within)
            self.go_on(start.copy())
            self.expression(handler.type)
            if handler.name:
                self.state.variables.pop(handler.name, None)
            done = self.state.done
            self.state.adopt(facts)
            self.state.done = done
            self.run(handler.body)
            ends.append(self.now())
        self.finish(node.finalbody, ends, start)

    do_TryStar = do_Try

    def handlers_start(self, before: State, after: State | None, within: Iterable[Site]) -> State:
        """An exception may come anywhere in the body."""
        joined = join([before, after]) or before
        joined.facts, joined.done = before.facts, before.done
        for site in within:
            if site.writes:
                joined.forget(site)
        return joined

    def finish(self, body: Sequence[ast.stmt], ends: list[State | None], start: State) -> None:
        joined = join(ends)
        self.go_on(joined or start)
        self.run(body)
        self.dead = self.dead or joined is None

    # --- Definitions. ---

    def do_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.defaults(node.args)
        self.inner.append((node, self.scope))
        self.state.variables.pop(node.name, None)

    do_AsyncFunctionDef = do_FunctionDef

    def do_ClassDef(self, node: ast.ClassDef) -> None:
        self.inner.append((node, self.scope))
        self.state.variables.pop(node.name, None)


_AT_ONCE = frozenset({Op.ATTR_UPDATE, Op.ITEM_UPDATE, Op.GLOBAL_UPDATE, Op.CELL_UPDATE})

_ERRORS = {
    "KeyError": "container",
    "IndexError": "container",
    "LookupError": "container",
    "AttributeError": "attr",
    "NameError": "global",
    "UnboundLocalError": "cell",
}


def _missing(handler: ast.ExceptHandler, body: Sequence[ast.stmt], within: Sequence[Site]) -> list[Fact]:
    """What a handler of KeyError and the like knows: the thing looked up was not there."""
    types: list[ast.expr | None] = [handler.type]
    if isinstance(handler.type, ast.Tuple):
        types = [*handler.type.elts]
    names = {node.id for node in types if isinstance(node, ast.Name)}
    kinds = {_ERRORS[name] for name in names if name in _ERRORS}
    if not kinds and len(body) == 1 and (handler.type is None or "Exception" in names):
        kinds = set(_ERRORS.values())
    looked_up = [
        site for site in within if site.key[0] in kinds and site.uses and site.reads and not site.writes
    ]
    return [Fact(site, Guard.ABSENT) for site in looked_up if site.op is not Op.METHOD]


def _elementwise(node: ast.Assign) -> list[tuple[ast.expr, ast.expr]] | None:
    """`a, b = x, y`: which value goes where."""
    if len(node.targets) != 1 or not isinstance(node.value, ast.Tuple):
        return None
    target = node.targets[0]
    if not isinstance(target, ast.Tuple | ast.List) or len(target.elts) != len(node.value.elts):
        return None
    if any(isinstance(element, ast.Starred) for element in [*target.elts, *node.value.elts]):
        return None
    return list(zip(target.elts, node.value.elts, strict=True))
