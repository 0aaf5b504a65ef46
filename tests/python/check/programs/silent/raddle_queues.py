# expect: silent
"""raddle's Queue, SimpleQueue and LifoQueue: an object belongs to the one who has got it."""

import raddle

first, second, third = raddle.Queue(4), raddle.SimpleQueue(), raddle.LifoQueue()


def move(source, target):
    while (item := source.get()) is not None:
        item["steps"] += 1
        target.put(item)
    target.put(None)


def produce():
    for _ in range(20):
        first.put({"steps": 0})
    first.put_many([{"steps": 0}, {"steps": 0}])
    first.put(None)


threads = [
    raddle.Thread(target=move, args=(first, second)),
    raddle.Thread(target=move, args=(second, third)),
    raddle.Thread(target=produce),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
items = [third.get() for _ in range(23)]
for item in items[1:]:
    item["steps"] += 1
print(sum(item["steps"] for item in items[1:]))
