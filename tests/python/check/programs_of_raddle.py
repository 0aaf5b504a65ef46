"""Programs for test_sync.py: raddle's own. See synchronised.py."""

import threading
from collections.abc import Callable
from typing import Any

import raddle
from check.programs_of_stdlib import permits
from check.synchronised import Program, Touch, one_after_the_other, run_together, wait_until
from raddle.check import happens_after, happens_before


def _with_lock(make: Callable[[], Any], enter: Callable[[Any], Any] = lambda lock: lock) -> Program:
    def program(touch: Touch, ordered: bool) -> None:
        shared = make()

        def work() -> None:
            with enter(shared if ordered else make()):
                touch()

        run_together(work, work)

    return program


def _by_methods(make: Callable[[], Any]) -> Program:
    def program(touch: Touch, ordered: bool) -> None:
        shared = make()

        def work() -> None:
            lock = shared if ordered else make()
            lock.acquire()
            touch()
            lock.release()

        run_together(work, work)

    return program


def readers(touch: Touch, ordered: bool) -> None:
    """Two that only read do not keep each other out; a reader and a writer do."""
    lock = raddle.RWLock()

    def read() -> None:
        with lock.read:
            touch()

    def write() -> None:
        with lock.write:
            touch()

    run_together(write, write if ordered else read) if ordered else run_together(read, read)


def key(touch: Touch, ordered: bool) -> None:
    locks: raddle.KeyedLock[str] = raddle.KeyedLock()

    def work(name: str) -> None:
        locks.acquire(name)
        touch()
        locks.release(name)

    run_together(lambda: work("a"), lambda: work("a" if ordered else "b"))


def guarded_key(touch: Touch, ordered: bool) -> None:
    locks: raddle.KeyedLock[str] = raddle.KeyedLock()

    def work(name: str) -> None:
        with locks(name):
            touch()

    run_together(lambda: work("a"), lambda: work("a" if ordered else "b"))


def _handing_over(
    make: Callable[[], Any], give: Callable[[Any], object], take: Callable[[Any], object]
) -> Program:
    """What is done before `give` is before what is done after `take`; what is done after it is not."""

    def program(touch: Touch, ordered: bool) -> None:
        shared = make()

        def first() -> None:
            if ordered:
                touch()
            give(shared)
            if not ordered:
                touch()

        def second() -> None:
            take(shared)
            touch()

        run_together(second, first)

    return program


def condition(touch: Touch, ordered: bool) -> None:
    changed = raddle.Condition(raddle.Lock())
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

    def third() -> None:
        wait_until(lambda: bool(waiting))
        touch()

    run_together(*((second, first) if ordered else (second, first, third)))


def condition_lock_is_free(touch: Touch, ordered: bool) -> None:
    """While one waits, the lock is another's; what is under the lock stays ordered."""
    changed = raddle.Condition(raddle.RLock() if ordered else raddle.Lock())
    ready: list[int] = []

    def first() -> None:
        with changed:
            touch()
            ready.append(1)
            changed.notify_all()

    def second() -> None:
        with changed:
            changed.wait_for(lambda: bool(ready))
            touch()

    run_together(second, first)
    if not ordered:
        run_together(touch, touch)


def latch(touch: Touch, ordered: bool) -> None:
    done = raddle.Latch(2)

    def count() -> None:
        touch_it = ordered
        if touch_it:
            with lock:
                touch()
        done.count_down()
        if not touch_it:
            touch()

    def wait() -> None:
        done.wait()
        touch()

    lock = threading.Lock()
    run_together(count, count, wait)


def barrier(touch: Touch, ordered: bool) -> None:
    together = raddle.Barrier(2)

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


def task_done(touch: Touch, ordered: bool) -> None:
    jobs: raddle.Queue[str] = raddle.Queue()
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


def iteration(touch: Touch, ordered: bool) -> None:
    channel: raddle.Queue[str] = raddle.Queue()

    def first() -> None:
        if ordered:
            touch()
        channel.put("element")
        if not ordered:
            touch()
        channel.shutdown()

    def second() -> None:
        for _ in channel:
            touch()

    run_together(second, first)


def _made_once(make: Callable[[Callable[[], object]], Any], get: Callable[[Any], object]) -> Program:
    """The factory is before whoever gets the value."""

    def program(touch: Touch, ordered: bool) -> None:
        value = make(touch if ordered else int)
        if ordered:
            one_after_the_other(lambda: get(value), lambda: (get(value), touch()))
        else:
            one_after_the_other(lambda: (get(value), touch()), lambda: (get(value), touch()))

    return program


def thread_values(touch: Touch, ordered: bool) -> None:
    values: raddle.ThreadLocal[int] = raddle.ThreadLocal(int)

    def first() -> None:
        if ordered:
            touch()
        values.set(1)
        if not ordered:
            touch()
        leave.wait()

    def second() -> None:
        wait_until(lambda: len(values.items()) == 1)
        touch()
        leave.set()

    leave = threading.Event()
    run_together(first, second)


