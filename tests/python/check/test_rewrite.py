"""The forms of rewritten code, and that nothing of the program changes by it."""

import ast
import pickle
import sys
import textwrap
import types
import warnings

import pytest
from check.rewriting import Flag, Op, Value, has, ops_of, rewritten, run, specs_of, value_of
from raddle.check._rewrite import put_probes, rewrite

# One statement in a function of (self, o, d, k, v, q, n) -> the same with probes.
FORMS = {
    "attribute": ("o.x", "ATTR_READ(o).x"),
    "attribute, stored": ("o.x = f()", "ATTR_WRITE(o).x = f()"),
    "attribute, stored a name": ("o.x = v", "ATTR_WRITE(o, v).x = v"),
    "attribute, deleted": ("del o.x", "del ATTR_DELETE(o).x"),
    "attribute, updated": ("o.x += n", "ATTR_UPDATE(o).x += n"),
    "attribute, updated by a call": ("o.x += f()", "ATTR_UPDATE_BEGIN(o).x += UPDATE_END(f())"),
    "attribute of an attribute": ("o.x.y", "ATTR_READ(ATTR_READ(o).x).y"),
    "annotated": ("o.x: int = f()", "ATTR_WRITE(o).x: int = f()"),
    "annotated only": ("o.x: int", "o.x: int"),
    "method": ("o.method(1)", "o.method(1)"),
    "item": ("d[k]", "ITEM_READ(d, k)[k]"),
    "item, stored": ("d[k] = f()", "ITEM_WRITE(d, k)[k] = f()"),
    "item, stored a name": ("d[k] = v", "ITEM_WRITE(d, k, v)[k] = v"),
    "item, deleted": ("del d[k]", "del ITEM_DELETE(d, k)[k]"),
    "item, updated": ("d[k] += 1", "ITEM_UPDATE(d, k)[k] += 1"),
    "item, updated by a call": ("d[k] += f()", "ITEM_UPDATE_BEGIN(d, k)[k] += UPDATE_END(f())"),
    "item of a computed key": ("d[f()]", "d[ITEM_READ(f(), d)]"),
    "item of a computed container": ("f()[k]", "ITEM_READ(f(), k)[k]"),
    "item, both computed": ("f()[g()]", "ITEM_OBJECT(f())[ITEM_KEY(g())]"),
    "item of a pair": ("d[k, 1]", "ITEM_READ(d, (k, 1))[k, 1]"),
    "item of a negative number": ("d[-1]", "ITEM_READ(d, -1)[-1]"),
    "key that binds the container": ("d[(d := f())]", "ITEM_OBJECT(d)[ITEM_KEY((d := f()))]"),
    "slice": ("d[1:n]", "SLICE_READ(d)[1:n]"),
    "slice, stored": ("d[:] = f()", "SLICE_WRITE(d)[:] = f()"),
    "in": ("k in d", "k in CONTAINS(d, k)"),
    "in, computed key": ("f() in d", "CONTAINS(f(), d) in d"),
    "in, both computed": ("f() in g()", "CONTAINS_KEY(f()) in CONTAINS_IN(g())"),
    "in a chain": ("n < k in d", "n < k in CONTAINS(d, k)"),
    "len": ("len(d)", "len(LEN(d))"),
    "method of a container": ("q.append(v)", "METHOD(q, v).append(v)"),
    "method, computed argument": ("q.append(f())", "q.append(METHOD(f(), q))"),
    "method, both computed": ("f().append(g())", "METHOD_OBJECT(f()).append(METHOD_KEY(g()))"),
    "method, result used": ("v = q.popleft()", "v = RESULT(METHOD(q).popleft())"),
    "method, result not used": ("q.popleft()", "METHOD(q).popleft()"),
    "method that iterates": ("q.extend(d)", "METHOD(q).extend(ITER(d))"),
    "method with arguments in a list": ("q.insert(*v)", "METHOD(q).insert(*v)"),
    "loop": ("for v in d: pass", "try:\n    for v in ITER(d):\n        pass\nfinally:\n    ITER_END()"),
    "loop over a view": (
        "for v in d.items(): pass",
        "try:\n    for v in ITER(d.items()):\n        pass\nfinally:\n    ITER_END()",
    ),
    "loop with numbers": (
        "for n, v in enumerate(d): pass",
        "try:\n    for n, v in enumerate(ITER(d)):\n        pass\nfinally:\n    ITER_END()",
    ),
    "loop over numbers": ("for v in range(n): pass", "for v in range(n):\n    pass"),
    "loop in C": ("sum(d)", "sum(ITER(d))"),
    "copy": ("list(d)", "list(ITER(d))"),
    "join": ("', '.join(d)", "', '.join(ITER(d))"),
    "comprehension": ("f([v for v in d])", "f([v for v in ITER(d)])"),
    "next": ("next(q)", "next(NEXT(q))"),
    "getattr": ("getattr(o, 'x', 1)", "getattr(GETATTR(o, 'x'), 'x', 1)"),
    "setattr": ("setattr(o, 'x', v)", "setattr(SETATTR(o, 'x', v), 'x', v)"),
    "setattr, computed": ("setattr(o, 'x', f())", "setattr(o, 'x', SETATTR(f(), o, 'x'))"),
    "hasattr": ("hasattr(o, k)", "hasattr(HASATTR(o, k), k)"),
    "delattr": ("delattr(o, 'x')", "delattr(DELATTR(o, 'x'), 'x')"),
    "several targets": ("o.x = d[k] = f()", "ATTR_WRITE(o).x = ITEM_WRITE(d, k)[k] = f()"),
    "starred targets": ("n, *o.x = f()", "n, *ATTR_WRITE(o).x = f()"),
    "target of a loop": ("for o.x in range(n): pass", "for ATTR_WRITE(o).x in range(n):\n    pass"),
    "target of with": ("with f() as o.x: pass", "with f() as ATTR_WRITE(o).x:\n    pass"),
    "f-string": ("f'{o.x:{n}}{o.x=}'", "f'{ATTR_READ(o).x:{n}}o.x={ATTR_READ(o).x!r}'"),
    "starred argument": ("f(*o.x, **o.y)", "f(*ATTR_READ(o).x, **ATTR_READ(o).y)"),
    "truth that guards nothing": ("if d: pass", "if d:\n    pass"),
    "truth that guards": ("if d: q = d.popitem()", "if TRUTH(d):\n    q = RESULT(METHOD(d).popitem())"),
    "super": ("super().x", "super().x"),
    "literals": ("[1, 2][0] in (1, 2)", "[1, 2][0] in (1, 2)"),
    "dunder": ("o.__class__", "o.__class__"),
    "match": (
        "match o.x:\n    case Color.RED | {'k': [*_]} if d[k]: o.x",
        "match ATTR_READ(o).x:\n"
        "    case Color.RED | {'k': [*_]} if ITEM_READ(d, k)[k]:\n"
        "        ATTR_READ(o).x",
    ),
    "own container": ("r = []\nr.append(v)\nreturn r", "r = []\nr.append(v)\nreturn r"),
    "own container that others get": ("r = []\nf(r)\nr.append(v)", "r = []\nf(r)\nMETHOD(r, v).append(v)"),
}


