"""The tour as data. `schema` goes up when a key changes its meaning or goes away. New keys may come."""

from dataclasses import asdict

from raddle.reports.findings import Measurement, Tour
from raddle.reports.info import environment_json

SCHEMA = 1


def as_json(tour: Tour) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "environment": environment_json(tour.environment),
        "path": tour.path,
        "threads": tour.threads,
        "rounds": tour.rounds,
        "passed": not tour.broken,
        "variants": [_variant(tour, one) for one in tour.measurements],
    }


def _variant(tour: Tour, one: Measurement) -> dict[str, object]:
    return asdict(one) | {
        "reference": one is tour.reference,
        "seconds": one.seconds,
        "totals": asdict(tour.worst(one)),
        "right": tour.is_right(one),
        "updates_lost": tour.updates_lost(one),
        "short_by": asdict(tour.short_by(one)),
        "speed": tour.speed(one),
    }
