"""Which interpreter runs the tests, and which tests it cannot run."""

import importlib.util
import os
import sys
import sysconfig

import pytest

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
VERSION = sys.version_info[:2]
COUNTING = "plain" if not FREE_THREADED else "immortal" if VERSION == (3, 13) else "deferred"

only_where_pin_makes_immortal = pytest.mark.skipif(
    COUNTING != "immortal", reason="only in CPython 3.13t does pin() make objects immortal"
)
needs_testcapi = pytest.mark.skipif(
    importlib.util.find_spec("_testcapi") is None,
    reason="this interpreter was installed without CPython's module _testcapi, which makes allocations fail",
)
needs_own_gil = pytest.mark.skipif(
    importlib.util.find_spec("_interpreters") is None,
    reason="subinterpreters with a GIL of their own can be created from Python in 3.13 and later",
)
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")
