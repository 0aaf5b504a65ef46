# expect: silent
"""Jobs change hands through a queue; who has a job changes it, and the owner looks after join()."""

import queue
import threading


class Job:
    def __init__(self, number):
        self.number = number
        self.state = "new"
        self.tries = 0

    def run(self):
        self.state = "running"
        self.tries += 1
        if self.tries == 1 and self.number % 3 == 0:
            raise ValueError(self.number)
        self.state = "done"


jobs = queue.Queue()


def work():
    while (job := jobs.get()) is not None:
        try:
            job.run()
        except ValueError:
            job.state = "again"
            jobs.put(job)
        jobs.task_done()
    jobs.task_done()


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
all_jobs = [Job(number) for number in range(12)]
for job in all_jobs:
    jobs.put(job)
jobs.join()
for _ in threads:
    jobs.put(None)
for thread in threads:
    thread.join()
print({job.state for job in all_jobs}, sum(job.tries for job in all_jobs))
