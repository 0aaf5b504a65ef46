"""Thread and Timer: as the standard library's, with a join that deadlock detection sees."""

import gc
import os
import signal
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import raddle
import raddle.diagnostics
from raddle._raddle import _find_thread_id, _thread_id, _wait_for_end
from support.deadlocks import PATIENCE, take_both, wait_in
from support.interpreter import needs_fork
from support.knobs import scaled
from support.process import check_code

WATCHED = [raddle.Thread, threading.Thread]


@contextmanager
def running(
    cls: type[threading.Thread] = raddle.Thread,
) -> Iterator[tuple[threading.Thread, threading.Event]]:
    """A thread that ends when its event is set."""
    go = threading.Event()
    thread = cls(target=go.wait, daemon=True)
    thread.start()
    try:
        yield thread, go
    finally:
        go.set()
        thread.join()


def test_it_is_a_thread_of_the_standard_library() -> None:
    with running() as (thread, go):
        assert isinstance(thread, threading.Thread)
        assert thread in threading.enumerate()
        assert thread.is_alive()
        thread.join(0)
        assert thread.is_alive()
        go.set()
        assert thread.join() is None  # type: ignore[func-returns-value]
        assert not thread.is_alive()
        thread.join()


def test_arguments_and_names_are_the_standard_librarys() -> None:
    seen = []
    thread = raddle.Thread(None, seen.append, "worker", (1,), {}, daemon=True)
    assert (thread.name, thread.daemon) == ("worker", True)
    thread.start()
    thread.join()
    assert seen == [1]
    assert "stopped daemon" in repr(thread)


def test_what_the_standard_library_refuses() -> None:
    thread = raddle.Thread(target=lambda: None)
    with pytest.raises(RuntimeError, match="before it is started"):
        thread.join()
    thread.start()
    with pytest.raises(RuntimeError, match="only be started once"):
        thread.start()
    thread.join()
    errors: list[BaseException] = []

    def join_itself() -> None:
        try:
            threading.current_thread().join()
        except RuntimeError as error:
            errors.append(error)

    itself = raddle.Thread(target=join_itself)
    itself.start()
    itself.join()
    assert "cannot join current thread" in str(errors[0]).lower()
    assert not isinstance(errors[0], raddle.DeadlockError)


def test_a_class_that_forgets_the_constructor_is_told() -> None:
    class Forgetful(raddle.Thread):
        def __init__(self) -> None:
            pass

    with pytest.raises(RuntimeError, match="not called"):
        Forgetful().join()


@pytest.mark.parametrize("timeout", ["1", object(), 1j, float("nan")])
def test_timeouts_that_are_none_raise_as_the_standard_librarys_do(timeout: object) -> None:
    with running() as (thread, _), running(threading.Thread) as (plain, _):
        try:
            plain.join(timeout)  # type: ignore[arg-type]
        except Exception as error:
            with pytest.raises(type(error)):
                thread.join(timeout)  # type: ignore[arg-type]
        else:
            thread.join(timeout)  # type: ignore[arg-type]


@pytest.mark.parametrize("timeout", [0.0, -1, -1e300, 1e-9, 0.02])
def test_a_timeout_that_passes(timeout: float) -> None:
    with running() as (thread, _):
        start = time.monotonic()
        thread.join(timeout)
        elapsed = time.monotonic() - start
        assert thread.is_alive()
        assert max(0.0, timeout) <= elapsed < 5


def test_a_timeout_that_does_not_pass() -> None:
    with running() as (thread, go):
        threading.Timer(0.02, go.set).start()
        start = time.monotonic()
        thread.join(1000)
        assert time.monotonic() - start < 100
        assert not thread.is_alive()


def test_many_may_join_one() -> None:
    with running() as (thread, go):
        crew = [raddle.Thread(target=thread.join) for _ in range(5)]
        for other in crew:
            other.start()
        go.set()
        for other in crew:
            other.join(PATIENCE)
            assert not other.is_alive()


def test_threads_that_end_at_once_are_joined() -> None:
    """The end of a thread meets the beginning of the wait for it at every moment."""
    for turn in range(scaled(500)):
        thread = raddle.Thread(target=time.sleep, args=(turn % 7 * 1e-5,))
        thread.start()
        thread.join()
        assert not thread.is_alive()


def test_a_thread_has_its_number_from_the_beginning() -> None:
    numbers: list[int] = []

    class Noting(raddle.Thread):
        def run(self) -> None:
            numbers.append(_thread_id())

    assert "_bootstrap_inner" in vars(threading.Thread)
    with running() as (thread, _):
        assert isinstance(thread, raddle.Thread)
        assert thread.ident is not None
        assert thread._raddle_id == _find_thread_id(thread.ident) != 0
    thread = Noting()
    thread.start()
    thread.join()
    assert numbers == [thread._raddle_id]
    assert _wait_for_end(thread._raddle_id, None, None)


