"""Programs for test_sync.py: the standard library. See synchronised.py."""

import _thread
import asyncio
import contextvars
import queue
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from typing import Any

from check.synchronised import Program, Touch, one_after_the_other, run_together, wait_until


def join(touch: Touch, ordered: bool) -> None:
    thread = threading.Thread(target=touch)
    thread.start()
    if ordered:
        thread.join()
    else:
        # It has ended, but nobody asked.
        wait_until(lambda: thread not in threading.enumerate())
    touch()


def is_alive(touch: Touch, ordered: bool) -> None:
    thread = threading.Thread(target=touch)
    thread.start()
    while thread.is_alive() if ordered else thread in threading.enumerate():
        time.sleep(0.001)
    touch()


def start(touch: Touch, ordered: bool) -> None:
    if ordered:
        touch()
    thread = threading.Thread(target=touch)
    thread.start()
    if not ordered:
        touch()
    thread.join()


def raw_thread(touch: Touch, ordered: bool) -> None:
    ended = _thread.allocate_lock()
    ended.acquire()
    seen: list[int] = []

    def work() -> None:
        touch()
        seen.append(1)
        ended.release()

    _thread.start_new_thread(work, ())
    if ordered:
        ended.acquire()
    else:
        wait_until(lambda: bool(seen))
    touch()


class _Overriding(threading.Thread):
    def __init__(self, touch: Touch) -> None:
        super().__init__()
        self.touch = touch

    def run(self) -> None:
        self.touch()


def subclass(touch: Touch, ordered: bool) -> None:
    threads = [_Overriding(touch), _Overriding(touch)]
    for thread in threads:
        thread.start()
        if ordered:
            thread.join()
    for thread in threads:
        thread.join()


def timer(touch: Touch, ordered: bool) -> None:
    if ordered:
        touch()
    thread = threading.Timer(0.001, touch)
    thread.start()
    if not ordered:
        touch()
    thread.join()


def _with_lock(make: Any) -> Program:
    def program(touch: Touch, ordered: bool) -> None:
        shared = make()

        def work() -> None:
            with shared if ordered else make():
                touch()

        run_together(work, work)

    return program


def lock_as_signal(touch: Touch, ordered: bool) -> None:
    signal = threading.Lock()
    signal.acquire()

    def first() -> None:
        if ordered:
            touch()
        signal.release()
        if not ordered:
            touch()

    def second() -> None:
        signal.acquire()
        touch()

    run_together(first, second)


def condition(touch: Touch, ordered: bool) -> None:
    changed = threading.Condition()
    waiting: list[int] = []

    def first() -> None:
        wait_until(lambda: bool(waiting))
        touch()
        with changed:
            changed.notify()

    def second() -> None:
        with changed:
            waiting.append(1)
            changed.wait()
        touch()

    def unordered() -> None:
        wait_until(lambda: len(waiting) == 1)
        touch()

    if ordered:
        run_together(second, first)
    else:
        run_together(second, first, unordered)


def event(touch: Touch, ordered: bool, ask: bool = False) -> None:
    is_set = threading.Event()

    def first() -> None:
        if ordered:
            touch()
        is_set.set()
        if not ordered:
            touch()

    def second() -> None:
        if ask:
            wait_until(is_set.is_set)
        else:
            is_set.wait()
        touch()

    run_together(second, first)


def semaphore(touch: Touch, ordered: bool) -> None:
    permits = threading.Semaphore(0)

    def first() -> None:
        if ordered:
            touch()
        permits.release()
        if not ordered:
            touch()

    def second() -> None:
        permits.acquire()
        touch()

    run_together(second, first)


def permits(make: Any) -> Program:
    """One permit keeps threads apart, two do not."""

    def program(touch: Touch, ordered: bool) -> None:
        slots = make(1 if ordered else 2)

        def work() -> None:
            with slots:
                touch()

        one_after_the_other(work, work)

    return program


def barrier(touch: Touch, ordered: bool) -> None:
    together = threading.Barrier(2)

    def first() -> None:
        if ordered:
            touch()
        together.wait()
        if not ordered:
            touch()

    def second() -> None:
        together.wait()
        touch()

    run_together(first, second)


def _through(make: Any, put_twice: bool = False) -> Program:
    def program(touch: Touch, ordered: bool) -> None:
        channel = make()

        def first() -> None:
            if ordered:
                touch()
            channel.put("element")
            if not ordered:
                touch()

        def second() -> None:
            assert channel.get() == "element"
            touch()

        run_together(second, first)

    return program


class _OwnOrder(queue.Queue):  # type: ignore[type-arg]
    def _init(self, maxsize: int) -> None:
        self.kept: list[Any] = []

    def _qsize(self) -> int:
        return len(self.kept)

    def _put(self, item: Any) -> None:
        self.kept.append((item,))

    def _get(self) -> Any:
        return self.kept.pop()[0]


