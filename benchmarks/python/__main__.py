"""`python benchmarks/python`: puts benchmarks/ on the path, so that this folder is a package, and starts."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from python.harness.cli import main  # noqa: E402  (the line above makes it importable)

sys.exit(main(sys.argv[1:]))
