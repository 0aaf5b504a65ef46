"""What the workloads have in common: how much to do, and what they say when they are through.

A workload is an ordinary threaded program. It prints a line of JSON: its result, which must be the same
however it is run; the seconds from its start to its end; the most memory that the process had.
"""

import json
import os
import sys
import threading
import time

THREADS = 4
STARTED = time.perf_counter()
SIZE = float(os.environ.get("RADDLE_BENCH_SIZE", "1"))


def scaled(count):
    """So many at full size."""
    return max(THREADS, int(count * SIZE))


def in_threads(function, *arguments):
    """Runs function(number, *arguments) in all threads and waits for them."""
    threads = [threading.Thread(target=function, args=(number, *arguments)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def finish(result):
    """Prints the line."""
    seconds = time.perf_counter() - STARTED
    print(json.dumps({"result": str(result), "seconds": seconds, "peak": peak()}))


def peak():
    """The most memory of this process, in bytes. Not by getrusage, which counts in who has started it."""
    if sys.platform == "linux":
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