@pytest.mark.parametrize(("source", "expected"), FORMS.values(), ids=FORMS.keys())
def test_form(source: str, expected: str) -> None:
    head = "def function(self, o, d, k, v, q, n):\n"
    assert rewritten(head + textwrap.indent(source, "    ")) == head + textwrap.indent(expected, "    ")


def test_names_of_modules_and_classes_are_no_objects() -> None:
    source = (
        "import os, re\nclass Color:\n    RED = 1\ndef f():\n    return os.sep, re.compile('x'), Color.RED\n"
    )
    assert ops_of(source) == []


def test_global_variables_that_are_rebound() -> None:
    source = """
    import threading
    limit = 10
    total = 0
    def work(n):
        global total, limit_seen
        total += n
        total += f()
        total = total + limit
        (total := total + 1)
        total, x = 1, 2
        [total, x] = f()
        del total
    """
    assert rewritten(source).splitlines()[2:] == [
        "total = GLOBAL_WRITE(0)",
        "",
        "def work(n):",
        "    global total, limit_seen",
        "    total += GLOBAL_UPDATE(n)",
        "    GLOBAL_UPDATE_BEGIN()",
        "    total += UPDATE_END(f())",
        "    total = GLOBAL_WRITE(GLOBAL_READ(total) + limit)",
        "    (total := GLOBAL_WRITE(GLOBAL_READ(total) + 1))",
        "    total, x = (1, 2)",
        "    GLOBAL_WRITE()",
        "    [total, x] = f()",
        "    GLOBAL_WRITE()",
        "    GLOBAL_DELETE()",
        "    del total",
    ]


