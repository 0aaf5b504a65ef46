# expect: RD101 Job.state
"""Two workers look whether a job is new and then claim it; who has it may give it back."""

import threading
import time


class Job:
    def __init__(self):
        self.state = "new"
        self.workers = []


job = Job()


def work(name, delay):
    time.sleep(delay)
    if job.state == "new":
        job.state = "taken"
        job.workers.append(name)
        if len(job.workers) < 2:
            job.state = "new"


threads = [threading.Thread(target=work, args=pair) for pair in (("a", 0), ("b", 0.02))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(job.state)
