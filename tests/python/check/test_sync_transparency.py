"""What is watched looks the same, tracebacks too, and is the very same afterwards."""

import _queue
import _thread
import asyncio
import builtins
import concurrent.futures
import concurrent.futures._base
import concurrent.futures.thread
import inspect
import os
import pickle
import queue
import subprocess
import sys
import textwrap
import threading
import traceback
import types
from collections.abc import Iterator
from typing import Any

import pytest
import raddle
from check.synchronised import rules, run_together
from raddle._raddle import checker
from raddle.check import _sync

OWNERS: list[Any] = [
    threading,
    threading.Thread,
    threading.Event,
    threading.Condition,
    threading.Semaphore,
    threading.BoundedSemaphore,
    threading.Barrier,
    type(threading.Lock()),
    _thread.RLock,
    _queue.SimpleQueue,
    queue.Queue,
    queue.LifoQueue,
    queue.PriorityQueue,
    concurrent.futures.Future,
    concurrent.futures.thread,
    concurrent.futures.thread._WorkItem,
    concurrent.futures.ThreadPoolExecutor,
    concurrent.futures._base,
    asyncio.BaseEventLoop,
    raddle.Lock,
    raddle.Queue,
    raddle.AtomicInt,
    builtins,
]


@pytest.fixture
def watched() -> Iterator[None]:
    checker.start()
    _sync.install(checker)
    try:
        yield
    finally:
        checker.finish()
        _sync.uninstall()


def _signatures() -> dict[tuple[str, str], tuple[Any, ...]]:
    seen = {}
    for owner in OWNERS:
        for name, value in vars(owner).items():
            if not callable(value) or isinstance(value, type):
                continue
            try:
                signature = str(inspect.signature(value))
            except ValueError:
                signature = "none"
            seen[owner.__name__, name] = (
                signature,
                value.__doc__,
                repr(value),
                getattr(value, "__name__", None),
                getattr(value, "__qualname__", None),
                inspect.isfunction(value),
                inspect.isroutine(value),
            )
    return seen


def test_everything_looks_the_same() -> None:
    before = _signatures()
    checker.start()
    _sync.install(checker)
    during = _signatures()
    checker.finish()
    _sync.uninstall()
    assert during == before


def test_everything_is_what_it_was() -> None:
    before = {(id(owner), name): value for owner in OWNERS for name, value in vars(owner).items()}
    checker.start()
    _sync.install(checker)
    checker.finish()
    _sync.uninstall()
    after = {(id(owner), name): value for owner in OWNERS for name, value in vars(owner).items()}
    assert after.keys() == before.keys()
    assert [key for key in before if after[key] is not before[key]] == []


@pytest.mark.usefixtures("watched")
def test_locks_are_of_the_same_class() -> None:
    lock = threading.Lock()
    assert type(lock) is type(_thread.allocate_lock())
    assert isinstance(threading.RLock(), _thread.RLock)
    with pytest.raises(RuntimeError):
        lock.release()
    with pytest.raises(RuntimeError):
        threading.RLock().release()
    assert lock.acquire(timeout=1)
    assert not lock.acquire(blocking=False)
    with pytest.raises(TypeError):
        pickle.dumps(lock)


@pytest.mark.usefixtures("watched")
def test_methods_bound_before_are_watched() -> None:
    """And functions are pickled by their names."""
    assert pickle.loads(pickle.dumps(threading.Event.set)) is threading.Event.set
    assert isinstance(threading.Event.set, types.FunctionType)
    assert threading.Event.set.__wrapped__.__code__ is threading.Event.set.__code__  # type: ignore[attr-defined]


def test_a_lock_of_old_is_watched() -> None:
    lock = threading.Lock()
    acquire, release = lock.acquire, lock.release

    def program(touch: Any) -> None:
        def work() -> None:
            acquire()
            touch()
            release()

        run_together(work, work)

    assert rules(program) == set()


@pytest.mark.usefixtures("watched")
def test_subclasses_and_super() -> None:
    class Event(threading.Event):
        calls = 0

        def set(self) -> None:
            self.calls += 1
            super().set()

    event = Event()
    event.set()
    assert event.is_set()
    assert event.wait()
    assert event.calls == 1

    class Lock(_thread.RLock):  # type: ignore[misc]
        pass

    with Lock() as taken:
        assert taken


@pytest.mark.usefixtures("watched")
def test_tracebacks_have_no_frames_of_ours() -> None:
    pool = concurrent.futures.ThreadPoolExecutor(1)
    with pytest.raises(ZeroDivisionError) as caught:
        pool.submit(lambda: 1 / 0).result()
    pool.shutdown()
    files = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert not [file for file in files if "raddle/check" in file]


CHILD = textwrap.dedent(
    """
    import atexit, os, sys, threading
    sys.path[:0] = {path!r}
    from raddle._raddle import checker
    from raddle.check import _sync
    from check import synchronised
    probe = synchronised._make_probe()
    shared = synchronised._Shared()
    def touch(): probe(shared).value += 1
    touch()
    checker.start()
    _sync.install(checker)
    def tell(): print("found", len(checker.finish()["findings"]))
    {program}
    """
)


def _found_in_child(program: str) -> str:
    text = CHILD.format(path=sys.path, program=textwrap.dedent(program))
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_exit_comes_after_all_threads() -> None:
    program = """
atexit.register(lambda: (touch(), tell()))
for _ in range(2):
    thread = threading.Thread(target=touch)
    thread.start()
    {join}
"""
    assert _found_in_child(program.format(join="thread.join()")) == "found 0"
    # Nothing orders the two threads; the exit comes after both.
    assert _found_in_child(program.format(join="pass")) == "found 1"
    one = """
atexit.register(lambda: (touch(), tell()))
threading.Thread(target=touch).start()
"""
    assert _found_in_child(one) == "found 0"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_child_of_fork_comes_after_all() -> None:
    program = """
done = []
thread = threading.Thread(target=lambda: (touch(), done.append(1)))
thread.start()
synchronised.wait_until(lambda: done)
{act}
thread.join()
"""
    forked = """
if os.fork() == 0:
    touch()
    other = threading.Thread(target=touch)
    other.start()
    other.join()
    tell()
    sys.stdout.flush()
    os._exit(0)
os.wait()
"""
    assert _found_in_child(program.format(act=forked)) == "found 0"
    assert _found_in_child(program.format(act="touch()") + "\ntell()") == "found 1"


def test_a_module_that_is_imported_comes_before(tmp_path: Any) -> None:
    (tmp_path / "late_module.py").write_text("import __main__\n__main__.touch()\n")
    program = f"""
sys.path.insert(0, {str(tmp_path)!r})
done = []
def first():
    import late_module
    done.append(1)
def second():
    synchronised.wait_until(lambda: done)
    {{statement}}
    touch()
synchronised.run_together(first, second)
tell()
"""
    assert _found_in_child(program.format(statement="import late_module")) == "found 0"
    assert _found_in_child(program.format(statement="import late_module as m")) == "found 0"
    assert _found_in_child(program.format(statement="pass")) == "found 1"