def sharded_counter(touch: Touch, ordered: bool) -> None:
    """Orders nothing; what does is the join."""
    served = raddle.ShardedCounter()

    def work() -> None:
        touch()
        served.increment()

    def look() -> None:
        wait_until(lambda: served.get() == 1)
        touch()

    if ordered:
        run_together(work)
        look()
    else:
        run_together(work, look)


def thread(touch: Touch, ordered: bool) -> None:
    threads = [raddle.Thread(target=touch) for _ in range(2)]
    for each in threads:
        each.start()
        if ordered:
            each.join()
    for each in threads:
        each.join()


def told(touch: Touch, ordered: bool) -> None:
    seen: list[int] = []
    path = ["channel"]

    def first() -> None:
        touch()
        if ordered:
            happens_before(path)
        seen.append(1)

    def second() -> None:
        wait_until(lambda: bool(seen))
        happens_after(path)
        touch()

    run_together(first, second)


def _queue(make: Callable[[], Any]) -> Program:
    return _handing_over(make, lambda each: each.put("element"), lambda each: each.get())


def _atomic(make: Callable[[], Any], give: Callable[[Any], object], has: Callable[[Any], bool]) -> Program:
    return _handing_over(make, give, lambda each: wait_until(lambda: has(each)))


def _add(number: Any) -> None:
    number += 1


PROGRAMS: dict[str, Program] = {
    "Lock": _with_lock(raddle.Lock),
    "Lock by methods": _by_methods(raddle.Lock),
    "RLock": _with_lock(raddle.RLock),
    "RLock by methods": _by_methods(raddle.RLock),
    "Condition as a lock": _with_lock(raddle.Condition),
    "Condition over a Lock": _by_methods(lambda: raddle.Condition(raddle.Lock())),
    "Condition over another lock": _with_lock(lambda: raddle.Condition(threading.Lock())),
    "RWLock": _with_lock(raddle.RWLock),
    "RWLock.write": _with_lock(raddle.RWLock, lambda lock: lock.write),
    "RWLock.upgradable_lock": _with_lock(raddle.RWLock, lambda lock: lock.upgradable_lock()),
    "RWLock.read": readers,
    "KeyedLock": key,
    "KeyedLock by with": guarded_key,
    "lock_all": _with_lock(
        lambda: (raddle.Lock(), raddle.RWLock()), lambda pair: raddle.lock_all(pair[0], pair[1].write)
    ),
    "Condition": condition,
    "Condition.wait_for": condition_lock_is_free,
    "Event": _handing_over(raddle.Event, lambda each: each.set(), lambda each: each.wait()),
    "Event.is_set": _atomic(raddle.Event, lambda each: each.set(), lambda each: each.is_set()),
    "Semaphore": _handing_over(
        lambda: raddle.Semaphore(0), lambda each: each.release(), lambda each: each.acquire()
    ),
    "permits": permits(raddle.Semaphore),
    "Latch": latch,
    "Barrier": barrier,
    "Queue": _queue(raddle.Queue),
    "LifoQueue": _queue(raddle.LifoQueue),
    "PriorityQueue": _queue(raddle.PriorityQueue),
    "SimpleQueue": _queue(raddle.SimpleQueue),
    "put_many": _handing_over(
        raddle.Queue, lambda each: each.put_many(["element"]), lambda each: each.get_many(3)
    ),
    "put_many of an iterator": _handing_over(
        raddle.Queue, lambda each: each.put_many(iter(["element"])), lambda each: each.get()
    ),
    "queue as iterator": iteration,
    "task_done": task_done,
    "AtomicInt.set": _atomic(raddle.AtomicInt, lambda each: each.set(1), lambda each: each.get() == 1),
    "AtomicInt.increment": _atomic(
        raddle.AtomicInt, lambda each: each.increment(), lambda each: int(each) == 1
    ),
    "AtomicInt +=": _atomic(raddle.AtomicInt, _add, lambda each: each == 1),
    "AtomicBool": _atomic(raddle.AtomicBool, lambda each: each.set(True), bool),
    "AtomicFloat": _atomic(raddle.AtomicFloat, lambda each: each.set(1.0), lambda each: float(each) == 1.0),
    "AtomicRef": _atomic(raddle.AtomicRef, lambda each: each.set("x"), lambda each: each.get() == "x"),
    "Lazy": _made_once(raddle.Lazy, lambda value: value.get()),
    "once": _made_once(lambda factory: raddle.once(lambda: factory()), lambda value: value()),
    "OnceMap": _made_once(
        lambda factory: raddle.OnceMap(lambda _: factory()), lambda value: value.get("key")
    ),
    "ThreadLocal": thread_values,
    "ShardedCounter": sharded_counter,
    "Thread": thread,
    "happens_before": told,
}
