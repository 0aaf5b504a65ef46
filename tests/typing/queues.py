"""What a strict type checker must know of the queues. Checked by `./dev lint`, never run."""

from typing import assert_type

import raddle.queue
from raddle import DeadlockError, LifoQueue, PriorityQueue, Queue, RaddleError, ShutDown, SimpleQueue, pin


class Jobs(Queue[str]):
    name: str


jobs = pin(Queue[int](maxsize=3))
assert_type(jobs, Queue[int])
jobs.put(1)
jobs.put(item=1, block=False, timeout=1.5)
jobs.put_nowait(1)
assert_type(jobs.get(), int)
assert_type(jobs.get(True, timeout=None), int)
assert_type(jobs.get_nowait(), int)
assert_type(jobs.put_many(range(3), timeout=2), int)
assert_type(jobs.get_many(3, block=False), list[int])
assert_type(jobs.drain(), list[int])
assert_type(jobs.qsize(), int)
assert_type(jobs.empty(), bool)
assert_type(jobs.full(), bool)
assert_type(jobs.is_shutdown, bool)
assert_type(jobs.unfinished_tasks, int)
assert_type([job for job in jobs], list[int])  # noqa: C416
jobs.maxsize = jobs.maxsize + 1
jobs.task_done()
jobs.join()
jobs.shutdown(immediate=True)

queues: list[Queue[str]] = [Queue(), LifoQueue(5), PriorityQueue(maxsize=5), Jobs()]
log: SimpleQueue[bytes] = SimpleQueue()
log.put(b"", False)
assert_type(log.get(timeout=0.5), bytes)
assert_type(pin(Jobs()), Jobs)
unbounded: Queue[object] = Queue(float("inf"))
errors: list[type[Exception]] = [raddle.queue.Empty, raddle.queue.Full, raddle.queue.ShutDown, ShutDown]
mine: type[RaddleError] = DeadlockError
also_mine: type[RuntimeError] = DeadlockError
same: type[raddle.queue.Queue[int]] = Queue[int]

jobs.put("x")  # type: ignore[arg-type]
jobs.get_many("3")  # type: ignore[arg-type]
jobs.unfinished_tasks = 0  # type: ignore[misc]
SimpleQueue(3)  # type: ignore[call-arg]
log.full()  # type: ignore[attr-defined]
for _ in log:  # type: ignore[attr-defined]
    break