def other_element(touch: Touch, ordered: bool) -> None:
    """Who gets an element is after who put that one, not after others."""
    channel: queue.Queue[str] = queue.Queue()

    def first() -> None:
        touch()
        channel.put("first")

    def second() -> None:
        channel.put("second")

    def third() -> None:
        touch()

    def get() -> None:
        assert channel.get() == "first"
        if not ordered:
            assert channel.get() == "second"
        touch()

    one_after_the_other(first, second, get if ordered else third)


def task_done(touch: Touch, ordered: bool) -> None:
    jobs: queue.Queue[str] = queue.Queue()
    jobs.put("job")
    seen: list[int] = []
    leave = threading.Event()

    def work() -> None:
        jobs.get()
        touch()
        jobs.task_done()
        seen.append(1)
        leave.wait()

    def wait_for_all() -> None:
        if ordered:
            jobs.join()
        else:
            wait_until(lambda: bool(seen))
        touch()
        leave.set()

    run_together(work, wait_for_all)


def submit(touch: Touch, ordered: bool) -> None:
    with ThreadPoolExecutor(1) as pool:
        if ordered:
            touch()
        future = pool.submit(touch)
        if not ordered:
            touch()
        wait_until(lambda: future._state == "FINISHED")


def result(touch: Touch, ordered: bool) -> None:
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(touch)
        if ordered:
            future.result()
        else:
            wait_until(lambda: future._state == "FINISHED")
        touch()


def raised(touch: Touch, ordered: bool) -> None:
    def work() -> None:
        touch()
        raise KeyError

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        if ordered:
            assert isinstance(future.exception(), KeyError)
        else:
            wait_until(lambda: future._state == "FINISHED")
        touch()


def tasks(touch: Touch, ordered: bool) -> None:
    """Two tasks are not ordered by running in the same worker, one after the other."""
    workers: list[int] = []

    def task() -> None:
        touch()
        workers.append(threading.get_ident())

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(task)
        if ordered:
            first.result()
        wait_until(lambda: pool._idle_semaphore._value == 1)  # type: ignore[attr-defined]
        pool.submit(task)
    assert len(set(workers)) == 1


def only_worker(touch: Touch, ordered: bool) -> None:
    """An executor with one worker is meant to run one task after the other."""
    with ThreadPoolExecutor(1 if ordered else 2) as pool:
        pool.submit(touch)
        wait_until(lambda: pool._idle_semaphore._value == 1)  # type: ignore[attr-defined]
        pool.submit(touch)


def waited_for(touch: Touch, ordered: bool) -> None:
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(touch)]
        if ordered:
            wait(futures)
        else:
            wait_until(lambda: futures[0]._state == "FINISHED")
        touch()


def waited_for_one_of(touch: Touch, ordered: bool) -> None:
    """The one that is done is before; the other one is not."""
    leave = threading.Event()
    touched: list[int] = []

    def one() -> None:
        if ordered:
            touch()

    def other() -> None:
        if not ordered:
            touch()
        touched.append(1)
        leave.wait()

    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(one), pool.submit(other)]
        done, _ = wait(futures, return_when=FIRST_COMPLETED)
        assert done == {futures[0]}
        wait_until(lambda: bool(touched))
        touch()
        leave.set()


def completed(touch: Touch, ordered: bool) -> None:
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(touch)]
        if ordered:
            for _ in as_completed(futures):
                touch()
        else:
            wait_until(lambda: futures[0]._state == "FINISHED")
            touch()


def done_callback(touch: Touch, ordered: bool) -> None:
    """The task is before its callbacks, and so is who added them."""
    ran = threading.Event()
    added: list[int] = []

    def task() -> None:
        wait_until(lambda: bool(added))
        if not ordered:
            touch()

    def callback(_: Future[None]) -> None:
        touch()
        ran.set()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(task)
        touch()
        future.add_done_callback(callback)
        added.append(1)
        ran.wait()
        touch()


def shut_down(touch: Touch, ordered: bool) -> None:
    pool = ThreadPoolExecutor(2)
    future = pool.submit(touch)
    wait_until(lambda: future._state == "FINISHED")
    pool.shutdown(wait=ordered)
    touch()


def initializer(touch: Touch, ordered: bool) -> None:
    """A worker's initializer is before the tasks that run there, and orders nothing else."""
    with ThreadPoolExecutor(2, initializer=touch if ordered else int) as pool:
        pool.submit(touch)
        wait_until(lambda: pool._idle_semaphore._value == 1)  # type: ignore[attr-defined]
        if not ordered:
            pool.submit(touch)


