"""What may order threads and is not understood, as far as the loaded modules tell."""

import re
import sys
from types import ModuleType

# Modules that bring ways of their own to wait for each other.
_PACKAGES = {
    "gevent": "gevent (greenlets)",
    "eventlet": "eventlet (greenlets)",
    "greenlet": "greenlet",
    "uvloop": "uvloop (loops in C)",
    "multiprocessing.synchronize": "multiprocessing (locks between processes)",
    "multiprocessing.queues": "multiprocessing (queues between processes)",
    "multiprocessing.pool": "multiprocessing.pool",
    "zmq": "zmq (messages)",
    "curio": "curio",
}
_COVERED = {"gevent": ("greenlet",), "eventlet": ("greenlet",)}
_NAME = re.compile(r"(Lock|Mutex|Semaphore|Condition|Event|Barrier|Latch|Queue|Channel)$")
_PAIRS = (("acquire", "release"), ("put", "get"), ("send", "recv"), ("set", "wait"), ("lock", "unlock"))


def unknown() -> list[str]:
    """Names for the report, sorted."""
    found = {title for name, title in _PACKAGES.items() if name in sys.modules}
    for name, module in list(sys.modules.items()):
        if isinstance(module, ModuleType) and _is_foreign_extension(name, module):
            found.update(_classes(name, module))
    for name, covered in _COVERED.items():
        if name in sys.modules:
            found.difference_update(_PACKAGES[each] for each in covered)
    return sorted(found)


def _is_foreign_extension(name: str, module: ModuleType) -> bool:
    """In C, and neither the standard library's nor raddle's."""
    file = getattr(module, "__file__", None)
    top = name.partition(".")[0]
    if not isinstance(file, str) or top in ("raddle", *sys.stdlib_module_names):
        return False
    return file.endswith((".so", ".pyd", ".dylib"))


def _classes(name: str, module: ModuleType) -> set[str]:
    """Those that look like a lock, or like a queue."""
    return {
        f"{name}.{each.__name__}"
        for each in vars(module).values()
        if isinstance(each, type)
        and each.__module__.partition(".")[0] == name.partition(".")[0]
        and _NAME.search(each.__name__)
        and any(hasattr(each, give) and hasattr(each, take) for give, take in _PAIRS)
    }
