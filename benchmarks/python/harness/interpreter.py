"""What runs this: facts about the interpreter and the machine for the report's head."""

import os
import platform
import sys
import sysconfig

from . import cores


def gil_enabled() -> bool:
    """Whether threads take turns. Interpreters before 3.13 cannot be asked, and always have a GIL."""
    ask = getattr(sys, "_is_gil_enabled", None)
    return True if ask is None else bool(ask())


def description() -> list[str]:
    """Lines for the head of the report."""
    build = "free-threaded build" if sysconfig.get_config_var("Py_GIL_DISABLED") else "build with a GIL"
    state = "on" if gil_enabled() else "off"
    machine = f"{platform.system()} {platform.machine()}, {len(cores.usable())} of {os.cpu_count()} cores"
    lines = [
        f"{platform.python_implementation()} {platform.python_version()}, {build}, GIL {state}",
        f"{machine}; {cores.placement()}",
    ]
    if hasattr(os, "getloadavg"):  # Not on Windows.
        lines.append(f"load average of the last minute: {os.getloadavg()[0]:.1f} (other work disturbs)")
    return lines
