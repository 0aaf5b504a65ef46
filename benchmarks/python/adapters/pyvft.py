"""pyvft: a race detector in Python that reports every pair of accesses that nothing orders."""

# mypy: disable-error-code="import-not-found,import-untyped"

import sys

import pyvft as pyvft  # Only to know whether it is installed: it works in the processes that are measured.

from .._check_rows import tool_rows
from .._programs import Tool

# It takes hundreds of times as long where accesses are dense.
ROWS = tool_rows(Tool("pyvft", (sys.executable, "-m", "pyvft", "--no-colour"), share=0.05))
