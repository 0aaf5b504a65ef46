"""pin(): what a shared object's reference count costs, measured on your machine."""

import threading
import time

from raddle import AtomicInt, pin

CALLS = 200_000


def nanoseconds_per_call(counter: AtomicInt, threads: int) -> float:
    barrier = threading.Barrier(threads + 1)

    def read() -> None:
        barrier.wait()
        for _ in range(CALLS):
            counter.get()
        barrier.wait()

    workers = [threading.Thread(target=read) for _ in range(threads)]
    for worker in workers:
        worker.start()
    barrier.wait()
    begin = time.perf_counter()
    barrier.wait()
    elapsed = time.perf_counter() - begin
    for worker in workers:
        worker.join()
    return elapsed / CALLS * 1e9


plain = AtomicInt()
pinned = pin(AtomicInt())  # in the thread that creates it, before others use it
assert pin(pinned) is pinned, "pinning twice is allowed"

for threads in (1, 2):
    print(
        f"get() by {threads} thread{'s' if threads > 1 else ''}: "
        f"plain {nanoseconds_per_call(plain, threads):4.0f} ns, "
        f"pinned {nanoseconds_per_call(pinned, threads):4.0f} ns"
    )
