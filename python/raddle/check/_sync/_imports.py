"""Imports: a module's body is before whoever imports it; also where that is found without a lock."""

import builtins
import importlib._bootstrap as bootstrap

from raddle.check._sync._watch import Watch


def install(watch: Watch) -> None:
    watch.method(bootstrap, "_load_unlocked", "module_loaded")
    watch.method(bootstrap, "_find_and_load", "module_found")
    watch.method(bootstrap, "_lock_unlock_module", "module_waited_for")
    # Not before a module is loaded that other threads may find: then it takes the place of `__import__`.
    watched = watch.checker.around(builtins.__import__, "imported")
    watch.checker.sync_watch_import(watched)
    watch.remember(builtins, "__import__", builtins.__import__, watched)
