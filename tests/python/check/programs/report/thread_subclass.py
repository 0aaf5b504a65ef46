# expect: RD101 Worker.finished
"""Threads that count themselves in a class attribute when they end."""

import threading
import time


class Worker(threading.Thread):
    finished = 0

    def __init__(self, delay):
        super().__init__()
        self.delay = delay

    def run(self):
        time.sleep(self.delay)
        Worker.finished = Worker.finished + 1


workers = [Worker(0), Worker(0.02)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(Worker.finished)
