# expect: silent
"""Work stealing: the owner pops on one side, thieves on the other, by trying."""

import threading
from collections import deque


class Task:
    def __init__(self, size):
        self.size = size
        self.runs = 0


tasks = deque(Task(size) for size in range(30))
everything = list(tasks)


def run(take):
    while True:
        try:
            task = take()
        except IndexError:
            return
        task.runs += 1
        if task.size > 20 and task.runs == 1:
            tasks.append(task)


threads = [threading.Thread(target=run, args=(take,)) for take in (tasks.pop, tasks.popleft, tasks.popleft)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(task.runs for task in everything))
