# expect: silent
"""raddle's PriorityQueue, its shutdown and its iteration."""

import raddle

jobs = raddle.PriorityQueue()
results = raddle.Queue()


def work():
    for _rank, box in jobs:
        box.append(1)
        results.put(box)


threads = [raddle.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for rank in range(20):
    box = [rank]
    box.append(0)
    jobs.put((-rank, box))
jobs.shutdown()
for thread in threads:
    thread.join()
boxes = results.drain()
for box in boxes:
    box[0] += 1
print(sum(sum(box) for box in boxes))
