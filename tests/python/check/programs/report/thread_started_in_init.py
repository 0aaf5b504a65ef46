# expect: RD105 Poller.interval
"""__init__ starts the thread before the object has all its fields."""

import threading
import time


class Poller:
    def __init__(self, interval):
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        self.interval = interval

    def run(self):
        time.sleep(0.03)
        print(self.interval)


poller = Poller(0.5)
poller.thread.join()
