"""PriorityQueue: what is urgent first, and what is equally urgent in the order in which it came."""

import threading
from dataclasses import dataclass, field
from itertools import count

from raddle import PriorityQueue

number = count()


@dataclass(order=True)
class Job:
    urgency: int  # the least comes first
    number: int = field(default_factory=lambda: next(number))
    name: str = field(default="", compare=False)


jobs: PriorityQueue[Job] = PriorityQueue()
done: list[str] = []


def work() -> None:
    for job in jobs:
        done.append(job.name)


jobs.put(Job(3, name="sweep"))
jobs.put(Job(1, name="put the fire out"))
jobs.put(Job(2, name="wind yarn"))
jobs.put(Job(2, name="dye yarn"))
worker = threading.Thread(target=work)
worker.start()
jobs.shutdown()
worker.join()

assert done == ["put the fire out", "wind yarn", "dye yarn", "sweep"]
print(*done, sep="\n")

# A comparison that fails leaves everything as it was.
try:
    jobs = PriorityQueue()
    jobs.put(Job(1))
    jobs.put("no job")  # type: ignore[arg-type]
except TypeError:
    assert jobs.qsize() == 1
