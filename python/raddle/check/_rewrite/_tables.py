"""What the rewriter knows of the language's builtins and of the standard library, by name."""

import sys

# Methods of builtin containers that are told of. The kinds say how an act depends on a guard.
KEYED_READS = frozenset({"get", "index", "count", "__getitem__", "__contains__"})
REMOVING = frozenset({"pop", "popitem", "popleft", "remove", "discard", "clear", "__delitem__"})
CREATING = frozenset(
    {"append", "appendleft", "extend", "extendleft", "insert", "add", "setdefault", "update", "__setitem__"}
)
WHOLE = frozenset({"sort", "reverse", "rotate", "copy", "move_to_end"})
SET_UPDATES = frozenset(
    {"difference_update", "intersection_update", "symmetric_difference_update", "subtract"}
)
METHODS = KEYED_READS | REMOVING | CREATING | WHOLE | SET_UPDATES
WRITING = (REMOVING | CREATING | WHOLE | SET_UPDATES) - {"copy"}

# The first argument is a key, or the element itself.
FIRST_IS_KEY = (
    KEYED_READS
    | frozenset({"pop", "remove", "discard", "setdefault", "append", "appendleft", "add", "insert"})
    | frozenset({"__setitem__", "__delitem__", "move_to_end"})
)
FIRST_IS_ITERATED = frozenset({"extend", "extendleft", "update"}) | SET_UPDATES
WITH_RESULT = frozenset({"pop", "popleft", "popitem", "setdefault"})

C_LOOPS = frozenset({"sum", "min", "max", "sorted", "any", "all"})
C_COPIES = frozenset({"list", "tuple", "set", "frozenset", "dict"})
LAZY_LOOPS = frozenset({"enumerate", "zip", "map", "filter", "reversed", "iter"})

# Calls that give an object nobody else has; `list(x)` and so on too.
FRESH_CALLS = frozenset(
    {"list", "dict", "set", "frozenset", "tuple", "bytearray", "sorted", "iter", "range", "enumerate"}
    | {"zip", "map", "filter", "reversed", "str", "bytes", "int", "float", "bool", "repr", "len", "sum"}
    | {
        "deque",
        "defaultdict",
        "OrderedDict",
        "Counter",
        "vars",
        "dir",
        "abs",
        "round",
        "divmod",
        "ord",
        "chr",
    }
)
MUTABLE_CALLS = frozenset(
    {"list", "dict", "set", "bytearray", "deque", "defaultdict", "OrderedDict", "Counter"}
)
# The same, of values that refer to nothing, whatever the arguments are.
ATOM_CALLS = frozenset(
    {"str", "bytes", "int", "float", "complex", "bool", "len", "repr", "hash", "id", "ord", "chr"}
)
IMMUTABLE_CALLS = frozenset(
    {"tuple", "frozenset", "str", "bytes", "int", "float", "complex", "bool", "len", "sum", "abs", "round"}
    | {
        "repr",
        "hash",
        "id",
        "ord",
        "chr",
        "hex",
        "oct",
        "bin",
        "isinstance",
        "issubclass",
        "callable",
        "hasattr",
    }
    | {"any", "all", "format", "divmod"}
)
# Builtins that keep no reference to an argument.
KEEPS_NOTHING = frozenset(
    {"len", "sum", "min", "max", "any", "all", "sorted", "list", "tuple", "set", "frozenset", "dict", "str"}
    | {"repr", "bytes", "bool", "print", "isinstance", "type", "hash", "id", "format", "enumerate", "zip"}
    | {"range", "int", "float", "reversed", "next", "abs", "round", "ord", "chr", "bytearray"}
)

BUILTINS = frozenset(dir(__import__("builtins")))
STDLIB = frozenset(sys.stdlib_module_names)

# Starting other threads' work: what comes later in a module's body may be seen by them.
STARTS = frozenset({"start", "submit", "map", "start_new_thread", "run_in_executor", "to_thread", "run"})
