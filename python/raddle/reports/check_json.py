"""What `raddle check --format json` writes; docs/check.md describes the schema."""

from dataclasses import asdict
from enum import Enum
from typing import Any

from raddle.reports.check_findings import Check
from raddle.reports.check_rules import RULES

SCHEMA = 1


def as_json(check: Check) -> dict[str, Any]:
    data: dict[str, Any] = _plain(asdict(check))
    for finding in data["findings"]:
        finding["name"] = RULES[finding["rule"]].name
    return {"schema": SCHEMA} | data


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
