# expect: RD101 Report.total
"""The event is set before the work is done that it stands for."""

import threading


class Report:
    def __init__(self):
        self.total = 0
        self.loaded = threading.Event()

    def load(self):
        self.loaded.set()
        self.total += 40

    def finish(self):
        self.loaded.wait()
        self.total += 2


report = Report()
threads = [threading.Thread(target=report.finish), threading.Thread(target=report.load)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(report.total >= 2)
