"""Which acts depend on which reads: small functions and the links that the rewriter finds in them."""

import pytest
from check.rewriting import Guard, Op, links_of, ops_of, specs_of

DATA = {
    "the classic": ("t = o.x\no.x = t + 1", {"ATTR_READ o.x -> ATTR_WRITE o.x: data"}),
    "in one statement": ("o.x = o.x + 1", {"ATTR_READ o.x -> ATTR_WRITE o.x: data"}),
    "through a call": ("t = o.x\no.x = f(t, 1)", {"ATTR_READ o.x -> ATTR_WRITE o.x: data"}),
    "through a method": ("o.x = o.x.replaced(1)", {"ATTR_READ o.x -> ATTR_WRITE o.x: data"}),
    "through a display": ("o.x = [*o.x, 1]", {"ATTR_READ o.x -> ATTR_WRITE o.x: data"}),
    "through a copied mapping": ("o.x = {**o.x, k: 1}", {"ATTR_READ o.x -> ATTR_WRITE o.x: data"}),
    "through an f-string": ("o.x = f'{o.x}!'", {"ATTR_READ o.x -> ATTR_WRITE o.x: data"}),
    "through a comprehension": ("o.x = [y for y in o.x if y]", {"ATTR_READ o.x -> ATTR_WRITE o.x: data"}),
    "through a walrus": ("f(t := o.x)\no.x = t + 1", {"ATTR_READ o.x -> ATTR_WRITE o.x: data"}),
    "through a branch": (
        "t = 0\nif c:\n    t = o.x\no.x = t + 1",
        {"ATTR_READ o.x -> ATTR_WRITE o.x: data"},
    ),
    "through augmented assignment": ("t = 1\nt += o.x\no.x = t", {"ATTR_READ o.x -> ATTR_WRITE o.x: data"}),
    "round a loop": (
        "t = 0\nfor i in range(3):\n    o.x = t\n    t = o.x + i",
        {"ATTR_READ o.x -> ATTR_WRITE o.x: data"},
    ),
    "from a loop's elements": ("for t in o.x:\n    o.x = t", {"ATTR_READ o.x -> ATTR_WRITE o.x: data"}),
    "linked list": ("o.head = o.head.next", {"ATTR_READ o.head -> ATTR_WRITE o.head: data"}),
    "elementwise": (
        "o.a, o.b = o.a + 1, 2",
        {"ATTR_READ o.a -> ATTR_WRITE o.a: data"},
    ),
    "elementwise, crossed": ("o.a, o.b = o.b, 1", set()),
    "swapped": (
        "o.a, o.b = o.b, o.a",
        {"ATTR_READ o.a -> ATTR_WRITE o.a: data", "ATTR_READ o.b -> ATTR_WRITE o.b: data"},
    ),
    "unpacked from a call": (
        "o.a, o.b = f(o.b)",
        {"ATTR_READ o.b -> ATTR_WRITE o.b: data"},
    ),
    "overwritten in between": ("t = o.x\nt = 1\no.x = t", set()),
    "another attribute": ("o.y = o.x + 1", set()),
    "restored": (
        "t = o.x\no.x = 1\ntry:\n    f()\nfinally:\n    o.x = t",
        {"ATTR_READ o.x -> ATTR_WRITE o.x: data"},
    ),
    "update with a computed value": (
        "o.x += g(o.x)",
        {"ATTR_READ o.x -> UPDATE_END o.x: data"},
    ),
    "items": ("d[k] = d[k] + 1", {"ITEM_READ d[k] -> ITEM_WRITE d[k]: data"}),
    "items by get": ("d[k] = d.get(k, 0) + 1", {"METHOD d.get(k, 0) -> ITEM_WRITE d[k]: data"}),
    "items of constant keys that differ": ("d['a'] = d['b'] + 1", set()),
    "items of different containers": ("d[k] = c[k] + 1", set()),
    "items under another name": (
        "c = o.d\nc[k] = o.d[k] + 1",
        {"ITEM_READ o.d[k] -> ITEM_WRITE c[k]: data"},
    ),
    "length as an identity": (
        "n = len(o.d)\no.d[n] = n",
        {"LEN o.d -> ITEM_WRITE o.d[n]: data"},
    ),
    "getattr and setattr": (
        "setattr(o, 'x', getattr(o, 'x') + 1)",
        {"GETATTR o.x -> SETATTR o.x: data"},
    ),
    "a comparison decides": (
        "if o.state == 1:\n    o.state = 2",
        {"ATTR_READ o.state -> ATTR_WRITE o.state: data"},
    ),
    "a comparison decides about an update": (
        "if o.n >= amount:\n    o.n -= amount",
        {"ATTR_READ o.n -> ATTR_UPDATE o.n: data"},
    ),
    "a comparison of something computed": (
        "if now - o.last > 1:\n    o.last = now",
        {"ATTR_READ o.last -> ATTR_WRITE o.last: data"},
    ),
    "after a comparison that returns": (
        "if o.n > 3:\n    return\no.n = 4",
        {"ATTR_READ o.n -> ATTR_WRITE o.n: data"},
    ),
}