def test_a_plain_thread_is_unknown_until_it_meets_raddle() -> None:
    lock, steps = raddle.Lock(), [threading.Event() for _ in range(4)]

    def run() -> None:
        steps[0].wait(PATIENCE)
        with lock:
            pass
        steps[1].set()
        steps[2].wait(PATIENCE)

    thread = threading.Thread(target=run)
    thread.start()
    assert thread.ident is not None
    assert _find_thread_id(thread.ident) == 0
    steps[0].set()
    steps[1].wait(PATIENCE)
    assert _find_thread_id(thread.ident) != 0
    steps[2].set()
    thread.join()


def test_the_join_holds_no_reference_when_it_has_ended() -> None:
    thread = raddle.Thread(target=lambda: None)
    reference = weakref.ref(thread)
    thread.start()
    thread.join()
    del thread
    gc.collect()
    assert reference() is None


def test_ctrl_c_ends_a_join() -> None:
    with running() as (thread, _):
        threading.Timer(0.03, os.kill, (os.getpid(), signal.SIGINT)).start()
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            thread.join()
        assert time.monotonic() - start < 5
        assert thread.is_alive()


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_threads_that_a_fork_left_behind_have_ended() -> None:
    with running() as (thread, _):
        pid = os.fork()
        if pid == 0:
            signal.alarm(10)
            thread.join()
            os._exit(17 + thread.is_alive())
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 17
        assert thread.is_alive()


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_inside_a_join_ends_it_in_the_child() -> None:
    """A signal handler forks while the main thread joins: the other thread has vanished in the child."""
    children: list[int] = []
    parent = os.getpid()

    def fork(number: int, frame: object) -> None:
        pid = os.fork()
        if pid == 0:
            signal.alarm(10)
        else:
            children.append(pid)

    before = signal.signal(signal.SIGUSR1, fork)
    try:
        with running() as (thread, go):
            threading.Timer(0.02, os.kill, (parent, signal.SIGUSR1)).start()
            threading.Timer(0.2, go.set).start()
            thread.join()
            if os.getpid() != parent:
                os._exit(17)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 17


AT_SHUTDOWN = """
import threading, time
import raddle
{watch}
def wait_for_main():
    threading.main_thread().join()
    print("main thread joined")
def daemon():
    threading.Event().wait()
raddle.Thread(target=daemon, daemon=True, name="daemon").start()
waits = raddle.Thread(target=wait_for_main)
waits.start()
joiner = raddle.Thread(target=waits.join)
joiner.start()
daemons = [thread for thread in threading.enumerate() if thread.name == "daemon"]
forever = raddle.Thread(target=daemons[0].join, daemon=True)
forever.start()
while raddle._raddle._find_thread_id(forever.ident) == 0:
    time.sleep(0.001)
print("end of the program")
"""


@pytest.mark.parametrize("watch", ["", "import raddle.diagnostics; raddle.diagnostics.watch_joins()"])
def test_the_end_of_the_interpreter(watch: str) -> None:
    """It waits for threads, not for daemons nor who waits for one; the main thread ends first."""
    assert check_code(AT_SHUTDOWN.format(watch=watch)) == "end of the program\nmain thread joined\n"


def join_in_a_circle(cls: type[threading.Thread]) -> raddle.DeadlockError:
    """The calling thread joins a thread of this class that waits for it."""
    lock = raddle.RLock()
    raised: list[raddle.DeadlockError] = []

    def take() -> None:
        try:
            take_both(lock, lock)
        except raddle.DeadlockError as error:
            raised.append(error)

    thread = cls(target=take)
    with lock:
        thread.start()
        try:
            thread.join()
        except raddle.DeadlockError as error:
            raised.append(error)
    thread.join()
    (error,) = raised
    return error


def test_three_threads_in_a_circle_of_joins() -> None:
    crew: list[raddle.Thread] = []
    ready, raised = threading.Event(), []

    def join(place: int) -> None:
        ready.wait(PATIENCE)
        try:
            crew[(place + 1) % 3].join()
        except raddle.DeadlockError as error:
            raised.append(error)

    crew += [raddle.Thread(target=join, args=(place,), name=f"T{place}") for place in range(3)]
    for thread in crew:
        thread.start()
    ready.set()
    for thread in crew:
        threading.Thread.join(thread, PATIENCE)
        assert not thread.is_alive()
    (error,) = raised
    assert {link.name for link in error.cycle} == {"T0", "T1", "T2"}
    assert all(isinstance(link.waits_for, raddle.Thread) for link in error.cycle)


