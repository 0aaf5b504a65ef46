"""Answers as a pyperf suite, which `python -m pyperf compare_to`, `stats` and `hist` read.

A value is in seconds per call and thread. The throughput is `threads` divided by `roles` and by the value.
Where a question asks for something else, `figure` says what: a time in seconds, or a share.
"""

# mypy: disable-error-code="import-not-found,import-untyped"

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyperf

from .bars import threads_text
from .interpreter import gil_enabled
from .model import UNROLLED, Answer


def suite(answers: Sequence[Answer], versions: Mapping[str, str]) -> Any:
    """A pyperf.BenchmarkSuite with one benchmark for each row and number of threads."""
    machine = pyperf.Run([1.0], metadata={"name": "metadata"}).get_metadata()
    common = {
        **machine,
        "gil": "on" if gil_enabled() else "off",
        "versions": ", ".join(f"{name} {number}" for name, number in sorted(versions.items())) or "none",
    }
    return pyperf.BenchmarkSuite([_benchmark(answer, common) for answer in answers])


def write(path: Path, answers: Sequence[Answer], versions: Mapping[str, str]) -> None:
    """Writes the suite as JSON; a file of that name is replaced."""
    suite(answers, versions).dump(str(path), replace=True)


def _benchmark(answer: Answer, common: Mapping[str, Any]) -> Any:
    metadata = {
        **common,
        "name": f"{answer.question} / {answer.row} / {threads_text(answer.threads)}",
        "unit": "second" if answer.figure is None or answer.figure.is_time else "integer",
        "question": answer.question,
        "row": answer.row,
        "threads": answer.threads,
        "roles": len(answer.calls),
        "code": " || ".join(dict.fromkeys(answer.calls)).replace("\n", "; "),
        "loops": max(1, answer.samples[0].calls_per_thread // UNROLLED),
        "inner_loops": min(UNROLLED, answer.samples[0].calls_per_thread),
        "overlap": answer.overlap,
    }
    if answer.figure is not None:
        metadata["figure"] = answer.figure.unit
    if answer.wrong:
        metadata["wrong"] = answer.wrong
    return pyperf.Benchmark([pyperf.Run(answer.values, metadata=metadata, collect_metadata=False)])