def test_a_global_variable_bound_after_threads_were_started() -> None:
    source = "def f():\n    return config\nThread(target=f).start()\nconfig = 1\nother = 2\n"
    assert ops_of(source) == ["GLOBAL_READ config", "GLOBAL_WRITE config"]


def test_variables_of_closures_that_are_rebound() -> None:
    source = """
    def outer(seen):
        count, fixed = 0, 1
        done = False
        def inner():
            nonlocal count
            count += 1
            return fixed, seen, done
        done = True
        return inner, count
    """
    assert ops_of(source) == [
        "CELL_READ count",
        "CELL_READ done",
        "CELL_UPDATE count",
        "CELL_WRITE count",
        "CELL_WRITE done",
        "CELL_WRITE done",
    ]


def test_attributes_set_once_in_init_are_not_watched() -> None:
    source = """
    class Box:
        def __init__(self, size):
            self.size = size
            self.items = []
            self.count = 0
        def put(self, item):
            self.items.append(item)
            self.count += self.size
    """
    assert ops_of(source) == [
        "ATTR_UPDATE_BEGIN self.count",
        "ATTR_WRITE self.count",
        "METHOD self.items.append(item)",
        "UPDATE_END self.count",
    ]


@pytest.mark.parametrize(
    "escape",
    [
        "registry.append(self)",
        "Thread(target=self.work).start()",
        "self.start()",
        "super().__init__()",
        "f(lambda: self)",
        "Base.__init__(self)",
    ],
)
def test_but_they_are_if_init_makes_self_known_before(escape: str) -> None:
    source = f"""
    from somewhere import Base
    class Box(Base):
        def __init__(self):
            self.before = 1
            {escape}
            self.after = 2
        def get(self):
            return self.before, self.after
    """
    specs = [spec for spec in specs_of(source) if spec[1] in ("before", "after")]
    assert {(Op(spec[0]), spec[1]) for spec in specs} == {(Op.ATTR_WRITE, "after"), (Op.ATTR_READ, "after")}
    assert has(next(spec for spec in specs if spec[0] == Op.ATTR_WRITE), Flag.INIT)


def test_a_thread_class_keeps_self_to_itself_in_init() -> None:
    source = """
    import threading
    class T(threading.Thread):
        def __init__(self):
            super().__init__()
            self.a = 1
    """
    assert ops_of(source) == []


