# expect: RD101 Report.total
"""The second step waits some time instead of for the event that the first one sets."""

import threading
import time


class Report:
    def __init__(self):
        self.total = 0
        self.loaded = threading.Event()

    def load(self):
        self.total = self.total + 40
        self.loaded.set()

    def finish(self):
        time.sleep(0.02)
        self.total = self.total + 2


report = Report()
threads = [threading.Thread(target=report.load), threading.Thread(target=report.finish)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(report.total)
