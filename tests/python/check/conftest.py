"""Runs the programs of the corpus a few at a time, ahead of the tests that look at what came out."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.check_programs import Runs

# Programs sleep for most of their time. More of them at a time would delay each other, and with it the
# order of their threads that some of them are written for.
AT_A_TIME = max(1, min(3, os.cpu_count() or 1))


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    """The runs of this module's programs."""
    pool = ThreadPoolExecutor(AT_A_TIME)
    made = Runs(pool)
    if "PYTEST_XDIST_WORKER" not in os.environ:  # There each worker gets only some of the tests.
        for item in request.session.items:
            if item.path == request.path and isinstance(item, pytest.Function):
                how = getattr(item.function, "how", None)
                if how is not None:
                    made.expect(how, item.callspec.params["program"])
    yield made
    pool.shutdown(cancel_futures=True)