def test_private_names_are_mangled_as_the_compiler_does() -> None:
    source = """
    class Account:
        def update(self):
            self.__balance += 1
            self.__dunder__ += 1
    class __:
        def update(self):
            self.__balance += 1
    """
    assert [spec[1] for spec in specs_of(source)] == ["_Account__balance", "__balance"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("None", Value.NONE),
        ("0", Value.FALSY),
        ("''", Value.FALSY),
        ("7", Value.IMMUTABLE),
        ("[]", Value.MUTABLE),
        ("{x: 1}", Value.MUTABLE),
        ("dict()", Value.MUTABLE),
        ("Connection()", Value.MUTABLE),
        ("module.Connection(1)", Value.MUTABLE),
        ("[0] * 8", Value.MUTABLE),
        ("str(x)", Value.IMMUTABLE),
        ("(x, y)", Value.IMMUTABLE),
        ("x > y", Value.IMMUTABLE),
        ("make()", Value.UNKNOWN),
        ("[] if x else {}", Value.MUTABLE),
    ],
)
def test_what_a_store_puts_there(value: str, expected: Value) -> None:
    (spec,) = (spec for spec in specs_of(f"def f(o, x, y):\n    o.x = {value}\n") if spec[1] == "x")
    assert value_of(spec) is expected


def test_positions_are_in_characters() -> None:
    source = "def f(o):\n    return 'äöü', o.x\n"
    (spec,) = specs_of(source)
    assert spec[2:6] == (2, 18, 2, 21)
    assert source.splitlines()[1][spec[3] : spec[5]] == "o.x"


# --- Nothing changes. ---


def test_each_thing_is_evaluated_once_and_in_order() -> None:
    program = """
    log = []
    def see(name, value=None):
        log.append(name)
        return value
    class Thing:
        def __getattr__(self, name):
            log.append('get ' + name)
            return []
        def __setattr__(self, name, value):
            log.append('set ' + name)
        def __getitem__(self, key):
            log.append('item')
            return 1
        def __setitem__(self, key, value):
            log.append('set item')
        def __contains__(self, key):
            log.append('in')
            return True
    def body(t):
        see('target', t).x += see('value', [1])
        see('target', t)[see('key')] += see('value', 1)
        see('target', t)[see('key')] = see('value')
        see('key') in see('container', t)
        see('list', []).append(see('item'))
        see('a', t).x, see('b', t)[see('k')] = see('values', (1, 2))
        t.x = t[1] = see('last')
        return [see('e') for n in see('source', [1, 2]) if see('if', True)]
    body(Thing())
    """
    plain: dict[str, object] = {}
    exec(textwrap.dedent(program), plain)
    variables, calls = run(program)
    assert variables["log"] == plain["log"]
    assert len(calls) > 10


def test_updates_stay_in_place() -> None:
    variables, _ = run(
        """
        class O: pass
        o, d = O(), {'k': []}
        o.x = first = []
        def f():
            o.x += [1]
            o.x += list('a')
            d['k'] += [2]
        f()
        same = o.x is first
        """
    )
    assert variables["same"]
    assert variables["o"].x == [1, "a"]
    assert variables["d"] == {"k": [2]}


def test_what_functions_and_classes_show() -> None:
    source = '''
    """The module."""
    from __future__ import annotations
    import dataclasses, functools

    def f(o: a.b[c.d], *, k: o.x = 1) -> o.y:
        """Of f."""
        x: o.z = o.x
        return sorted(locals()), x

    class C:
        """Of C."""
        y: o.z = 3
        @property
        @functools.wraps(f.g if False else f)
        def p(self):
            "of p"
            for n in self.q: return __class__

    @dataclasses.dataclass
    class D:
        v: int = 1
        w: list = dataclasses.field(default_factory=list)

    g = lambda o: o.x
    '''
    plain: dict[str, object] = {"__name__": __name__}
    exec(textwrap.dedent(source), plain)
    variables, _ = run(source, __name__=__name__)
    code, other = plain["f"].__code__, variables["f"].__code__
    for name in ("co_names", "co_varnames", "co_flags", "co_firstlineno", "co_argcount"):
        assert getattr(code, name) == getattr(other, name), name
    assert variables["__doc__"] == "The module."
    assert variables["f"].__doc__ == "Of f."
    assert variables["C"].__doc__ == "Of C."
    assert variables["f"].__annotations__ == plain["f"].__annotations__
    assert variables["C"].__annotations__ == plain["C"].__annotations__
    assert variables["f"](types.SimpleNamespace(x=5)) == (["k", "o", "x"], 5)
    assert variables["D"]() == variables["D"](1, [])


