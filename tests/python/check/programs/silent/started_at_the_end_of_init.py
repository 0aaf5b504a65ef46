# expect: silent
"""__init__ starts the thread when everything is there."""

import threading


class Poller:
    def __init__(self, interval):
        self.interval = interval
        self.rounds = 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stopped.wait(self.interval):
            self.rounds += 1

    def stop(self):
        self.stopped.set()
        self.thread.join()
        self.rounds += 1


poller = Poller(0.002)
poller.stop()
print(poller.rounds > 0)
