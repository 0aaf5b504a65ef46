"""Keys that nobody has leave no memory, nor does a wait inside which a handler forks or memory ends."""

import sys

import pytest
from support.interpreter import needs_fork, needs_testcapi
from support.process import check_code

pytestmark = pytest.mark.slow_under_tsan
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads the size of the process from /proc")

RSS = """
import gc, os, sys, threading, raddle
locks, count = raddle.KeyedLock(), int(sys.argv[1])

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
"""


@linux_only
@pytest.mark.parametrize(
    "use",
    [
        "with locks(key): pass",
        "locks.acquire(key); locks.release(key)",
        "with locks(str(key)): pass",
        "with locks((key, key)): pass",
    ],
)
def test_a_million_keys_one_after_the_other_leave_nothing(use: str) -> None:
    code = f"""
def use(keys):
    for key in keys:
        {use}
use(range(20_000))
gc.collect()
before, blocks = resident(), sys.getallocatedblocks()
use(range(1000, count))
gc.collect()
assert len(locks) == 0
assert sys.getallocatedblocks() - blocks < 200, sys.getallocatedblocks() - blocks
assert resident() - before < 2**20, resident() - before
"""
    check_code(RSS + code, "1000000")


@linux_only
def test_a_million_keys_one_after_the_other_in_two_threads() -> None:
    code = """
def use(first):
    for key in range(first, first + count // 2):
        with locks(key): pass
def both(start):
    crew = [threading.Thread(target=use, args=(start + number * count,)) for number in range(2)]
    for thread in crew: thread.start()
    for thread in crew: thread.join()
both(0)
gc.collect()
before = resident()
both(4 * count)
gc.collect()
assert len(locks) == 0
assert resident() - before < 2**20, resident() - before
"""
    check_code(RSS + code, "400000")


@linux_only
def test_many_keys_at_once_give_their_memory_back() -> None:
    """The second burst needs nothing that the first has not given back; a key takes no more than is said."""
    code = """
keys = list(range(count))
def burst():
    for key in keys: locks.acquire(key)
    peak = resident()
    for key in keys: locks.release(key)
    return peak
before = resident()
used = burst() - before
assert used / count < 200, used / count
gc.collect()
after = resident()
assert burst() - after < 1.2 * used
assert resident() - after < 2**20, resident() - after
assert len(locks) == 0
"""
    check_code(RSS + code, "200000")


LEAK = """
import gc, sys, threading, raddle
locks = raddle.KeyedLock()
locks.acquire("held")
both = threading.Barrier(2)

def waits(times):
    for _ in range(times):
        assert not locks.acquire("held", timeout=1e-6)
        assert not locks.acquire("held", False)

def in_a_thread(times):
    thread = threading.Thread(target=waits, args=(times,))
    thread.start()
    thread.join()

in_a_thread(300)
gc.collect()
before = sys.getallocatedblocks()
in_a_thread(3000)
gc.collect()
assert sys.getallocatedblocks() - before < 300, sys.getallocatedblocks() - before
assert len(locks) == 1
"""


def test_waits_in_vain_leave_nothing() -> None:
    check_code(LEAK)


NO_MEMORY = """
import threading, _testcapi, raddle

locks = raddle.KeyedLock()
may_end, holds = threading.Lock(), threading.Lock()
may_end.acquire(), holds.acquire()

def hold():
    locks.acquire("held")
    holds.release()
    may_end.acquire()
    locks.release("held")

thread = threading.Thread(target=hold, daemon=True)
thread.start()
holds.acquire()
key = "".join(["he", "ld"])
failures = 0
calls = lambda: locks.acquire(key, True, 0.001), lambda: locks.acquire(key, False), lambda: locks((1, key))
for call in calls:
    place = 0
    while True:
        _testcapi.set_nomemory(place, place + 1)
        try:
            outcome = call()
            break
        except MemoryError:
            failures += 1
        finally:
            _testcapi.remove_mem_hooks()
        place += 1
    assert outcome is not True
    assert "waiters" not in repr(locks), locks
    assert len(locks) == 1
assert failures > 0
may_end.release()
thread.join()
assert len(locks) == 0
"""


@needs_testcapi
def test_failing_allocations_of_calls_that_wait() -> None:
    check_code(NO_MEMORY)


FORK = """
import os, signal, sys, threading, time, warnings, raddle
warnings.simplefilter("ignore", DeprecationWarning)
way = sys.argv[1]
locks = raddle.KeyedLock()
parent, children = os.getpid(), []

class Same:
    def __hash__(self): return 1
    def __eq__(self, other): return True

may_end = threading.Event()
def hold():
    locks.acquire(Same())
    may_end.wait()
    locks.release(Same())
holder = threading.Thread(target=hold, daemon=True)
holder.start()
while len(locks) != 1: time.sleep(0.001)

def handle(number, frame):
    pid = os.fork()
    if pid:
        children.append(pid)
        return
    # The key is free: its holder has vanished; only this thread is on the way to it.
    assert len(locks) == 1, locks
    if way != "looks":
        assert locks.acquire(Same(), False)
        assert len(locks) == 1
    if way in ("takes", "raises"):
        locks.release(Same())
        assert len(locks) == 1
    if way == "raises":
        raise ArithmeticError

signal.signal(signal.SIGUSR1, handle)

def disturb():
    while "waiters=1" not in repr(locks): time.sleep(0.001)
    os.kill(parent, signal.SIGUSR1)
    while not children: time.sleep(0.001)
    may_end.set()

helper = threading.Thread(target=disturb, daemon=True)
helper.start()
try:
    got = locks.acquire(Same(), timeout=0.3 if way == "keeps" else 20)
except ArithmeticError:
    assert os.getpid() != parent and way == "raises"
    got = None
if os.getpid() != parent:
    if way == "keeps":  # it waits for itself, as with an RLock, until its time is up
        assert got is False
        locks.release(Same())
    elif got is None:
        assert way == "raises"
    else:
        assert got is True
        locks.release(Same())
    assert len(locks) == 0, locks
    with locks(Same()): assert len(locks) == 1
    assert "waiters" not in repr(locks)
    os._exit(7)
assert got is True
locks.release(Same())
helper.join()
holder.join()
assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 7
assert len(locks) == 0
print("done")
"""


@needs_fork
@pytest.mark.parametrize("way", ["looks", "takes", "keeps", "raises"])
def test_a_fork_in_a_handler_inside_a_wait(way: str) -> None:
    assert check_code(FORK, way, timeout=60) == "done\n"
