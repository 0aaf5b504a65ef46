"""Looks at the running interpreter and machine."""

import os
import platform
import sys
import sysconfig

import raddle
from raddle.reports.findings import Environment, Pinning


def environment() -> Environment:
    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    return Environment(
        raddle=raddle.__version__,
        implementation=platform.python_implementation(),
        python=platform.python_version(),
        executable=sys.executable,
        free_threaded_build=free_threaded,
        gil_enabled=_gil_enabled(),
        pinning=_pinning(free_threaded),
        usable_cores=usable_cores(),
        cores=os.cpu_count() or 1,
    )


def usable_cores() -> int:
    """The cores this process may run on; `taskset` and containers can leave fewer than the machine has."""
    count = getattr(os, "process_cpu_count", None)  # 3.13 and later
    if count is not None:
        return count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _gil_enabled() -> bool:
    asks = getattr(sys, "_is_gil_enabled", None)  # absent before 3.13, where there is always a GIL
    return True if asks is None else bool(asks())


def _pinning(free_threaded: bool) -> Pinning:
    """What `raddle.pin` does depends on the build, not on whether the GIL was switched back on."""
    if not free_threaded:
        return Pinning.NOTHING
    return Pinning.DEFERRED if sys.version_info >= (3, 14) else Pinning.IMMORTAL
