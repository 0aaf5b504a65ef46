"""os.fork() while other threads are in the middle of everything."""

import pytest
from support.interpreter import needs_fork
from support.knobs import scaled
from support.process import check_program, run_program

pytestmark = [needs_fork, pytest.mark.slow_under_tsan]


def test_children_of_a_busy_process_lose_nothing() -> None:
    assert check_program("fork_under_load", str(scaled(60)), "raddle", "60") == "exact\n"


def test_a_lock_that_a_vanished_thread_holds_would_be_noticed() -> None:
    done = run_program("fork_under_load", str(scaled(60)), "locked", "3")
    assert "a child ended with status -14" in done.stderr  # 14 is SIGALRM: the child hung.