def test_functions_are_pickled_by_name() -> None:
    module = types.ModuleType("pickled_program")
    sys.modules[module.__name__] = module
    try:
        source = "def f(o):\n    o.x += 1\n    return o\n"
        made, _ = run(source, __name__=module.__name__)
        module.__dict__.update(made)
        assert pickle.loads(pickle.dumps(module.f)) is module.f
    finally:
        del sys.modules[module.__name__]


def test_warnings_of_the_compiler_are_the_same() -> None:
    source = textwrap.dedent(
        """
        def f(x, d):
            assert (x, 'always')
            if x is 1: pass
            (1, 2)['a']
            1(2)
            'text'.x
            [1][2, 3]
            d['\\d']
        """
    )

    def seen(make) -> list[tuple[str, int]]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            make()
        return sorted((str(warning.message), warning.lineno) for warning in caught)

    plain = seen(lambda: compile(source, "x", "exec"))
    assert len(plain) >= 5
    assert seen(lambda: rewrite(ast.parse(source, "x"), source, "x")) == plain


def test_a_deep_expression_is_refused_and_a_long_one_is_not() -> None:
    run("x = " + "+".join(["1"] * 700 + ["y.z"]), y=types.SimpleNamespace(z=1))
    run("def f(x):\n" + "".join(f"    {'if' if not n else 'elif'} x == {n}: x.a\n" for n in range(250)))
    deep = "x = " + "".join(["f(y.z, "] * 90) + "1" + ")" * 90
    run(deep, f=max, y=types.SimpleNamespace(z=1))
    source = "x = y" + "".join(f".a{n}" for n in range(900))
    with pytest.raises(RecursionError):
        rewrite(ast.parse(source), source, "x")


def test_what_is_not_known_is_left_as_it_is() -> None:
    class TemplateStr(ast.expr):  # as 3.14 has
        _fields = ("values",)

    class NewStatement(ast.stmt):
        _fields = ("body",)

    tree = ast.parse("def f(o):\n    o.x\n")
    template = TemplateStr([ast.parse("o.y", mode="eval").body])
    statement = NewStatement(ast.parse("o.z").body)
    tree.body[0].body[0].value = template
    tree.body[0].body.append(statement)
    assert put_probes(tree, "") == []
    assert ast.unparse(template.values[0]) == "o.y"
    assert ast.unparse(statement.body[0]) == "o.z"


@pytest.mark.skipif(sys.version_info < (3, 13), reason="classes have it from 3.13 on")
def test_static_attributes() -> None:
    source = """
    class A:
        def f(self, v):
            "Of f."
            self.a, (self.b, *self.c) = v
            self.d: int = 3
            self.no += 1
            for self.e in v: pass
            def inner(): self.f = 1
        def g(self): self.__g = 2
        def h(me): me.no = 1
    """
    plain: dict[str, object] = {}
    exec(textwrap.dedent(source), plain)
    variables, _ = run(source)
    assert sorted(variables["A"].__static_attributes__) == sorted(plain["A"].__static_attributes__)
    assert variables["A"].f.__doc__ == "Of f."
    code, other = plain["A"].g.__code__, variables["A"].g.__code__
    assert code.co_names == other.co_names
    assert {line for *_, line in code.co_lines()} == {line for *_, line in other.co_lines()}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of 3.12")
def test_type_parameters_stay() -> None:
    variables, _ = run(
        """
        class Box[T: int]:
            type Pair = tuple[T, T]
            def get[U](self, other: U) -> T | U:
                return self.x
        type Alias[X] = Box[X]
        """
    )
    assert [str(part) for part in variables["Box"].__type_params__] == ["T"]
    assert str(variables["Alias"].__value__) == "program.Box[X]"
    assert variables["Box"].get.__annotations__["return"] is not None
