# expect: silent
"""An event after the work, waited for before it goes on."""

import threading


class Report:
    def __init__(self):
        self.total = 0
        self.loaded = threading.Event()

    def load(self):
        self.total += 40
        self.loaded.set()

    def finish(self):
        self.loaded.wait()
        self.total += 2


report = Report()
threads = [threading.Thread(target=report.finish), threading.Thread(target=report.load)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(report.total)
