# expect: RD105 Worker.limit
"""The thread finds no limit yet and takes another one: it looked before the field was there."""

import threading
import time


class Worker:
    def __init__(self):
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        time.sleep(0.03)
        self.limit = 5

    def run(self):
        print(getattr(self, "limit", 10))


worker = Worker()
worker.thread.join()