def test_a_join_with_a_timeout_is_no_part_of_a_circle() -> None:
    lock = raddle.RLock()
    thread = raddle.Thread(target=lambda: take_both(lock, lock))
    with lock:
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
    thread.join()


def test_watching_lets_plain_threads_take_part() -> None:
    with raddle.diagnostics.watch_joins():
        error = join_in_a_circle(threading.Thread)
    assert len(error.cycle) == 2


def test_watching_sees_a_thread_that_began_before_once_it_has_met_raddle() -> None:
    lock, raised = raddle.RLock(), []
    go = threading.Event()

    def take() -> None:
        go.wait(PATIENCE)
        try:
            take_both(lock, lock)
        except raddle.DeadlockError as error:
            raised.append(error)

    thread = threading.Thread(target=take)
    thread.start()
    with raddle.diagnostics.watch_joins(), lock:
        go.set()
        wait_in(thread, lock)
        try:
            thread.join()
        except raddle.DeadlockError as error:
            raised.append(error)
    thread.join()
    assert len(raised) == 1


def plain() -> tuple[Callable[..., object], Callable[..., object]]:
    return threading.Thread.join, vars(threading.Thread)["_bootstrap_inner"]


def test_watching_leaves_nothing_behind() -> None:
    before = plain()
    first = raddle.diagnostics.watch_joins()
    watched = plain()
    assert watched[0] is not before[0]
    assert watched[1] is not before[1]
    with raddle.diagnostics.watch_joins():
        assert plain() == watched
    assert plain() == watched, "the first one still watches"
    first.stop()
    assert plain() == before
    first.stop()
    assert plain() == before
    with raddle.diagnostics.watch_joins():
        assert plain() == watched
    assert plain() == before


def test_watching_ends_without_undoing_what_others_have_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    before = plain()
    watch = raddle.diagnostics.watch_joins()
    watched = threading.Thread.join
    calls: list[object] = []

    def join(self: threading.Thread, timeout: float | None = None) -> None:
        calls.append(self)
        watched(self, timeout)

    monkeypatch.setattr(threading.Thread, "join", join)
    watch.stop()
    with running(threading.Thread) as (thread, _):
        thread.join(0)
    assert calls
    assert threading.Thread.join is join
    monkeypatch.undo()
    # What was there before the other patch is ours, and asleep; watching again finds its way.
    with raddle.diagnostics.watch_joins():
        join_in_a_circle(threading.Thread)
    assert plain() == before


@pytest.mark.parametrize("cls", WATCHED)
def test_joins_of_both_classes_work_while_watching(cls: type[threading.Thread]) -> None:
    with raddle.diagnostics.watch_joins():
        with running(cls) as (thread, _):
            thread.join(0.01)
            assert thread.is_alive()
            with pytest.raises(RuntimeError, match="current thread"):
                threading.current_thread().join()
        join_in_a_circle(cls)


def test_a_timer_calls_once() -> None:
    calls: list[object] = []
    timer = raddle.Timer(0.001, lambda *args, **more: calls.append((args, more)), (1,), {"a": 2})
    assert isinstance(timer, raddle.Thread)
    assert isinstance(timer, threading.Timer)
    assert isinstance(timer.finished, raddle.Event)
    assert repr(timer) == f"<Timer({timer.name}, initial)>"
    timer.start()
    timer.join()
    assert timer.finished.is_set()
    assert calls == [((1,), {"a": 2})]


def test_a_cancelled_timer_calls_nothing() -> None:
    calls: list[object] = []
    timer = raddle.Timer(1000, calls.append, [1])
    timer.start()
    timer.cancel()
    timer.join(PATIENCE)
    assert not timer.is_alive()
    assert timer.finished.is_set()
    assert calls == []


def test_a_timer_that_waits_for_who_joins_it_is_told() -> None:
    """Its join is that of raddle's Thread."""
    lock, errors = raddle.Lock(), list[BaseException | None]()

    def take() -> None:
        try:
            with lock:
                errors.append(None)
        except raddle.DeadlockError as error:
            errors.append(error)

    timer = raddle.Timer(0, take)
    with lock:
        timer.start()
        wait_in(timer, lock)
        try:
            timer.join()
        except raddle.DeadlockError as error:
            errors.append(error)
    timer.join(PATIENCE)
    assert sorted(error is None for error in errors) in ([False], [False, True])
