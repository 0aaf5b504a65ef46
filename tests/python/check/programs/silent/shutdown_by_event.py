# expect: silent
"""A worker that runs until an event is set; what it counted is read after the join."""

import threading
import time


class Service:
    def __init__(self):
        self.stopping = threading.Event()
        self.beats = 0
        self.closed = False
        self.thread = threading.Thread(target=self.run)

    def start(self):
        self.thread.start()

    def run(self):
        while not self.stopping.wait(0.005):
            self.beats += 1
        self.close()

    def close(self):
        if not self.closed:
            self.closed = True

    def stop(self):
        self.stopping.set()
        self.thread.join()
        self.close()
        return self.beats


service = Service()
service.start()
time.sleep(0.03)
print(service.stop() > 0, service.closed)