_USE = "ATTR_READ o.x -> ATTR_READ o.x"
_CREATE = "ATTR_READ o.x -> ATTR_WRITE o.x"
GUARDS = {
    "in": ("if k in d:\n    return d[k]", {"CONTAINS d -> ITEM_READ d[k]: present"}),
    "in, then deleted": ("if k in d:\n    del d[k]", {"CONTAINS d -> ITEM_DELETE d[k]: present"}),
    "in, then popped": ("if k in d:\n    d.pop(k)", {"CONTAINS d -> METHOD d.pop(k): present"}),
    "in, then updated": ("if k in d:\n    d[k] += 1", {"CONTAINS d -> ITEM_UPDATE d[k]: present"}),
    "not in": ("if k not in d:\n    d[k] = f()", {"CONTAINS d -> ITEM_WRITE d[k]: absent"}),
    "not (in)": ("if not k in d:\n    d[k] = f()", {"CONTAINS d -> ITEM_WRITE d[k]: absent"}),
    "else": ("if k in d:\n    pass\nelse:\n    d[k] = f()", {"CONTAINS d -> ITEM_WRITE d[k]: absent"}),
    "early return": ("if k not in d:\n    return\ndel d[k]", {"CONTAINS d -> ITEM_DELETE d[k]: present"}),
    "early raise": ("if k not in d:\n    raise E\ndel d[k]", {"CONTAINS d -> ITEM_DELETE d[k]: present"}),
    "early continue": (
        "for k in range(3):\n    if k in d:\n        continue\n    d[k] = f()",
        {"CONTAINS d -> ITEM_WRITE d[k]: absent"},
    ),
    "assert": ("assert k in d\ndel d[k]", {"CONTAINS d -> ITEM_DELETE d[k]: present"}),
    "created, then read": (
        "if k not in d:\n    d[k] = f()\nreturn d[k]",
        {"CONTAINS d -> ITEM_WRITE d[k]: absent", "CONTAINS d -> ITEM_READ d[k]: present"},
    ),
    "in a variable": ("there = k in d\nif there:\n    del d[k]", {"CONTAINS d -> ITEM_DELETE d[k]: present"}),
    "list": ("if x not in o.xs:\n    o.xs.append(x)", {"CONTAINS o.xs -> METHOD o.xs.append(x): absent"}),
    "set": ("if x not in s:\n    s.add(x)", {"CONTAINS s -> METHOD s.add(x): absent"}),
    "setdefault is one step": ("if k not in d:\n    d.setdefault(k, [])", set()),
    "comprehension": ("return [d[k] for k in ks if k in d]", {"CONTAINS d -> ITEM_READ d[k]: present"}),
    "conditional expression": (
        "return d[k] if k in d else None",
        {"CONTAINS d -> ITEM_READ d[k]: present"},
    ),
    "and": ("return k in d and d[k]", {"CONTAINS d -> ITEM_READ d[k]: present"}),
    "or": ("return k not in d or d[k]", {"CONTAINS d -> ITEM_READ d[k]: present"}),
    "and in an if": ("if c and k in d:\n    del d[k]", {"CONTAINS d -> ITEM_DELETE d[k]: present"}),
    "or decides nothing": ("if c or k in d:\n    del d[k]", set()),
    "get, is None": ("if d.get(k) is None:\n    d[k] = f()", {"METHOD d.get(k) -> ITEM_WRITE d[k]: is_none"}),
    "get in a variable": (
        "x = d.get(k)\nif x is None:\n    x = f()\n    d[k] = x",
        {"METHOD d.get(k) -> ITEM_WRITE d[k]: is_none"},
    ),
    "get, not": ("x = d.get(k)\nif not x:\n    d[k] = f()", {"METHOD d.get(k) -> ITEM_WRITE d[k]: falsy"}),
    "get with walrus": (
        "if (x := d.get(k)) is None:\n    d[k] = x = f()",
        {"METHOD d.get(k) -> ITEM_WRITE d[k]: is_none"},
    ),
    "try": (
        "try:\n    return d[k]\nexcept KeyError:\n    d[k] = f()",
        {"ITEM_READ d[k] -> ITEM_WRITE d[k]: absent"},
    ),
    "try, created later": (
        "try:\n    return d[k]\nexcept KeyError:\n    pass\nd[k] = f()",
        {"ITEM_READ d[k] -> ITEM_WRITE d[k]: absent"},
    ),
    "try with an attribute": (
        "try:\n    return o.x\nexcept AttributeError:\n    o.x = f()",
        {f"{_CREATE}: absent"},
    ),
    "try with another error": ("try:\n    return d[k]\nexcept ValueError:\n    d[k] = f()", set()),
    "is None": ("if o.x is None:\n    o.x = f()", {f"{_CREATE}: is_none"}),
    "== None": ("if o.x == None:\n    o.x = f()", {f"{_CREATE}: is_none"}),
    "not": ("if not o.x:\n    o.x = f()", {f"{_CREATE}: falsy"}),
    "or, stored": ("o.x = o.x or f()", {f"{_CREATE}: falsy"}),
    "conditional, stored": (
        "o.x = f() if o.x is None else o.x",
        {f"{_CREATE}: is_none", f"{_USE}: not_none"},
    ),
    "hasattr": (
        "if hasattr(o, 'x'):\n    return o.x\no.x = f()",
        {"HASATTR o.x -> ATTR_READ o.x: present", "HASATTR o.x -> ATTR_WRITE o.x: absent"},
    ),
    "getattr with a default": (
        "if getattr(o, 'x', None) is None:\n    o.x = f()",
        {"GETATTR o.x -> ATTR_WRITE o.x: is_none"},
    ),
    "is not None": ("if o.x is not None:\n    o.x.close()", {f"{_USE}: not_none"}),
    "truth": ("if o.x:\n    o.x.close()", {f"{_USE}: truthy"}),
    "called": ("if o.x:\n    o.x()\no.x = None", {f"{_USE}: truthy"}),
    "tested again only": ("if o.x:\n    f()\n    if o.x:\n        f()", set()),
    "read once": ("x = o.x\nif x:\n    x.close()", set()),
    "double-checked": (
        "if o.x is None:\n    with lock:\n        if o.x is None:\n            o.x = f()",
        {f"{_CREATE}: is_none"},
    ),
    "while": ("while q:\n    q.popleft()", {"TRUTH q -> METHOD q.popleft: non_empty"}),
    "while not, break": (
        "while True:\n    if not q:\n        break\n    q.popleft()",
        {"TRUTH q -> METHOD q.popleft: non_empty"},
    ),
    "index of a container that is not empty": (
        "if o.q:\n    return o.q[0]",
        {
            "TRUTH o.q -> ITEM_READ o.q[0]: non_empty",
            "ATTR_READ o.q -> ATTR_READ o.q: truthy",
        },
    ),
    "len > 0": ("if len(q) > 0:\n    q.pop()", {"LEN q -> METHOD q.pop: non_empty"}),
    "len >= 1": ("if len(q) >= 1:\n    q.pop()", {"LEN q -> METHOD q.pop: non_empty"}),
    "0 < len": ("if 0 < len(q):\n    q.pop()", {"LEN q -> METHOD q.pop: non_empty"}),
    "len != 0": ("if len(q) != 0:\n    q.pop()", {"LEN q -> METHOD q.pop: non_empty"}),
    "len == 0": ("if len(q) == 0:\n    q.append(1)", {"LEN q -> METHOD q.append(1): empty"}),
    "len alone": ("if len(q):\n    q.pop()", {"LEN q -> METHOD q.pop: non_empty"}),
    "index below len": ("if i < len(q):\n    return q[i]", {"LEN q -> ITEM_READ q[i]: non_empty"}),
    "global": (
        "global g\nif g is None:\n    g = f()",
        {"GLOBAL_READ g -> GLOBAL_WRITE g: is_none"},
    ),
    "deleted attribute": ("if hasattr(o, 'x'):\n    del o.x", {"HASATTR o.x -> ATTR_DELETE o.x: present"}),
    "branch of a match": (
        "match k in d:\n    case True if k in d:\n        del d[k]",
        {"CONTAINS d -> ITEM_DELETE d[k]: present"},
    ),
}


