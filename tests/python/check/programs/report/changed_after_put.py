# expect: RD101 Job.tries
"""The producer goes on changing what it has put into the queue."""

import queue
import threading
import time


class Job:
    def __init__(self):
        self.tries = 0


jobs = queue.Queue()


def consume():
    job = jobs.get()
    time.sleep(0.02)
    job.tries += 1
    print(job.tries)


consumer = threading.Thread(target=consume)
consumer.start()
job = Job()
jobs.put(job)
job.tries += 1
consumer.join()
