"""What the probes of rewritten code can be: the same numbers as in src/bindings/check/ops.hpp.

A probe `P` is called beside the operation that it tells of, and returns its first argument (None if it has
none) so that the operation itself stays in the program. It never raises and never runs code of the program.

A site's specification is a tuple, in this order:

    (op, name, line, column, end_line, end_column, expression, flags, guards_as, links, extra)

`name`: of the attribute, method or variable, private names already mangled; None where there is none.
`links`: tuple of (site, Link, Guard), `site` being an index into the same list of specifications.
`extra`: None, or what the operation says below. Sites that others link to need no mark of their own.
"""

from enum import IntEnum, IntFlag


class Op(IntEnum):
    """The operations."""

    # Attributes: name = the attribute.
    ATTR_READ = 1  # P(o).x
    ATTR_WRITE = 2  # P(o).x = v, or P(o, v).x = v where v is a name or a constant
    ATTR_DELETE = 3  # del P(o).x
    ATTR_UPDATE = 4  # P(o).x += name_or_constant
    ATTR_UPDATE_BEGIN = 5  # P(o).x += W(f()), W being the UPDATE_END
    UPDATE_END = 6  # W(v) -> v; extra = site of the ..._UPDATE_BEGIN (the data link to it is implied)
    GETATTR = 7  # getattr(P(o, name), name...)
    SETATTR = 8  # setattr(P(o, name[, v]), name, v), or with RETURNS_KEY setattr(o, name, P(v, o, name))
    HASATTR = 9  # hasattr(P(o, name), name)
    DELATTR = 10  # delattr(P(o, name), name)

    # Items. With Flag.RETURNS_KEY every P(c, k) is P(k, c), and returns k: c[P(k, c)].
    ITEM_READ = 11  # P(c, k)[k]
    ITEM_WRITE = 12  # P(c, k)[k] = v, or P(c, k, v)[k] = v
    ITEM_DELETE = 13  # del P(c, k)[k]
    ITEM_UPDATE = 14  # P(c, k)[k] += name_or_constant
    ITEM_UPDATE_BEGIN = 15  # P(c, k)[k] += W(f())
    ITEM_OBJECT = 16  # P(c)[Q(f())], Q being the ITEM_KEY: remembers c, is no access by itself
    ITEM_KEY = 17  # Q(k) -> k; extra = (site of the ITEM_OBJECT, one of ITEM_READ ... ITEM_UPDATE_BEGIN)
    SLICE_READ = 18  # P(c)[a:b]
    SLICE_WRITE = 19  # P(c)[a:b] = v
    SLICE_DELETE = 20  # del P(c)[a:b]
    CONTAINS = 21  # k in P(c, k)
    CONTAINS_KEY = 22  # Q(f()) in P(c), P being the CONTAINS_IN: remembers the key, is no access by itself
    CONTAINS_IN = 23  # extra = site of the CONTAINS_KEY
    LEN = 24  # len(P(c))
    TRUTH = 25  # if P(c)

    # Methods of containers: name = the method.
    METHOD = 26  # P(c[, first_argument]).name(...)
    METHOD_OBJECT = 27  # P(c).name(Q(f()), ...), Q being the METHOD_KEY: remembers c, is no access by itself
    METHOD_KEY = 28  # Q(k[, c]) -> k; extra = site of the METHOD_OBJECT, None if c is given
    RESULT = (
        29  # P(call) -> call, of pop, popleft, setdefault, get, ...; extra = site of METHOD or METHOD_KEY
    )

    # Iteration.
    ITER = 30  # for x in P(c), and sum(P(c)) with Flag.C_LOOP
    ITER_END = 31  # P() after the loop, wherever it is left; extra = site of the ITER
    NEXT = 32  # next(P(it))

    # Global variables of the module: name = the variable.
    GLOBAL_READ = 33  # P(x)
    GLOBAL_WRITE = 34  # x = P(v)
    GLOBAL_DELETE = 35  # P() before the statement
    GLOBAL_UPDATE = 36  # x += P(name_or_constant)
    GLOBAL_UPDATE_BEGIN = 37  # P() before the statement x += W(f())

    # Variables of closures, the same way. name = the variable.
    CELL_READ = 38
    CELL_WRITE = 39
    CELL_DELETE = 40
    CELL_UPDATE = 41
    CELL_UPDATE_BEGIN = 42

    # P() first in a function of which a linked act may run without the read it is linked to.
    ENTER = 43

    # o.x = V(f()), c[k] = V(f()): shows the probe of the store what is stored; extra = site of the store.
    VALUE = 44


class Flag(IntFlag):
    """Flags of a site. The lowest three bits hold the Value of a store, as far as the source tells it."""

    NONE = 0
    RETURNS_KEY = 8  # items, CONTAINS, METHOD: called as P(key, container), and returns the key
    C_LOOP = 16  # ITER: the argument of a builtin that loops itself (sum, join, sorted, ...)
    C_COPY = 32  # ITER: the argument of list(), tuple(), set(), dict(): atomic for exact builtins
    INIT = 64  # a store to self.x in __init__
    ATOM = 128  # a store of a value that refers to nothing: a number, a text
    HAS_DEFAULT = 256  # GETATTR: with a third argument


class Value(IntEnum):
    """What a store puts there."""

    UNKNOWN = 0
    NONE = 1
    FALSY = 2
    IMMUTABLE = 3
    MUTABLE = 4


class Guard(IntEnum):
    """What a test found, or what an act relies on."""

    NONE = 0
    PRESENT = 1
    ABSENT = 2
    NOT_NONE = 3
    IS_NONE = 4
    TRUTHY = 5
    FALSY = 6
    NON_EMPTY = 7
    EMPTY = 8


class Link(IntEnum):
    """How an act depends on an earlier read."""

    DATA = 0
    GUARD = 1


VALUE_MASK = 7
