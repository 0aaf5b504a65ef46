# expect: silent
"""Per element also where the order is another one."""

import queue
import threading


class Task:
    def __init__(self, rank):
        self.rank = rank
        self.steps = 0

    def __lt__(self, other):
        return self.rank < other.rank


stack, heap = queue.LifoQueue(), queue.PriorityQueue()


def produce():
    for rank in range(10):
        task = Task(-rank)
        task.steps += 1
        stack.put(task)


def sort():
    for _ in range(10):
        task = stack.get()
        task.steps += 1
        heap.put(task)


def consume(done):
    for _ in range(10):
        task = heap.get()
        task.steps += 1
        done.append(task)


done = []
threads = [
    threading.Thread(target=consume, args=(done,)),
    threading.Thread(target=sort),
    threading.Thread(target=produce),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(task.steps for task in done))
