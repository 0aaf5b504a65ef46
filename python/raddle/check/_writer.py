"""The file in which the checked program leaves what was found: one JSON object a line, appended at once.

So nothing is lost however the program ends. A child of `fork()` appends to the same file, a line a write.

    {"begin": {...}}                     the interpreter
    {"finding": {...}, "process": 123}   as the extension describes it; a later one of the same places counts
    {"end": {...}, "process": 123}       final counts, coverage; absent if the program did not get that far
"""

import json
import os
from typing import Any

Line = dict[str, Any]


class Writer:
    """Appends lines by single writes to a file descriptor that children of `fork()` share."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, line: Line) -> None:
        data = json.dumps(line, default=str).encode() + b"\n"
        while data:
            data = data[os.write(self._file, data) :]
