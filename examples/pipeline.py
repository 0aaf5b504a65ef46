"""Queue: stages that hand batches on, the slowest of which sets the pace."""

import threading
from collections import Counter

from raddle import AtomicInt, Queue, ShutDown

SPLITTERS = 3

lines: Queue[str] = Queue(maxsize=200)
words: Queue[str] = Queue(maxsize=200)
splitters_left = AtomicInt(SPLITTERS)
counted: Counter[str] = Counter()


def split() -> None:
    for line in lines:
        words.put_many(line.split())
    if splitters_left.decrement() == 0:  # the last splitter: no more words will come
        words.shutdown()


def count() -> None:
    while True:
        try:
            batch = words.get_many(50)  # waits for one word, then takes what is there
        except ShutDown:
            return
        counted.update(batch)


threads = [threading.Thread(target=split) for _ in range(SPLITTERS)] + [threading.Thread(target=count)]
for thread in threads:
    thread.start()
assert lines.put_many(["over the warp", "under the warp"] * 500) == 1000  # how many went in
lines.shutdown()
for thread in threads:
    thread.join()

assert counted == {"the": 1000, "warp": 1000, "over": 500, "under": 500}
print(counted.most_common())
