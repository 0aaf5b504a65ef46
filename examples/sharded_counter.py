"""ShardedCounter: a hot counter, read and reset while threads add to it."""

import threading

from raddle import ShardedCounter, pin

served = pin(ShardedCounter())


def serve() -> None:
    for _ in range(50_000):
        served.increment()


threads = [threading.Thread(target=serve) for _ in range(4)]
for thread in threads:
    thread.start()

reported = 0
while any(thread.is_alive() for thread in threads):
    reported += served.reset()  # each addition is in exactly one result
reported += served.reset()

for thread in threads:
    thread.join()
reported += served.reset()

assert reported == 200_000
assert served.get() == 0
print("served", reported)