def confined(touch: Touch, ordered: bool) -> None:
    """What tasks keep per thread is not shared."""
    per_thread = threading.local()

    def task() -> None:
        if ordered:
            per_thread.calls = getattr(per_thread, "calls", 0) + 1
        touch()

    with ThreadPoolExecutor(2) as pool:
        pool.submit(task)
        wait_until(lambda: pool._idle_semaphore._value == 1)  # type: ignore[attr-defined]
        pool.submit(task)


def context_variables(touch: Touch, ordered: bool) -> None:
    """They are values, and order nothing by themselves."""
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable")
    context = contextvars.copy_context()

    def work() -> None:
        variable.set(1)
        touch()

    if ordered:
        context.run(touch)
        touch()
    else:
        run_together(lambda: context.copy().run(work), lambda: context.copy().run(work))


def to_thread(touch: Touch, ordered: bool) -> None:
    running: list[int] = []

    def together() -> None:
        running.append(1)
        wait_until(lambda: len(running) == 2)
        touch()

    async def main() -> None:
        touch()
        if ordered:
            await asyncio.to_thread(touch)
            touch()
            await asyncio.get_running_loop().run_in_executor(None, touch)
            touch()
        else:
            pair = [asyncio.create_task(asyncio.to_thread(together)) for _ in range(2)]
            await asyncio.gather(*pair)

    asyncio.run(main())


def threadsafe(touch: Touch, ordered: bool) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()

        def work() -> None:
            if ordered:
                touch()
            loop.call_soon_threadsafe(ready.set)
            if not ordered:
                touch()

        thread = threading.Thread(target=work)
        thread.start()
        await ready.wait()
        touch()
        thread.join()

    asyncio.run(main())


def coroutine_threadsafe(touch: Touch, ordered: bool) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()

        async def part() -> None:
            touch()

        def work() -> None:
            touch()
            future = asyncio.run_coroutine_threadsafe(part(), loop)
            if ordered:
                future.result()
            else:
                wait_until(lambda: future._state == "FINISHED")
            touch()
            loop.call_soon_threadsafe(ended.set)

        thread = threading.Thread(target=work)
        thread.start()
        await ended.wait()
        thread.join()

    asyncio.run(main())


def loop_tasks(touch: Touch, ordered: bool) -> None:
    """Tasks of one loop are ordered by its thread; those of two loops are not."""

    async def part() -> None:
        touch()
        await asyncio.sleep(0)
        touch()

    async def both() -> None:
        await asyncio.gather(part(), part())

    if ordered:
        asyncio.run(both())
    else:
        run_together(lambda: asyncio.run(part()), lambda: asyncio.run(part()))


PROGRAMS: dict[str, Program] = {
    "join": join,
    "is_alive": is_alive,
    "start": start,
    "raw thread": raw_thread,
    "subclass of Thread": subclass,
    "Timer": timer,
    "Lock": _with_lock(threading.Lock),
    "RLock": _with_lock(threading.RLock),
    "RLock in Python": _with_lock(threading._PyRLock),  # type: ignore[attr-defined]
    "Condition as a lock": _with_lock(threading.Condition),
    "Condition with a Lock": _with_lock(lambda: threading.Condition(threading.Lock())),
    "Semaphore as a lock": _with_lock(threading.Semaphore),
    "BoundedSemaphore as a lock": _with_lock(threading.BoundedSemaphore),
    "Lock as a signal": lock_as_signal,
    "Condition": condition,
    "Event.wait": event,
    "Event.is_set": lambda touch, ordered: event(touch, ordered, ask=True),
    "Semaphore": semaphore,
    "permits": permits(threading.Semaphore),
    "permits of a BoundedSemaphore": permits(threading.BoundedSemaphore),
    "Barrier": barrier,
    "Queue": _through(queue.Queue),
    "LifoQueue": _through(queue.LifoQueue),
    "PriorityQueue": _through(queue.PriorityQueue),
    "SimpleQueue": _through(queue.SimpleQueue),
    "SimpleQueue in Python": _through(queue._PySimpleQueue),  # type: ignore[attr-defined]
    "subclass of Queue": _through(_OwnOrder),
    "other element": other_element,
    "task_done": task_done,
    "submit": submit,
    "result": result,
    "exception": raised,
    "tasks": tasks,
    "only worker": only_worker,
    "wait": waited_for,
    "wait for one of them": waited_for_one_of,
    "as_completed": completed,
    "add_done_callback": done_callback,
    "shutdown": shut_down,
    "initializer": initializer,
    "threading.local": confined,
    "contextvars": context_variables,
    "to_thread": to_thread,
    "call_soon_threadsafe": threadsafe,
    "run_coroutine_threadsafe": coroutine_threadsafe,
    "tasks of a loop": loop_tasks,
}