@pytest.mark.parametrize(("body", "expected"), DATA.values(), ids=DATA.keys())
def test_values_flow_from_reads_to_writes(body: str, expected: set[str]) -> None:
    assert links_of(_function(body)) == expected


@pytest.mark.parametrize(("body", "expected"), GUARDS.values(), ids=GUARDS.keys())
def test_acts_depend_on_what_a_test_found(body: str, expected: set[str]) -> None:
    assert links_of(_function(body)) == expected


def _function(body: str) -> str:
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    return f"g = None\ndef function(o, d, c, k, ks, q, s, x, i, now, amount):\n{indented}"


def test_an_act_that_may_run_without_its_read_makes_the_call_known() -> None:
    sure = "def f(o):\n    t = o.x\n    o.x = t + 1\n"
    unsure = "def f(o, c):\n    t = 0\n    if c:\n        t = o.x\n    o.x = t + 1\n"
    assert not any(name.startswith("ENTER") for name in ops_of(sure))
    assert any(name.startswith("ENTER") for name in ops_of(unsure))


def test_the_read_says_which_guard_it_is_for() -> None:
    specs = specs_of("def f(d, k):\n    if k not in d:\n        d[k] = 1\n    return d[k]\n")
    contains = next(spec for spec in specs if Op(spec[0]) is Op.CONTAINS)
    assert Guard(contains[8]) is Guard.ABSENT
