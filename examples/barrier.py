"""Barrier and Latch: threads that set out together and go step by step; one that waits for them all."""

import threading

from raddle import AtomicInt, Barrier, Latch

THREADS, STEPS = 4, 100
arrived = Latch(THREADS)
sum_of_step = AtomicInt()
sums: list[int] = []


def next_step() -> None:
    """Called by the last thread of each step, while the others wait."""
    sums.append(sum_of_step.get_and_set(0))


barrier = Barrier(THREADS, action=next_step)


def work(number: int) -> None:
    for step in range(STEPS):
        sum_of_step.increment(number * step)
        barrier.wait()
    arrived.count_down()


for number in range(THREADS):
    threading.Thread(target=work, args=(number,)).start()
arrived.wait()
assert sums == [step * (0 + 1 + 2 + 3) for step in range(STEPS)]
print(f"{len(sums)} steps of {THREADS} threads")
