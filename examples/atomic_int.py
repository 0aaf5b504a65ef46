"""AtomicInt: count from several threads, hand out tickets, keep a maximum."""

import threading

from raddle import AtomicInt, pin

hits = pin(AtomicInt())  # pinned by its creator: threads do not contend for its reference count
tickets = AtomicInt()
largest = AtomicInt()
taken: list[int] = []


def work(size: int) -> None:
    for _ in range(10_000):
        hits.increment()
    largest.max(size)
    taken.append(tickets.get_and_increment())


threads = [threading.Thread(target=work, args=(size,)) for size in (3, 9, 5, 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

assert hits == 40_000
assert largest == 9
assert sorted(taken) == [0, 1, 2, 3], "every ticket was handed out once"

# Exact by default: what does not fit into 64 bits is refused and changes nothing.
full = AtomicInt(2**63 - 1)
try:
    full.increment()
except OverflowError as error:
    print(f"refused: {error}")
assert full == 2**63 - 1

# update() for everything else; the function may run more than once.
print("doubled:", hits.update(lambda value: value * 2))
