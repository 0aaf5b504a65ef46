"""Lines of the program's source, and the comments in them that silence a rule.

    self.hits += 1  # raddle: ignore[RD101] an approximate number is enough

silences RD101 where one of the accesses is on this line. Several rules: `ignore[RD101, RD201]`. A reason is
required: without one the comment has no effect, and the finding stays.
"""

import linecache
import re

from raddle.reports.check_findings import Finding

_IGNORE = re.compile(r"#\s*raddle:\s*ignore\[([A-Z0-9,\s]+)\]\s*(\S.*)")


def line(file: str, number: int) -> str:
    return linecache.getline(file, number)


def ignores(found: Finding) -> bool:
    return any(
        found.rule in _ignored(line(access.file, number))
        for side in found.sides
        for access in side.accesses
        for number in {access.line, access.end_line}
    )


def _ignored(text: str) -> set[str]:
    comment = _IGNORE.search(text)
    return {rule.strip() for rule in comment[1].split(",")} if comment else set()
