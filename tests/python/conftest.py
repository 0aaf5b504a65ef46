"""Prints the seed of a run, with every failure too, so that it can be repeated."""

import gc
from collections.abc import Generator, Iterator

import hypothesis
import pytest
from support import knobs

# No deadline: other programs on the machine must not fail a test.
hypothesis.settings.register_profile("raddle", deadline=None, print_blob=True)
hypothesis.settings.load_profile("raddle")


@pytest.fixture(scope="module")
def _small_heap() -> Iterator[None]:
    """Lets the collector pass over what the test runner itself holds, which takes most of its time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def pytest_report_header() -> str:
    return f"RADDLE_TEST_SEED={knobs.SEED} RADDLE_TEST_SCALE={knobs.SCALE:g}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections.append(("seed", f"repeat with RADDLE_TEST_SEED={knobs.SEED}"))
    return report
