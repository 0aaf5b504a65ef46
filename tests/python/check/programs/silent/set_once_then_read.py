# expect: silent
"""State that main changes, also by read and write, only before start and after join."""

import threading


class Job:
    def __init__(self):
        self.size = 0
        self.options = {}

    def prepare(self):
        self.size += 10
        self.size = max(self.size, 3)
        if "level" not in self.options:
            self.options["level"] = [1]

    def run(self, results):
        results.append(self.size + self.options["level"][0])


job, results = Job(), []
job.prepare()
threads = [threading.Thread(target=job.run, args=(results,)) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
job.prepare()
print(results, job.size)
