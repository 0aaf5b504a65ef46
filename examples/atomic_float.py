"""AtomicFloat: a running total and a running maximum of measurements."""

import threading

from raddle import AtomicFloat

total = AtomicFloat()
longest = AtomicFloat(float("-inf"))


def record(durations: list[float]) -> None:
    for seconds in durations:
        total.increment(seconds)
        longest.max(seconds)


threads = [threading.Thread(target=record, args=([0.25, 0.5, number / 8],)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

assert total == 3.75
assert longest == 0.5
print(f"{total.get()} s in all, {longest.get()} s the longest")
