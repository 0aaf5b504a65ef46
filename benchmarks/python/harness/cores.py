"""Which cores the threads run on. Each keeps to one: samples shall differ by what they run, not by where."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from time import thread_time_ns

TOPOLOGY = Path("/sys/devices/system/cpu")


def usable() -> list[int]:
    """The cores that this process may use: one hardware thread of each core first, its siblings after them.

    Two siblings share their caches, so that two threads on them would meet less contention than on two cores.
    """
    if sys.platform != "linux":
        return list(range(os.cpu_count() or 1))
    allowed = sorted(os.sched_getaffinity(0))
    first: list[int] = []
    siblings: list[int] = []
    seen: set[str] = set()
    for core in allowed:
        group = _siblings(core)
        (siblings if group in seen else first).append(core)
        seen.add(group)
    return first + siblings


def keep_to(core: int) -> None:
    """Fixes the calling thread to a core, where the system can; elsewhere the scheduler places it."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {core})


@dataclass(frozen=True)
class Usage:
    """What the calling thread has had of its core: how often it lost it, and its processor time."""

    interruptions: int
    nanoseconds: int

    @classmethod
    def now(cls) -> "Usage":
        """Where interruptions are not counted, there are always none."""
        if sys.platform != "linux":
            return cls(0, 0)
        import resource  # Not on Windows.

        return cls(resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw, thread_time_ns())

    def lost_since(self, nanoseconds: int) -> float:
        """The share of these last nanoseconds that others had; 0 without an interruption."""
        now = Usage.now()
        if now.interruptions == self.interruptions:
            return 0.0
        return max(0.0, 1 - (now.nanoseconds - self.nanoseconds) / nanoseconds)


def placement() -> str:
    """A line for the report."""
    if sys.platform == "linux":
        return "each thread is fixed to one core"
    return "threads are placed by the scheduler: this system cannot fix them to a core"


def _siblings(core: int) -> str:
    try:
        return (TOPOLOGY / f"cpu{core}" / "topology" / "thread_siblings_list").read_text().strip()
    except OSError:  # Containers may hide the topology; then every hardware thread counts as a core.
        return str(core)
