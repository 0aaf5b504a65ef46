# expect: silent
"""An object through a queue belongs to the one who has got it."""

import queue
import threading


class Job:
    def __init__(self, number):
        self.number = number
        self.result = None


jobs, results = queue.Queue(), queue.Queue()


def work():
    while (job := jobs.get()) is not None:
        job.number += 1
        job.result = job.number**2
        results.put(job)


workers = [threading.Thread(target=work) for _ in range(2)]
for worker in workers:
    worker.start()
for number in range(20):
    jobs.put(Job(number))
for _ in workers:
    jobs.put(None)
total = 0
for _ in range(20):
    job = results.get()
    job.number -= 1
    total += job.number + job.result
for worker in workers:
    worker.join()
print(total)
