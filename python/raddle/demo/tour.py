"""Runs the variants one after the other and hands back what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from raddle.demo.corpus import Corpus
from raddle.demo.crew import Crew
from raddle.demo.progress import Progress
from raddle.demo.variant import Variant
from raddle.reports.findings import Environment, Measurement, Run, Tour

REFERENCE = "serial"


@dataclass(frozen=True)
class Plan:
    threads: int
    rounds: int


def run_tour(
    environment: Environment,
    corpus: Corpus,
    variants: Sequence[Variant[Any]],
    plan: Plan,
    progress: Progress,
) -> Tour:
    runs: dict[str, list[Run]] = {variant.name: [] for variant in variants}
    for number in range(plan.rounds):
        for variant in variants:  # in turn, so that a disturbance hits all of them alike
            progress.start(variant.title, number + 1, plan.rounds, corpus.size)
            crew = Crew(variant, corpus.texts, _workers(variant, plan))
            runs[variant.name].append(crew.run(progress.advance))
    measured = {variant.name: _measurement(variant, plan, runs[variant.name]) for variant in variants}
    reference = measured.pop(REFERENCE)
    return Tour(environment, corpus.path, plan.threads, reference, tuple(measured.values()))


def _workers(variant: Variant[Any], plan: Plan) -> int:
    return plan.threads if variant.parallel else 1


def _measurement(variant: Variant[Any], plan: Plan, runs: Sequence[Run]) -> Measurement:
    return Measurement(
        name=variant.name,
        title=variant.title,
        shows=variant.shows,
        must_be_right=variant.must_be_right,
        pinned=variant.pinned,
        handed=variant.handed,
        threads=_workers(variant, plan),
        runs=tuple(runs),
    )
