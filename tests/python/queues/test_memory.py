"""What queued items cost, that a burst leaves nothing, and what happens when memory ends."""

import sys
from typing import Any

import pytest
from support.process import check_code
from support.surface_queues import QUEUES

pytestmark = pytest.mark.slow_under_tsan
every_class = pytest.mark.parametrize("cls", QUEUES)
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads the size of the process from /proc")

RSS = """
import gc, os, sys, raddle
name, count = sys.argv[1], int(sys.argv[2])
cls = getattr(raddle, name)

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

def fill(target):
    if name == "PriorityQueue":
        one = 1
        for _ in range(count): target.put(one)
    else:
        for _ in range(count): target.put(None)
"""


@linux_only
@every_class
def test_bytes_per_queued_item(cls: Any) -> None:
    """At most 24, of an object that is there anyway."""
    check_code(
        RSS + "target = cls() if name == 'SimpleQueue' else cls(count)\n"
        "before = resident(); fill(target); used = (resident() - before) / count\n"
        "assert target.qsize() == count and used <= 24, used\n"
        "if name != 'SimpleQueue': assert target.full()",
        cls.__name__,
        "1000000",
    )


@linux_only
@every_class
@pytest.mark.parametrize("way", ["get", "get_many", "shutdown", "end"])
def test_a_burst_gives_its_memory_back(cls: Any, way: str) -> None:
    if way == "shutdown" and cls.__name__ == "SimpleQueue":
        pytest.skip("a SimpleQueue is not shut down")
    check_code(
        RSS + "way, target = sys.argv[3], cls()\n"
        "before = resident(); fill(target); peak = resident() - before\n"
        "if way == 'get':\n"
        "    for _ in range(count): target.get()\n"
        "elif way == 'get_many':\n"
        "    while target.qsize(): target.get_many(1000)\n"
        "elif way == 'shutdown': target.shutdown(immediate=True)\n"
        "if way == 'end': del target\n"
        "else: assert target.qsize() == 0\n"
        "gc.collect()\n"
        "left = resident() - before\n"
        "assert peak > 6 * count, peak\n"
        "assert left <= 0.1 * peak, (left, peak)",
        cls.__name__,
        "2000000",
        way,
    )


@linux_only
@every_class
def test_a_steady_flow_needs_no_more_memory(cls: Any) -> None:
    check_code(
        RSS + "target = cls()\n"
        "def flow():\n"
        "    for turn in range(count): target.put(turn); target.get()\n"
        "target.put_many([5] * 100); flow(); before = resident(); flow()\n"
        "assert resident() - before < 2**20",
        cls.__name__,
        "300000",
    )


@linux_only
@every_class
def test_when_memory_ends_put_raises_and_the_queue_is_whole(cls: Any) -> None:
    """The blocks of a queue come from the C library, which set_nomemory() does not know."""
    check_code(
        RSS + "import resource\n"
        "target, one, put = cls(), 1, 0\n"
        "batch = [one] * 50\n"
        "limit = int(open('/proc/self/statm').read().split()[0]) * 4096 + 16 * 2**20\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit, -1))\n"
        "for method in ('put', 'put_many'):\n"
        "    try:\n"
        "        while True:\n"
        "            if method == 'put': target.put(one); put += 1\n"
        "            else: put += target.put_many(batch)\n"
        "    except MemoryError: pass\n"
        "    assert put <= target.qsize() < put + 50, (put, target.qsize())\n"
        "    size = put = target.qsize()\n"
        "    for _ in range(size // 2): assert target.get() is one\n"
        "    put = target.qsize()\n"
        "    assert put == size - size // 2\n"
        "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))\n"
        "assert target.drain() == [one] * put",
        cls.__name__,
        "0",
    )
