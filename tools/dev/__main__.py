"""`python3 tools/dev VERB`: makes this folder importable as the package `dev`, and starts it."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from dev.cli import main  # noqa: E402  (the line above makes it importable)

sys.exit(main(sys.argv[1:]))
