# expect: silent
"""A plain flag stops a loop: nothing is lost by a plain store that a plain read sees sooner or later."""

import threading
import time


class Worker:
    def __init__(self):
        self.running = True
        self.rounds = 0

    def run(self):
        while self.running:
            self.rounds += 1
            time.sleep(0.001)

    def stop(self):
        self.running = False


worker = Worker()
thread = threading.Thread(target=worker.run)
thread.start()
time.sleep(0.01)
worker.stop()
thread.join()
print(worker.rounds > 0)
